#include "proto/type_commands.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "codec/type.hpp"

#include <algorithm>
#include <array>

namespace wac::type
{

namespace
{

struct Word {
    std::string_view cmd_code;
    std::string_view command; // the terminal's name for it; empty: none
    std::string_view form;
    std::string_view summary;
};

// clang-format off
constexpr std::array kWords{
    Word{"open_door", "unlock", R"({"door": 1})", "opens the door: unlock"},
    Word{"lock_door", "lock",   R"({"door": 1})", "locks the door: lock"},
    Word{"reboot",    "reboot", {},               "restarts the terminal"},
    Word{"get_user",      {}, {}, {}}, Word{"set_user",      {}, {}, {}},
    Word{"delete_user",   {}, {}, {}}, Word{"rename_user",   {}, {}, {}},
    Word{"set_privilege", {}, {}, {}}, Word{"list_users",    {}, {}, {}},
    Word{"enroll_user",   {}, {}, {}}, Word{"clear_users",   {}, {}, {}},
    Word{"get_logs",      {}, {}, {}}, Word{"clear_logs",    {}, {}, {}},
    Word{"get_status",    {}, {}, {}}, Word{"get_info",      {}, {}, {}},
    Word{"set_info",      {}, {}, {}}, Word{"get_time",      {}, {}, {}},
    Word{"set_time",      {}, {}, {}}, Word{"set_name",      {}, {}, {}},
    Word{"reset",         {}, {}, {}}, Word{"set_server",    {}, {}, {}},
};
// clang-format on

constexpr std::array<std::string_view, 14> kUrgent{
    "open_door",       "lock_door",   "reboot",       "reset",    "enroll_user",
    "unlock",          "lock",        "opendoor",     "lockctrl", "adduser",
    "set_door_status", "lockcontrol", "remoteenroll", "reset_fk"};

const Word *find_word(std::string_view cmd_code) noexcept
{
    const auto *const at = std::find_if(
        kWords.begin(), kWords.end(),
        [cmd_code](const Word &word) { return word.cmd_code == cmd_code; });
    return at == kWords.end() ? nullptr : at;
}

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

/** What the terminal calls it. */
Result<std::string_view> command_of(std::string_view cmd_code, bool native)
{
    const Word *word = native ? nullptr : find_word(cmd_code);
    if (word && word->command.empty()) {
        return refuse(std::string(cmd_code) +
                      ": the type dialect has no such command; --native sends "
                      "it to a terminal that understands it by this name");
    }
    if (word) {
        return word->command;
    }
    if (!valid_name(cmd_code)) {
        return refuse("a command code is 1 to 128 printable characters");
    }
    return cmd_code;
}

} // namespace

Result<void> check_command(std::string_view cmd_code, const json_t *,
                           std::size_t bins, bool native)
{
    const auto command = command_of(cmd_code, native);
    if (!command) {
        return tl::make_unexpected(command.error());
    }
    if (bins > 0) {
        return refuse("a command of the type dialect carries no binaries: its "
                      "parameters are all there is");
    }
    return {};
}

bool is_destructive(std::string_view cmd_code) noexcept
{
    return equals_ignoring_case(cmd_code.substr(0, 6), "clear_") ||
           equals_ignoring_case(cmd_code, "set_server");
}

bool is_urgent(std::string_view cmd_code, const json_t *) noexcept
{
    return std::any_of(kUrgent.begin(), kUrgent.end(),
                       [cmd_code](std::string_view name) {
                           return equals_ignoring_case(name, cmd_code);
                       });
}

std::string loss_by(std::string_view cmd_code)
{
    return equals_ignoring_case(cmd_code, "set_server")
               ? "makes the terminal leave this server for another"
               : "deletes what cannot be brought back";
}

std::vector<CommandInfo> command_reference()
{
    std::vector<CommandInfo> reference;
    for (const Word &word : kWords) {
        if (!word.command.empty()) {
            reference.push_back(
                {word.cmd_code, word.form, word.summary, true, false});
        }
    }
    reference.push_back({"unlock", "{}", "opens the door", false, false});
    reference.push_back({"lock", "{}", "locks the door", false, false});
    return reference;
}

Result<CommandRun> CommandRun::begin(const ClaimedCommand &command,
                                     std::string_view device_id)
{
    const auto name = command_of(command.cmd_code, command.native);
    if (!name) {
        return tl::make_unexpected(name.error());
    }
    if (!command.cmd_bin.empty()) {
        return refuse("a command of the type dialect carries no binaries");
    }
    std::string payload = "{}";
    if (!command.cmd_param.empty()) {
        const auto param = cloud::read_json(as_bytes(command.cmd_param));
        if (!param) {
            return refuse("the parameters: " + param.error().text);
        }
        payload = cloud::write_json(param->get());
    }
    CommandRun run;
    run.trans_id_ = command.trans_id;
    run.cmd_code_ = command.cmd_code;
    run.frame_ = type::command(*name, payload, device_id, command.request_id);
    return run;
}

std::optional<CommandEnd> CommandRun::sent()
{
    return CommandEnd();
}

} // namespace wac::type
