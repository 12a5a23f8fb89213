// How the command line reads commands and shows them: one with everything
// about it, or lists. Secrets stay off the screen; --json has them.
#pragma once

#include "command_line.hpp"
#include "table.hpp"

namespace wac::ctl
{

struct CommandFilter {
    std::string sn;
    std::string cmd_code;
    std::vector<std::string> statuses;
    long long limit = 50;
};

enum class Binaries {
    sizes, // cmd_bin_sizes and result_bin_sizes
    hex,   // and cmd_bin and result_bin, arrays of hexadecimal digits
};

/** The command's row, with ages in seconds and the parts of an answer that is
 *  still arriving. The error is "no command TRANS_ID". */
Result<Rows> find_command(Database &database, const std::string &trans_id,
                          Binaries binaries);

Error no_command(const std::string &trans_id);

Result<Outcome> list_commands(Database &database, const CommandFilter &filter,
                              bool json);

/** With `bin_dir`, also saves result_bin there as BIN_1, BIN_2, …, none of
 *  which may exist. */
Result<Outcome> show_command(Database &database, const std::string &trans_id,
                             const std::string &bin_dir, bool json);

/** What came of a command that ended: the lines of show_command() that tell
 *  it, and the result's JSON. */
void print_command_result(const Rows &command);

/** "12 parts, 1.2 MB"; "" without parts. */
std::string parts_text(const Rows &command, int row);

/** Why a command that ended is not succeeded: "no answer in time". */
std::string failure_text(const Rows &command);

} // namespace wac::ctl
