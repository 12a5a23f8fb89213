// A libpq connection string taken apart: the servers it names, in order, and
// the parameters common to all of them. Checking it needs no server and no
// name lookup, so `nginx -t` can refuse a bad one.
#pragma once

#include "base/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace wac::db
{

/** One server: as the operator named it. */
struct Server {
    std::string host; // a name, an address, or a socket directory
    std::string hostaddr;
    std::string port;

    /** Whether `host` is a name that only a lookup can turn into an
     *  address. */
    bool needs_lookup() const;

    /** For the log: "host:port". */
    std::string text() const;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Conninfo {
    std::vector<Server> servers;             // at least one
    Parameters parameters;                   // all but host, hostaddr and port
    std::uint64_t connect_timeout_ms = 5000; // per server
};

/** Reads a connection string or URI. The error names the fault, never the
 *  string: it may hold a password. Adds what an event loop and a durable
 *  writer need and the operator did not say: keepalives, no GSS, and with
 *  several servers target_session_attrs=read-write. */
Result<Conninfo> parse_conninfo(const std::string &text);

/** libpq parameters for one server. `address` replaces its name where a
 *  lookup was needed; "" otherwise. */
Parameters parameters_for(const Conninfo &conninfo, const Server &server,
                          const std::string &address);

} // namespace wac::db
