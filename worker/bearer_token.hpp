// The token that a request carries: of a dashboard, a program, or a terminal
// whose firmware cannot say it in its messages.
#pragma once

#include <string>
#include <string_view>

namespace wac::worker
{

/** From the values of "Authorization: Bearer …" and of the query's "token"; ""
 *  if there is neither. The header counts first. */
std::string bearer_token(std::string_view authorization,
                         std::string_view query_token);

} // namespace wac::worker
