// A command given to a terminal that is played by hand: frames out, answers
// in.
#pragma once

#include "checks.hpp"

#include "proto/cloud_commands.hpp"

#include <stdexcept>

namespace wac::test
{

struct Given {
    std::string_view cmd_code;
    std::string_view cmd_param = "";
    std::vector<std::string> bins = {};
    bool native = false;
    cloud::Profile profile = cloud::Profile::th;
    bool always_string = false;
    std::string progress = {};
};

inline Result<cloud::CommandRun> try_run_of(const Given &given)
{
    ClaimedCommand command;
    command.trans_id = "1001";
    command.cmd_code = given.cmd_code;
    command.cmd_param = given.cmd_param;
    command.cmd_bin = given.bins;
    command.native = given.native;
    command.device_now = {2026, 9, 29, 20, 0, 0};
    command.progress = given.progress;
    return cloud::CommandRun::begin(command, given.profile,
                                    given.always_string);
}

inline cloud::CommandRun run_of(const Given &given)
{
    auto run = try_run_of(given);
    if (!run) {
        throw std::runtime_error(std::string(given.cmd_code) + ": " +
                                 run.error().text);
    }
    return std::move(*run);
}

inline cloud::Message message_of(std::string_view json)
{
    auto message = cloud::decode_message(as_bytes(json));
    if (!message) {
        throw std::runtime_error(message.error().text);
    }
    return std::move(*message);
}

/** What take() says of an answer, which must be one. */
inline CommandProgress answer(cloud::CommandRun &run, std::string_view json)
{
    const auto message = message_of(json);
    if (!run.answered_by(message)) {
        throw std::runtime_error("no answer to " + run.frame() + ": " +
                                 std::string(json));
    }
    return run.take(message);
}

/** "succeeded 0 {…}", "failed 1: why", or "goes on". */
inline std::string end_text(const std::optional<CommandEnd> &end)
{
    if (!end) {
        return "goes on";
    }
    std::string text =
        std::string(name_of(end->status)) + ' ' + end->return_code;
    text += end->failure.empty() ? "" : ": " + end->failure;
    return text + (end->result.empty() ? "" : ' ' + end->result);
}

/** All frames of a command whose terminal says yes to each, a line each. */
inline std::string frames_of(const Given &given)
{
    auto run = run_of(given);
    std::string frames;
    for (int i = 0; i < 100; ++i) {
        const std::string frame = run.frame();
        frames += (frames.empty() ? "" : "\n") + frame;
        const Json sent(json_loads(frame.c_str(), 0, nullptr));
        const std::string name(json_string(sent.get(), "cmd"));
        if (answer(run, "{\"ret\":\"" + name + "\",\"result\":true}").end) {
            break;
        }
    }
    return frames;
}

} // namespace wac::test
