// Messages that wait: their order, whose turn it is, and when the peer is held.
#include "checks.hpp"
#include "type_connection.hpp"

#include "flow/inbox.hpp"

#include <functional>

using namespace wac;
using test::Checks;
using test::FakePeer;

namespace
{

bool always()
{
    return true;
}

void they_are_taken_in_order(Checks &checks)
{
    FakePeer peer;
    Inbox<std::string> inbox(peer);
    std::string taken;
    int turns = 2;
    const auto take = [&](std::string message) {
        taken += message;
        --turns;
    };
    for (const char *message : {"a", "b", "c"}) {
        inbox.add(message, 1);
    }
    checks.that(inbox.work([&] { return turns > 0; }, take), "it works");
    checks.equal("two turns", taken, "ab");
    checks.that(!inbox.empty(), "one is left");
    inbox.add("d", 1);
    checks.that(inbox.work(always, take), "it works again");
    checks.equal("the rest", taken, "abcd");
    checks.that(inbox.empty(), "nothing is left");
}

// What comes while one is taken does not go before those that wait.
void it_is_worked_once_at_a_time(Checks &checks)
{
    FakePeer peer;
    Inbox<std::string> inbox(peer);
    std::string taken;
    bool nested = false;
    std::function<void(std::string)> take = [&](std::string message) {
        taken += message;
        if (message == "a") {
            inbox.add("c", 1);
            nested = inbox.work(always, take);
        }
    };
    inbox.add("a", 1);
    inbox.add("b", 1);
    inbox.work(always, take);
    checks.that(!nested, "not from inside");
    checks.equal("all", taken, "abc");
}

/** How many of those that wait have to be taken until it is read again. */
int taken_until_read(Inbox<int> &inbox, const FakePeer &peer)
{
    int taken = 0;
    while (peer.held && !inbox.empty()) {
        bool turn = true;
        inbox.work([&] { return turn; },
                   [&](int) {
                       turn = false;
                       ++taken;
                   });
    }
    return taken;
}

void a_peer_that_sends_much_is_held(Checks &checks)
{
    FakePeer peer;
    Inbox<int> many(peer);
    for (int n = 0; n < 15; ++n) {
        many.add(n, 1);
    }
    checks.that(!peer.held, "fifteen");
    many.add(15, 1);
    checks.that(peer.held, "sixteen");
    checks.equal("of sixteen", taken_until_read(many, peer), 9);

    Inbox<int> large(peer);
    large.add(0, 3 << 20);
    checks.that(!peer.held, "3 MB");
    large.add(1, 1 << 20);
    checks.that(peer.held, "4 MB");
    checks.equal("of two", taken_until_read(large, peer), 1);
}

void what_is_left_can_be_had(Checks &checks)
{
    FakePeer peer;
    Inbox<std::string> inbox(peer);
    inbox.add("a", 1);
    inbox.add("b", 1);
    const auto all = inbox.take_all();
    checks.equal("all", all.size(), 2U);
    checks.equal("the first", all.front(), "a");
    checks.that(inbox.empty(), "nothing is left");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<they_are_taken_in_order>),
        cmocka_unit_test(unit<it_is_worked_once_at_a_time>),
        cmocka_unit_test(unit<a_peer_that_sends_much_is_held>),
        cmocka_unit_test(unit<what_is_left_can_be_had>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
