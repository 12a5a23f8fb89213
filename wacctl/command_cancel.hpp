// Takes commands back as far as they can be.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** Each command on its own: one that cannot be cancelled does not keep the
 *  rest from it. */
Result<Outcome> cancel_commands(Database &database,
                                const std::vector<std::string> &trans_ids,
                                bool json);

} // namespace wac::ctl
