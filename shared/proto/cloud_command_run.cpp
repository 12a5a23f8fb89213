// CommandRun: from a row of wac_commands to its way, and which messages
// answer it.
#include "proto/cloud_commands.hpp"

#include "base/text.hpp"
#include "proto/cloud_command_answer.hpp"
#include "proto/cloud_command_course.hpp"
#include "proto/cloud_command_values.hpp"

namespace wac::cloud
{

namespace
{

/** Each value that both have is the same; numbers as texts count. */
bool agree(const json_t *frame, const json_t *answer, const char *key)
{
    const json_t *asked = field(frame, key);
    const json_t *told = field(answer, key);
    const auto asked_number = integer_of(asked);
    const auto told_number = integer_of(told);
    if (asked_number && told_number) {
        return *asked_number == *told_number;
    }
    const std::string asked_text = text_of(asked);
    const std::string told_text = text_of(told);
    return asked_text.empty() || told_text.empty() ||
           equals_ignoring_case(asked_text, told_text);
}

/** Documented: getdevlock is answered as setdevlock (3.4). */
bool is_answer_name(std::string_view name, std::string_view command) noexcept
{
    return equals_ignoring_case(name, command) ||
           (equals_ignoring_case(command, "getdevlock") &&
            equals_ignoring_case(name, "setdevlock"));
}

/** Some firmware answers with "cmd" for "ret" (1.2). */
bool is_answer_in_disguise(const Message &message, std::string_view command)
{
    return equals_ignoring_case(message.name, command) &&
           (field(message.object.get(), "result") ||
            !is_terminal_message(message.name));
}

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
};

CommandRun::CommandRun(std::unique_ptr<State> state) noexcept
    : state_(std::move(state))
{
}

CommandRun::CommandRun(CommandRun &&) noexcept = default;
CommandRun &CommandRun::operator=(CommandRun &&) noexcept = default;
CommandRun::~CommandRun() = default;

Result<CommandRun> CommandRun::begin(const ClaimedCommand &command,
                                     Profile profile, bool always_string)
{
    const auto param = parameters_of(command);
    if (!param) {
        return tl::make_unexpected(param.error());
    }
    const PlanInput input{command.cmd_code, param->get(), command.cmd_bin,
                          always_string, command.device_now};
    auto plan = command.native ? plan_native(input) : plan_command(input);
    if (!plan) {
        return tl::make_unexpected(std::move(plan.error()));
    }
    auto state = std::make_unique<State>();
    state->trans_id = command.trans_id;
    state->cmd_code = command.cmd_code;
    state->way = plan->course == Course::pages
                     ? way_of_pages(std::move(*plan), profile)
                     : way_of_steps(std::move(*plan));
    const Json progress = load_json(command.progress);
    state->way->resume(progress.get());
    return CommandRun(std::move(state));
}

std::string CommandRun::frame(std::string_view sn) const
{
    const json_t *frame = state_->way->frame();
    if (sn.empty()) {
        return write_json(frame);
    }
    Json addressed(json_object());
    set_member(addressed.get(), "cmd", json_of(command_of(frame)));
    set_member(addressed.get(), "sn", json_of(sn));
    json_object_update_missing(addressed.get(), const_cast<json_t *>(frame));
    return write_json(addressed.get());
}

Patience CommandRun::patience() const noexcept
{
    return state_->way->patience();
}

bool CommandRun::restarts() const noexcept
{
    return equals_ignoring_case(command_of(state_->way->frame()), "reboot");
}

bool CommandRun::answered_by(const Message &message) const
{
    const json_t *frame = state_->way->frame();
    const std::string_view command = command_of(frame);
    const bool named = message.kind == Kind::reply
                           ? is_answer_name(message.name, command)
                           : message.kind == Kind::command &&
                                 is_answer_in_disguise(message, command);
    return named && agree(frame, message.object.get(), "enrollid") &&
           agree(frame, message.object.get(), "backupnum");
}

CommandProgress CommandRun::take(const Message &answer)
{
    return state_->way->take(answer.object.get());
}

std::optional<CommandEnd> CommandRun::give_up()
{
    return state_->way->give_up();
}

std::string CommandRun::progress() const
{
    return json_text(state_->way->progress().get());
}

const std::string &CommandRun::trans_id() const noexcept
{
    return state_->trans_id;
}

const std::string &CommandRun::cmd_code() const noexcept
{
    return state_->cmd_code;
}

} // namespace wac::cloud
