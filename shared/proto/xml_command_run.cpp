// CommandRun: from a row of wac_commands to its way.
#include "proto/xml_commands.hpp"

#include "proto/xml_command_plan.hpp"

namespace wac::xml
{

namespace
{

Result<Json> parameters_of(const ClaimedCommand &command)
{
    json_error_t error{};
    Json param = load_json(command.cmd_param, JSON_DECODE_ANY, &error);
    if (!param && !command.cmd_param.empty()) {
        return failure(ErrorCode::refused,
                       "the parameters cannot be read as JSON, at byte " +
                           std::to_string(error.position));
    }
    return param;
}

} // namespace

struct CommandRun::State {
    std::string trans_id;
    std::string cmd_code;
    std::unique_ptr<Way> way;
    unsigned refusals = 0; // of this request, by a terminal that is not ready
};

CommandRun::CommandRun(std::unique_ptr<State> state) noexcept
    : state_(std::move(state))
{
}

CommandRun::CommandRun(CommandRun &&) noexcept = default;
CommandRun &CommandRun::operator=(CommandRun &&) noexcept = default;
CommandRun::~CommandRun() = default;

Result<CommandRun> CommandRun::begin(const ClaimedCommand &command)
{
    const auto param = parameters_of(command);
    if (!param) {
        return tl::make_unexpected(param.error());
    }
    PlanInput input;
    input.cmd_code = command.cmd_code;
    input.param = param->get();
    input.bins = command.cmd_bin;
    input.device_now = command.device_now;
    auto way = command.native ? plan_native(input) : plan_command(input);
    if (!way) {
        return tl::make_unexpected(std::move(way.error()));
    }
    auto state = std::make_unique<State>();
    state->trans_id = command.trans_id;
    state->cmd_code = command.cmd_code;
    state->way = std::move(*way);
    return CommandRun(std::move(state));
}

std::string CommandRun::frame() const
{
    return encode(state_->way->request());
}

Patience CommandRun::patience() const noexcept
{
    return state_->way->patience();
}

std::string_view CommandRun::request_name() const noexcept
{
    return state_->way->request().name;
}

bool CommandRun::restarts() const noexcept
{
    const Request &request = state_->way->request();
    return request.name == "LockControl" && request.value("Mode") == "5";
}

bool CommandRun::answered_by(const Message &message) const
{
    return answers(message, state_->way->request());
}

CommandProgress CommandRun::take(const Message &answer)
{
    constexpr unsigned kMostRefusals = 3;
    if (answer.value("Result") == "Device Not Ready" &&
        state_->refusals < kMostRefusals) {
        ++state_->refusals;
        CommandProgress progress;
        progress.not_ready = true;
        return progress;
    }
    state_->refusals = 0;
    return state_->way->take(answer);
}

std::optional<CommandEnd> CommandRun::give_up()
{
    return state_->way->give_up();
}

const std::string &CommandRun::trans_id() const noexcept
{
    return state_->trans_id;
}

const std::string &CommandRun::cmd_code() const noexcept
{
    return state_->cmd_code;
}

} // namespace wac::xml
