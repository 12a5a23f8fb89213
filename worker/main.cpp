// wac-worker, the WebSocket daemon. Reads its configuration, and serves until
// it is told to end. Exit 0: ended in order, 1: wrong configuration, or it
// could not begin.
#include "codec/xml.hpp"
#include "config.hpp"
#include "daemon.hpp"
#include "daemon_log.hpp"
#include "db/conninfo.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

namespace
{

using namespace wac;
using namespace wac::worker;

void report(const std::string &text)
{
    std::fprintf(stderr, "wac-worker: %s\n", text.c_str());
}

int guarded_main(std::vector<std::string> arguments)
{
    const auto line = read_command_line(std::move(arguments));
    if (!line) {
        report(line.error().text);
        return 1;
    }
    if (!line->answer.empty()) {
        std::fputs(line->answer.c_str(), stdout);
        return std::fflush(stdout) == 0 ? 0 : 1;
    }
    if (line->check) {
        report("the configuration is good");
        return 0;
    }
    std::signal(SIGPIPE, SIG_IGN);
    xml::set_up_library();
    DaemonLog log(line->config.log_level);
    const auto conninfo = db::parse_conninfo(line->config.database);
    Daemon daemon(line->config, log, conninfo.value());
    const auto served = daemon.run();
    if (!served) {
        log.write(LogLevel::error, served.error().text);
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return guarded_main({argv + 1, argv + argc});
    } catch (const std::exception &error) { // exhaustion, broken invariants
        report(std::string("gave up: ") + error.what());
        return 1;
    }
}
