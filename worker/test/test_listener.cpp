// The listening socket's file and who may have it, and the accept loop; in a
// directory of the test's own.
#include "checks.hpp"

#include "listener.hpp"
#include "loop_uv.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

using namespace wac;
using namespace wac::worker;
using test::Checks;

namespace
{

class Directory
{
  public:
    Directory()
    {
        char name[] = "/tmp/wac-listener-XXXXXX";
        path_ = mkdtemp(name);
    }
    ~Directory() { std::filesystem::remove_all(path_); }

    std::string operator/(const char *name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

Descriptor connected(const std::string &path)
{
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int status =
        connect(socket.get(), reinterpret_cast<const sockaddr *>(&address),
                sizeof address);
    return status == 0 ? std::move(socket) : Descriptor();
}

SocketOptions at(const std::string &path)
{
    SocketOptions options;
    options.path = path;
    return options;
}

std::string fault(const SocketOptions &options)
{
    const auto made = ListeningSocket::make(options);
    return made ? "" : made.error().text;
}

bool contains(const std::string &text, const char *part)
{
    return text.find(part) != text.npos;
}

void mode_and_file(Checks &checks)
{
    const Directory directory;
    SocketOptions options = at(directory / "s");
    options.mode = 0606;
    {
        const auto made = ListeningSocket::make(options);
        checks.that(made.has_value(), "made");
        struct stat found {
        };
        stat(options.path.c_str(), &found);
        checks.equal("mode", found.st_mode & 0777, 0606U);
        checks.that(static_cast<bool>(connected(options.path)), "listens");
    }
    checks.that(!std::filesystem::exists(options.path), "removed");
    checks.that(fault(options).empty(), "and made again");
}

void the_group(Checks &checks)
{
    const Directory directory;
    SocketOptions options = at(directory / "s");
    options.group = "no-such-group";
    checks.that(contains(fault(options), "no-such-group"), "unknown group");
    checks.that(!std::filesystem::exists(options.path), "nothing left");
    options.group = getgrgid(getgid())->gr_name;
    const auto made = ListeningSocket::make(options);
    struct stat found {
    };
    stat(options.path.c_str(), &found);
    checks.equal("group", found.st_gid, getgid());
}

void a_stale_file_is_replaced(Checks &checks)
{
    const Directory directory;
    const SocketOptions options = at(directory / "s");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, options.path.data(), options.path.size());
    {
        const Descriptor dead(socket(AF_UNIX, SOCK_STREAM, 0));
        bind(dead.get(), reinterpret_cast<const sockaddr *>(&address),
             sizeof address);
    }
    checks.that(std::filesystem::exists(options.path), "it is there");
    const auto made = ListeningSocket::make(options);
    checks.that(made && connected(options.path), "replaced");
}

void others_are_left_alone(Checks &checks)
{
    const Directory directory;
    const SocketOptions options = at(directory / "s");
    auto first = ListeningSocket::make(options);
    checks.that(contains(fault(options), "another wac-worker"), "second one");
    checks.that(static_cast<bool>(connected(options.path)), "first serves on");

    // a program that knows nothing of the lock
    std::filesystem::remove(options.path + ".lock");
    checks.that(contains(fault(options), "another program"), "other program");

    const SocketOptions file = at(directory / "file");
    std::ofstream(file.path) << "text";
    checks.that(contains(fault(file), "is no socket"), "a file");
    checks.that(std::filesystem::exists(file.path), "is kept");
}

void what_is_not_ours_is_not_removed(Checks &checks)
{
    const Directory directory;
    const SocketOptions options = at(directory / "s");
    auto made = ListeningSocket::make(options);
    std::filesystem::remove(options.path);
    std::ofstream(options.path) << "somebody else's";
    made->close();
    checks.that(std::filesystem::exists(options.path), "kept");
}

void impossible_paths(Checks &checks)
{
    const Directory directory;
    checks.that(contains(fault(at("relative")), "absolute"), "relative");
    checks.that(contains(fault(at("/" + std::string(120, 'x'))), "too long"),
                "long");
    checks.that(contains(fault(at(directory / "none/s")), "No such file"),
                "no directory");
}

struct Taker final : ConnectionTaker {
    void on_connection(int fd) noexcept override { taken.emplace_back(fd); }
    std::vector<Descriptor> taken;
};

struct Lines final : Log {
    void write(LogLevel, std::string_view line) noexcept override
    {
        lines.emplace_back(line);
    }
    std::vector<std::string> lines;
};

void connections_are_handed_on(Checks &checks)
{
    const Directory directory;
    const SocketOptions options = at(directory / "s");
    LoopUv loop;
    Lines log;
    Taker taker;
    Listener listener(loop, log, taker);
    checks.that(
        listener.start(std::move(*ListeningSocket::make(options))).has_value(),
        "started");
    std::vector<Descriptor> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(connected(options.path));
    }
    while (taker.taken.size() < 100) {
        loop.run_once();
    }
    checks.equal("taken", taker.taken.size(), 100U);
    listener.stop();
    checks.that(!connected(options.path), "no more");
    checks.that(!std::filesystem::exists(options.path), "no file");
}

void without_descriptors_it_pauses(Checks &checks)
{
    const Directory directory;
    const SocketOptions options = at(directory / "s");
    LoopUv loop;
    Lines log;
    Taker taker;
    Listener listener(loop, log, taker);
    checks.that(
        listener.start(std::move(*ListeningSocket::make(options))).has_value(),
        "started");
    const Descriptor client = connected(options.path);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    uv_run(loop.get(), UV_RUN_NOWAIT);
    uv_run(loop.get(), UV_RUN_NOWAIT);
    setrlimit(RLIMIT_NOFILE, &before);
    checks.equal("refused", taker.taken.size(), 0U);
    checks.equal("said once", log.lines.size(), 1U);
    // an idle timer resumes: the loop has to have a reason to wait for it
    uv_timer_t reason;
    uv_timer_init(loop.get(), &reason);
    uv_timer_start(
        &reason, [](uv_timer_t *) {}, 10, 10);
    while (taker.taken.empty()) {
        loop.run_once();
    }
    uv_close(reinterpret_cast<uv_handle_t *>(&reason), nullptr);
    uv_run(loop.get(), UV_RUN_NOWAIT);
    checks.equal("taken later", taker.taken.size(), 1U);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<mode_and_file>),
        cmocka_unit_test(test::unit<the_group>),
        cmocka_unit_test(test::unit<a_stale_file_is_replaced>),
        cmocka_unit_test(test::unit<others_are_left_alone>),
        cmocka_unit_test(test::unit<what_is_not_ours_is_not_removed>),
        cmocka_unit_test(test::unit<impossible_paths>),
        cmocka_unit_test(test::unit<connections_are_handed_on>),
        cmocka_unit_test(test::unit<without_descriptors_it_pauses>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
