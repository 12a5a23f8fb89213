// What an FK terminal can be told to do (fk-http.md section 6): the sixteen
// commands of the vendor's text, the further ones that field firmware knows,
// and the words of the common vocabulary (DESIGN section 6), which become one
// of these. One table says for each what its parameters are; whoever queues a
// command checks it here, whoever hands it to a terminal encodes it here.
#pragma once

#include "base/error.hpp"
#include "base/wall_time.hpp"
#include "codec/json.hpp"
#include "proto/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wac::fk
{

/** How a command goes over the wire. */
struct WireCommand {
    std::string cmd_code; // empty for a restart
    std::string body;     // framed; empty without parameters
    bool restart = false; // response_code RESET_FK; no result follows
};

/** Whether the command can be queued for an FK terminal, its parameters being
 *  a JSON object or null and `bins` the number of binaries that come with it.
 *  Refused: the reason, then the right form, as one text of one or more
 *  lines: "user_id is missing\nform: {\"user_id\": \"12\"}". */
Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native);

/** The command as the terminal gets it. A set_time or SET_TIME without a time
 *  gets `device_now`, the terminal's wall clock at this moment. Fails as
 *  check_command does; what that let pass encodes. */
Result<WireCommand> encode_command(const ClaimedCommand &command);

/** clear_*, set_server, firmware and their native names: asked for twice. */
bool is_destructive(std::string_view cmd_code) noexcept;

/** Door, reboot and enrol commands: given out once, within 120 seconds. The
 *  database's trigger wac_command_limits enforces it. */
bool is_urgent(std::string_view cmd_code, const json_t *cmd_param) noexcept;

/** The FK name of a command: itself, or what its common word becomes; empty
 *  if FK has no such command. GET_ENROLL_DATA for get_user with a backupnum.
 *  Decides how the command's result is read. */
std::string_view fk_name_of(std::string_view cmd_code,
                            const json_t *cmd_param) noexcept;

/** All of them, in the order of the reference. */
std::vector<CommandInfo> command_reference();

} // namespace wac::fk
