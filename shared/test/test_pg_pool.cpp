// The pool against servers that are none: nobody listens, they hang up, they
// hang. Which state it is in, how often it logs, and when it tries again.
// (What it does with a real server is shown in t/.)
#include "checks.hpp"
#include "fake_loop.hpp"

#include "db/pg_pool.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace wac;
using db::Availability;
using test::Checks;

namespace
{

class Lines final : public Log
{
  public:
    void write(LogLevel level, std::string_view line) noexcept override
    {
        if (level != LogLevel::debug) {
            all.emplace_back(line);
        }
    }
    std::vector<std::string> all;
};

class Listener final : public db::PoolListener
{
  public:
    void on_capacity() noexcept override { ++capacities; }
    void on_down() noexcept override { ++downs; }
    int capacities = 0;
    int downs = 0;
};

// A port of ours: closed, or listening without ever accepting.
class Port
{
  public:
    explicit Port(bool listening) : fd_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *const raw = reinterpret_cast<sockaddr *>(&address);
        ::bind(fd_, raw, size);
        ::getsockname(fd_, raw, &size);
        number = std::to_string(ntohs(address.sin_port));
        if (listening) {
            ::listen(fd_, 16);
        }
    }
    ~Port() { ::close(fd_); }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;

    /** Accepts one connection and closes it. */
    void hang_up() const { ::close(::accept(fd_, nullptr, nullptr)); }

    std::string number;

  private:
    int fd_;
};

struct Bench {
    explicit Bench(const std::string &conninfo)
        : pool(loop, log, *db::parse_conninfo(conninfo), limits(), listener)
    {
        pool.start();
    }

    static db::PoolLimits limits()
    {
        db::PoolLimits limits;
        limits.sessions = 1;
        limits.first_backoff_ms = 100;
        limits.longest_backoff_ms = 400;
        return limits;
    }

    /** Runs descriptors and attempts, but no back-off, until `done`. */
    bool run_until(const std::function<bool()> &done)
    {
        for (int i = 0; i < 100 && !done(); ++i) {
            loop.advance(0);
            if (!done() && loop.next_timer_ms() != 0) {
                loop.poll_until(
                    [&] { return done() || loop.next_timer_ms() == 0; });
            }
        }
        return done();
    }

    test::FakeLoop loop;
    Lines log;
    Listener listener;
    db::PgPool pool;
};

void nobody_listening_is_down_and_said_once(Checks &check)
{
    const Port port(false);
    Bench bench("host=127.0.0.1 connect_timeout=2 port=" + port.number);
    check.that(bench.pool.availability() == Availability::connecting,
               "at first it connects");
    check.that(bench.run_until([&] { return bench.listener.downs == 1; }),
               "then it is down");
    check.that(bench.pool.availability() == Availability::down, "it says so");
    check.equal("log lines", bench.log.all.size(), 1U);
    for (const int wanted_ms : {100, 200, 400, 400}) {
        check.equal("back-off", bench.loop.next_timer_ms(), wanted_ms);
        const int downs = bench.listener.downs;
        bench.loop.advance(static_cast<std::uint64_t>(wanted_ms));
        check.that(
            bench.run_until([&] { return bench.listener.downs > downs; }),
            "another round fails");
    }
    check.equal("still one line", bench.log.all.size(), 1U);
}

void a_server_that_hangs_is_given_up_for_the_next(Checks &check)
{
    const Port hanging(true), closed(false);
    Bench bench("host=127.0.0.1,127.0.0.1 connect_timeout=2 port=" +
                hanging.number + "," + closed.number);
    bench.loop.poll_until([&] { return bench.loop.next_timer_ms() != 2000; });
    check.equal("no word yet", bench.listener.downs, 0);
    bench.loop.advance(1999);
    check.equal("nor until its time is over", bench.listener.downs, 0);
    bench.loop.advance(1);
    check.that(bench.run_until([&] { return bench.listener.downs == 1; }),
               "then both were tried");
    check.that(bench.log.all[0].find(closed.number) != std::string::npos,
               "the line names the last server");
}

void a_server_that_hangs_up_is_down(Checks &check)
{
    const Port port(true);
    Bench bench("host=127.0.0.1 connect_timeout=2 port=" + port.number);
    port.hang_up();
    check.that(bench.run_until([&] { return bench.listener.downs == 1; }),
               "it is down");
    check.that(bench.pool.availability() == Availability::down, "it says so");
}

void a_name_that_means_nothing_is_down(Checks &check)
{
    Bench bench("host=no-such-host.invalid connect_timeout=2");
    check.equal("the lookup is under way", bench.listener.downs, 0);
    for (int i = 0; i < 1000 && bench.listener.downs == 0; ++i) {
        ::usleep(5000); // glibc looks up on a thread of its own
        bench.loop.advance(10);
    }
    check.equal("downs", bench.listener.downs, 1);
    check.equal("log lines", bench.log.all.size(), 1U);
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<nobody_listening_is_down_and_said_once>),
        cmocka_unit_test(unit<a_server_that_hangs_is_given_up_for_the_next>),
        cmocka_unit_test(unit<a_server_that_hangs_up_is_down>),
        cmocka_unit_test(unit<a_name_that_means_nothing_is_down>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
