// An answer as strictly as a terminal reads it.
#pragma once

#include "codec/fk.hpp"

namespace wac::sim
{

/** What fk::decode_reply() refuses, and a command without a task id under the
 *  one name that this terminal knows. The reply's response_code is a view
 *  into `http`. */
Result<fk::Reply> read_reply(const std::string &http, fk::TaskIdHeader header);

} // namespace wac::sim
