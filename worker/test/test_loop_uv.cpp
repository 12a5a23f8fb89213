// The libuv loop keeps the contract of db::EventLoop, on real descriptors.
#include "checks.hpp"

#include "descriptor.hpp"
#include "loop_uv.hpp"

#include <csignal>
#include <fcntl.h>
#include <functional>
#include <sys/socket.h>
#include <unistd.h>

using namespace wac;
using namespace wac::worker;
using test::Checks;

namespace
{

struct Pair {
    Pair()
    {
        int fds[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0) {
            ours = Descriptor(fds[0]);
            theirs = Descriptor(fds[1]);
        }
    }
    Descriptor ours, theirs;
};

struct Readiness final : db::ReadinessListener {
    void on_ready(bool readable, bool writable) noexcept override
    {
        ++calls;
        last_readable = readable;
        last_writable = writable;
        if (then) {
            then();
        }
    }
    int calls = 0;
    bool last_readable = false;
    bool last_writable = false;
    std::function<void()> then;
};

struct Wake final : db::WakeListener {
    void on_wake() noexcept override
    {
        ++calls;
        if (then) {
            then();
        }
    }
    int calls = 0;
    std::function<void()> then;
};

/** One turn that does not wait. */
void turn(LoopUv &loop)
{
    uv_run(loop.get(), UV_RUN_NOWAIT);
}

void a_watch_is_level_triggered(Checks &checks)
{
    LoopUv loop;
    const Pair pair;
    Readiness ready;
    auto watch = loop.watch(pair.ours.get(), ready).value();
    turn(loop);
    checks.equal("nothing wanted", ready.calls, 0);

    watch->want(db::Interest::read);
    watch->want(db::Interest::read);
    turn(loop);
    checks.equal("nothing to read", ready.calls, 0);
    checks.equal("sent", write(pair.theirs.get(), "x", 1), 1);
    turn(loop);
    turn(loop);
    checks.equal("until it is read", ready.calls, 2);
    checks.that(ready.last_readable && !ready.last_writable, "readable");

    watch->want(db::Interest::both);
    turn(loop);
    checks.that(ready.last_readable && ready.last_writable, "both");
    watch->want(db::Interest::write);
    turn(loop);
    checks.that(!ready.last_readable && ready.last_writable, "writable");
    watch->want(db::Interest::none);
    watch->want(db::Interest::none);
    turn(loop);
    checks.equal("no more", ready.calls, 4);
    watch->want(db::Interest::read);
    turn(loop);
    checks.equal("again", ready.calls, 5);
}

void a_watch_dies_in_its_own_callback(Checks &checks)
{
    LoopUv loop;
    const Pair pair;
    Readiness ready;
    auto watch = loop.watch(pair.ours.get(), ready).value();
    ready.then = [&] { watch.reset(); };
    watch->want(db::Interest::write);
    turn(loop);
    turn(loop);
    checks.equal("called once", ready.calls, 1);
}

void an_error_is_both_and_stays(Checks &checks)
{
    LoopUv loop;
    int ends[2];
    checks.equal("pipe", pipe2(ends, O_NONBLOCK), 0);
    const Descriptor writing(ends[1]);
    close(ends[0]); // EPOLLERR on the other
    Readiness ready;
    auto watch = loop.watch(writing.get(), ready).value();
    watch->want(db::Interest::read);
    turn(loop);
    checks.that(ready.last_readable && ready.last_writable, "both");
    turn(loop);
    checks.equal("as long as it is wanted", ready.calls, 2);
    watch->want(db::Interest::none);
    turn(loop);
    checks.equal("and no longer", ready.calls, 2);
}

// libpq closes its socket by itself; the number is soon somebody else's.
void a_closed_number_is_left_alone(Checks &checks)
{
    LoopUv loop;
    Readiness old_ready, new_ready;
    auto pair = std::make_unique<Pair>();
    const int number = pair->ours.get();
    auto old_watch = loop.watch(number, old_ready).value();
    old_watch->want(db::Interest::read);
    turn(loop);
    pair->ours.reset();
    old_watch->descriptor_closed();

    const Pair next;
    Descriptor same(dup2(next.ours.get(), number));
    auto new_watch = loop.watch(number, new_ready).value();
    new_watch->want(db::Interest::read);
    turn(loop);
    old_watch->want(db::Interest::none);
    old_watch.reset();
    turn(loop);
    checks.equal("sent", write(next.theirs.get(), "x", 1), 1);
    turn(loop);
    checks.equal("old", old_ready.calls, 0);
    checks.equal("new", new_ready.calls, 1);
}

void what_cannot_be_watched_is_refused(Checks &checks)
{
    LoopUv loop;
    Readiness ready;
    checks.that(!loop.watch(9999, ready), "no descriptor");
}

void timers(Checks &checks)
{
    LoopUv loop;
    Wake wake, never;
    auto timer = loop.timer(wake, db::TimerKind::work);
    auto idle = loop.timer(never, db::TimerKind::idle);
    timer->disarm();
    timer->arm(100000);
    timer->arm(1);
    idle->arm(100000);
    uv_run(loop.get(), UV_RUN_DEFAULT); // does not wait for the idle one
    checks.equal("fired", wake.calls, 1);
    checks.equal("idle", never.calls, 0);

    timer->arm(1);
    timer->disarm();
    uv_run(loop.get(), UV_RUN_DEFAULT);
    checks.equal("disarmed", wake.calls, 1);

    wake.then = [&] { timer.reset(); };
    timer->arm(1);
    uv_run(loop.get(), UV_RUN_DEFAULT);
    checks.equal("died in its callback", wake.calls, 2);
}

void a_deferral_runs_once_after_the_events(Checks &checks)
{
    LoopUv loop;
    const Pair first, second;
    Readiness first_ready, second_ready;
    Wake wake;
    auto deferral = loop.deferral(wake);
    int seen = 0;
    const auto on_event = [&] {
        ++seen;
        deferral->post();
    };
    first_ready.then = on_event;
    second_ready.then = on_event;
    int seen_before = 0;
    wake.then = [&] { seen_before = seen; };
    auto first_watch = loop.watch(first.ours.get(), first_ready).value();
    auto second_watch = loop.watch(second.ours.get(), second_ready).value();
    first_watch->want(db::Interest::write);
    second_watch->want(db::Interest::write);
    turn(loop);
    checks.equal("both events first", seen_before, 2);
    checks.equal("once", wake.calls, 1);
}

void a_deferral_does_not_wait_and_posts_again(Checks &checks)
{
    LoopUv loop;
    Wake wake, late;
    auto timer = loop.timer(late, db::TimerKind::work);
    timer->arm(60000);
    auto deferral = loop.deferral(wake);
    wake.then = [&] {
        if (wake.calls < 3) {
            deferral->post();
        }
    };
    deferral->post();
    loop.run_once();
    checks.equal("first turn", wake.calls, 1);
    loop.run_once();
    loop.run_once();
    checks.equal("one a turn", wake.calls, 3);
    checks.equal("without waiting", late.calls, 0);
}

void a_deferral_is_taken_back(Checks &checks)
{
    LoopUv loop;
    Wake first, second, third;
    auto one = loop.deferral(first);
    auto two = loop.deferral(second);
    auto three = loop.deferral(third);
    first.then = [&] {
        one.reset();
        two.reset();
    };
    one->post();
    two->post();
    three->post();
    three.reset();
    turn(loop);
    turn(loop);
    checks.equal("first", first.calls, 1);
    checks.equal("destroyed by the first", second.calls, 0);
    checks.equal("destroyed before", third.calls, 0);
}

void signals(Checks &checks)
{
    LoopUv loop;
    Wake wake;
    const auto handle = loop.signal(SIGUSR1, wake);
    raise(SIGUSR1);
    while (wake.calls == 0) {
        loop.run_once();
    }
    checks.equal("told", wake.calls, 1);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<a_watch_is_level_triggered>),
        cmocka_unit_test(test::unit<a_watch_dies_in_its_own_callback>),
        cmocka_unit_test(test::unit<an_error_is_both_and_stays>),
        cmocka_unit_test(test::unit<a_closed_number_is_left_alone>),
        cmocka_unit_test(test::unit<what_cannot_be_watched_is_refused>),
        cmocka_unit_test(test::unit<timers>),
        cmocka_unit_test(test::unit<a_deferral_runs_once_after_the_events>),
        cmocka_unit_test(test::unit<a_deferral_does_not_wait_and_posts_again>),
        cmocka_unit_test(test::unit<a_deferral_is_taken_back>),
        cmocka_unit_test(test::unit<signals>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
