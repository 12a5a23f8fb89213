// Where terminals call: the address to connect to, and what a request says
// of it. Names are looked up here, once, before anything runs.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace wac::sim
{

struct Endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;
    std::string host;   // with its port, as the HOST header says it
    std::string target; // of the request line
};

/** From "http://host[:port][/path]", or with another scheme; the host may be
 *  a name, for which IPv4 goes first, as terminals have nothing else. */
Result<Endpoint> find_endpoint(std::string_view url,
                               std::string_view scheme = "http://");

/** From "unix:/socket[:/path]", as nginx writes it; without a path the target
 *  is empty. */
Result<Endpoint> unix_endpoint(std::string_view url);

/** From an address in digits, as SET_WEB_SERVER_INFO gives it: nothing is
 *  looked up. */
Result<Endpoint> numeric_endpoint(const std::string &address,
                                  std::uint16_t port,
                                  const std::string &target);

} // namespace wac::sim
