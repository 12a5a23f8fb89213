// What the operator says: flags, and a file of "key = value" lines whose keys
// are the long flags. A flag overrules the file. Nothing is opened or
// connected to here but the file.
#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "connection.hpp"
#include "flow/session.hpp"
#include "listening_socket.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wac::worker
{

struct Config {
    std::string database;
    SocketOptions socket;
    SessionOptions session;
    ConnectionLimits limits;
    std::size_t max_connections = 20000;
    std::uint64_t drain_timeout_ms = 10000;
    LogLevel log_level = LogLevel::notice;
};

struct CommandLine {
    Config config;
    bool check = false; // look at the configuration, and no more
    std::string answer; // of --help and --version: to be printed
};

/** Reads the arguments, without the program's name, and the file that they
 *  name; checks all values. The error never shows the connection string. */
Result<CommandLine> read_command_line(std::vector<std::string> arguments);

} // namespace wac::worker
