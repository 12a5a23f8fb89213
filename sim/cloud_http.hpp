// A terminal's frames as HTTP requests, and the reading of the answers as a
// simple HTTP client in firmware does it (cloud-json.md 5.1).
#pragma once

#include "base/error.hpp"
#include "endpoint.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wac::sim
{

/** `headers` are whole lines without their ends. */
std::string cloud_request(const Endpoint &to, std::string_view body,
                          const std::vector<std::string> &headers);

/** The body of a whole reply: 200, with Content-Length, not chunked and not
 *  compressed. */
Result<std::string> cloud_reply_body(std::string_view http);

} // namespace wac::sim
