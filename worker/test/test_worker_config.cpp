// Flags and file: what is taken, what is refused and with which words.
#include "checks.hpp"

#include "config.hpp"
#include "config_file.hpp"
#include "peer_address.hpp"

#include "base/duration.hpp"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

using namespace wac;
using namespace wac::worker;
using test::Checks;

namespace
{

const std::string kDatabase = "--database=host=/run dbname=wac";

std::string fault(std::vector<std::string> arguments)
{
    arguments.push_back(kDatabase);
    const auto line = read_command_line(std::move(arguments));
    return line ? "" : line.error().text;
}

class File
{
  public:
    explicit File(const std::string &text)
    {
        char name[] = "/tmp/wac-config-XXXXXX";
        const int fd = mkstemp(name);
        path_ = name;
        close(fd);
        std::ofstream(path_) << text;
    }
    ~File() { unlink(path_.c_str()); }
    const std::string &path() const { return path_; }

  private:
    std::string path_;
};

bool contains(const std::string &text, const std::string &part)
{
    return text.find(part) != text.npos;
}

void defaults(Checks &checks)
{
    const auto line = read_command_line({kDatabase});
    checks.that(line.has_value(), "read");
    const Config &config = line->config;
    checks.equal("listen", config.socket.path, "/run/wac/worker.sock");
    checks.equal("mode", config.socket.mode, 0660U);
    checks.that(config.session.policy == Enrolment::approve, "enrolment");
    checks.equal("timeout", config.session.timeout_ms, 5000U);
    checks.equal("command", config.session.command_timeout_ms, 20000U);
    checks.equal("message", config.limits.message_bytes, 8U << 20);
    checks.equal("connections", config.max_connections, 20000U);
    checks.equal("register", config.limits.register_timeout_ms, 30000U);
    checks.equal("idle", config.limits.idle_limit_ms, 0U);
    checks.equal("ping", config.limits.ping_interval_ms, 60000U);
    checks.equal("drain", config.drain_timeout_ms, 10000U);
    checks.that(config.log_level == LogLevel::notice, "log level");
    checks.that(!line->check, "serves");
}

void all_flags(Checks &checks)
{
    const auto line = read_command_line(
        {kDatabase, "--listen=/tmp/x.sock", "--socket-mode", "0600",
         "--socket-group=root", "--enrolment", "open", "--time-zone=Asia/Tokyo",
         "--timeout=250ms", "--command-timeout=1m", "--max-message=64k",
         "--max-connections=7", "--register-timeout=2s", "--idle-limit=1h",
         "--ping=0", "--drain-timeout=0", "--log-level=debug", "-t"});
    if (!line) {
        checks.fail(line.error().text);
        return;
    }
    const Config &config = line->config;
    checks.equal("listen", config.socket.path, "/tmp/x.sock");
    checks.equal("mode", config.socket.mode, 0600U);
    checks.equal("group", config.socket.group, "root");
    checks.that(config.session.policy == Enrolment::open, "enrolment");
    checks.equal("zone", config.session.zone, "Asia/Tokyo");
    checks.equal("timeout", config.session.timeout_ms, 250U);
    checks.equal("command", config.session.command_timeout_ms, 60000U);
    checks.equal("message", config.limits.message_bytes, 65536U);
    checks.equal("connections", config.max_connections, 7U);
    checks.equal("register", config.limits.register_timeout_ms, 2000U);
    checks.equal("idle", config.limits.idle_limit_ms, 3600000U);
    checks.equal("ping", config.limits.ping_interval_ms, 0U);
    checks.equal("drain", config.drain_timeout_ms, 0U);
    checks.that(config.log_level == LogLevel::debug, "log level");
    checks.that(line->check, "only checks");
}

void bad_values(Checks &checks)
{
    struct Case {
        const char *argument;
        const char *said;
    };
    const Case cases[] = {
        {"--listen=worker.sock", "absolute"},
        {"--socket-mode=rw", "rw"},
        {"--socket-mode=07777", "07777"},
        {"--socket-group=no-such-group", "no-such-group"},
        {"--enrolment=maybe", "maybe"},
        {"--time-zone=Mars/Base", "Mars/Base"},
        {"--time-zone=../../etc/passwd", "no time zone"},
        {"--timeout=soon", "soon"},
        {"--timeout=0", "too short"},
        {"--command-timeout=-1s", "-1s"},
        {"--max-message=8g", "8g"},
        {"--max-message=1", "is not a size"},
        {"--max-message=99999999999999999999", "is not a size"},
        {"--max-connections=0", "1000000"},
        {"--ping=31d", "31d"},
        {"--log-level=loud", "loud"},
        {"--no-such-option", "no-such-option"},
        {"stray", "stray"},
    };
    for (const Case &each : cases) {
        checks.about(each.argument);
        const std::string text = fault({each.argument});
        checks.that(contains(text, each.said), "said: " + text);
    }
}

void databases(Checks &checks)
{
    unsetenv("WAC_DATABASE_URL");
    checks.that(!read_command_line({}), "none");
    setenv("WAC_DATABASE_URL", "host=/run dbname=other", 1);
    checks.equal("variable", read_command_line({})->config.database,
                 "host=/run dbname=other");
    checks.equal("flag first", read_command_line({kDatabase})->config.database,
                 "host=/run dbname=wac");
    setenv("WAC_DATABASE_URL", "nonsense secret", 1);
    const auto line = read_command_line({});
    checks.that(!line && contains(line.error().text, "WAC_DATABASE_URL") &&
                    !contains(line.error().text, "secret"),
                "bad variable");
    unsetenv("WAC_DATABASE_URL");

    for (const char *argument : {"--database=password=secret nonsense",
                                 "postgresql://user:secret@host/wac"}) {
        const auto bad = read_command_line({argument});
        checks.that(!bad && !contains(bad.error().text, "secret"), argument);
    }
}

void file(Checks &checks)
{
    const File config("# a comment\n"
                      "\n"
                      "database = \"host=/run application_name='from file'\"\n"
                      "  enrolment=closed  \r\n"
                      "timeout = 3s\n"
                      "time-zone = Europe/Lisbon");
    const auto line =
        read_command_line({"--config", config.path(), "--timeout=4s"});
    if (!line) {
        checks.fail(line.error().text);
        return;
    }
    checks.equal("quoted", line->config.database,
                 "host=/run application_name='from file'");
    checks.that(line->config.session.policy == Enrolment::closed, "blanks");
    checks.equal("the flag wins", line->config.session.timeout_ms, 4000U);
    checks.equal("last line", line->config.session.zone, "Europe/Lisbon");
}

void bad_files(Checks &checks)
{
    struct Case {
        const char *text;
        const char *said;
    };
    const Case cases[] = {
        {"timeout = 3s\n\ntimout = 3s", ":3: unknown key \"timout\""},
        {"timeout = soon", ":1: "},
        {"timeout 3s", ":1: this is no"},
        {"= 3s", ":1: this is no"},
        {"timeout = 3s\ntimeout = 4s", ":2: \"timeout\" is duplicate"},
        {"config = /etc/other", "unknown key \"config\""},
        {"check = true", "unknown key \"check\""},
        {"help = true", "unknown key \"help\""},
        {"[worker]", ":1: this is no"},
        {"database = password=secret nonsense", ":1: "},
    };
    for (const Case &each : cases) {
        checks.about(each.text);
        const File config(each.text);
        const std::string text = fault({"--config=" + config.path()});
        checks.that(contains(text, config.path() + each.said) ||
                        contains(text, each.said),
                    "said: " + text);
        checks.that(!contains(text, "secret"), "kept the password");
    }
    checks.that(contains(fault({"--config=/no/such/file"}), "No such file"),
                "no file");
    checks.that(!fault({"--config=/tmp"}).empty(), "a directory");
}

void help_and_version(Checks &checks)
{
    const auto help = read_command_line({"--help"});
    checks.that(help && contains(help->answer, "--register-timeout"), "help");
    const auto version = read_command_line({"--version"});
    checks.that(version && contains(version->answer, "wac-worker "), "version");
}

void durations(Checks &checks)
{
    using std::chrono::milliseconds;
    checks.that(parse_duration("0") == milliseconds(0), "0");
    checks.that(parse_duration("500ms") == milliseconds(500), "ms");
    checks.that(parse_duration("30") == milliseconds(30000), "no unit");
    checks.that(parse_duration("2h") == milliseconds(7200000), "h");
    checks.that(parse_duration("30d") == milliseconds(2592000000), "d");
    for (const char *text : {"", "s", "-1", "1.5s", "1 s", "721h", "31d", "1w",
                             "99999999999999999999"}) {
        checks.that(!parse_duration(text), text);
    }
}

void addresses(Checks &checks)
{
    checks.equal("real", peer_address("10.0.0.1", "10.0.0.2"), "10.0.0.1");
    checks.equal("forwarded", peer_address("", "1.1.1.1, 10.0.0.2"),
                 "10.0.0.2");
    checks.equal("v6", peer_address(" 2001:db8::1 ", ""), "2001:db8::1");
    checks.equal("unix", peer_address("unix:", "unix:"), "");
    checks.equal("junk", peer_address("10.0.0.1\nx", "a,"), "");
    checks.equal("none", peer_address("", ""), "");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<defaults>),
        cmocka_unit_test(test::unit<all_flags>),
        cmocka_unit_test(test::unit<bad_values>),
        cmocka_unit_test(test::unit<databases>),
        cmocka_unit_test(test::unit<file>),
        cmocka_unit_test(test::unit<bad_files>),
        cmocka_unit_test(test::unit<help_and_version>),
        cmocka_unit_test(test::unit<durations>),
        cmocka_unit_test(test::unit<addresses>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
