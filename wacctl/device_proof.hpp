// What a terminal proves itself with: its token, and the processor number
// that it first registered with. Each function tells the operator what it
// did, as text or as JSON.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** Makes a new token, stores its hash and prints it: nothing can do so again.
 *  The former one is worth nothing any more. Refused for a terminal of the
 *  dialect xml, which gets its token when it registers. */
Result<Outcome> make_token(Database &database, const std::string &sn,
                           bool json);

/** The device has none from now on; one of the dialect type then cannot
 *  register. */
Result<Outcome> clear_token(Database &database, const std::string &sn,
                            bool json);

/** Forgets the token and the processor number, so that another terminal may
 *  take the device's place. */
Result<Outcome> reset_device(Database &database, const std::string &sn,
                             bool json);

} // namespace wac::ctl
