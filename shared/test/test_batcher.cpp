// The batcher without a database: what goes together, who hears what when a
// batch fails, and what happens to tickets that end early.
#include "checks.hpp"
#include "fake_loop.hpp"
#include "fake_pool.hpp"

#include "db/batcher.hpp"

#include <functional>

using namespace wac;
using test::Checks;

namespace
{

// Somebody who waits for one operation.
class Waiter final : public db::OutcomeListener
{
  public:
    Waiter() : ticket(std::make_unique<db::Ticket>(*this))
    {
        Poll poll;
        poll.sn = "D1";
        operation = poll;
    }

    void on_outcome(const Result<Outcome> &outcome) noexcept override
    {
        ++answers;
        committed = outcome.has_value();
        error = outcome ? std::nullopt : std::optional(outcome.error().code);
        if (then) {
            then();
        }
    }

    Operation operation;
    std::unique_ptr<db::Ticket> ticket;
    int answers = 0;
    bool committed = false;
    std::optional<ErrorCode> error;
    std::function<void()> then;
};

struct Bench {
    explicit Bench(std::size_t sessions = 1, db::BatchLimits limits = {})
        : pool(sessions), batcher(loop, pool, limits)
    {
    }

    Result<void> submit(Waiter &waiter)
    {
        return batcher.submit(*waiter.ticket, waiter.operation);
    }

    void submit_all(std::vector<Waiter> &waiters)
    {
        for (Waiter &waiter : waiters) {
            static_cast<void>(submit(waiter));
        }
        loop.turn();
    }

    void commit()
    {
        pool.commit();
        batcher.on_capacity();
        loop.turn();
    }

    void fail(const char *sqlstate)
    {
        pool.fail(sqlstate);
        batcher.on_capacity();
        loop.turn();
    }

    test::FakeLoop loop;
    test::FakePool pool;
    db::Batcher batcher;
};

void an_idle_system_sends_at_the_end_of_the_turn(Checks &check)
{
    Bench bench;
    Waiter waiter;
    check.that(bench.submit(waiter).has_value(), "submit succeeds");
    check.equal("before the turn's end", bench.pool.dispatched, 0U);
    bench.loop.turn();
    check.equal("after it", bench.pool.dispatched, 1U);
    check.equal("before the commit", waiter.answers, 0);
    bench.commit();
    check.equal("answers", waiter.answers, 1);
    check.that(waiter.committed, "it is committed");
}

void what_arrives_meanwhile_goes_out_together(Checks &check)
{
    Bench bench;
    Waiter first;
    static_cast<void>(bench.submit(first));
    bench.loop.turn();
    std::vector<Waiter> more(30);
    bench.submit_all(more);
    check.equal("while the first runs", bench.pool.dispatched, 1U);
    bench.commit();
    check.equal("after it", bench.pool.dispatched, 2U);
    bench.commit();
    for (const Waiter &waiter : more) {
        check.equal("answers", waiter.answers, 1);
    }
}

void a_second_batch_runs_beside_a_slow_or_a_smaller_one(Checks &check)
{
    db::BatchLimits limits;
    limits.overlap_after_ms = 20;
    Bench bench(3, limits);
    std::vector<Waiter> first(4), fewer(3), more(2), late(1);
    bench.submit_all(first);
    bench.submit_all(fewer);
    check.equal("fewer wait", bench.pool.dispatched, 1U);
    bench.submit_all(more);
    check.equal("as many do not", bench.pool.dispatched, 2U);
    bench.submit_all(late);
    check.equal("one waits", bench.pool.dispatched, 2U);
    bench.loop.advance(20);
    check.equal("but not for slow ones", bench.pool.dispatched, 3U);
}

void batches_are_bounded_in_rows_and_bytes(Checks &check)
{
    db::BatchLimits limits;
    limits.rows = 4;
    limits.bytes = 3000;
    Bench bench(10, limits);
    std::vector<Waiter> waiters(9);
    Waiter heavy;
    const std::vector<unsigned char> frame(10000);
    Quarantine quarantine;
    quarantine.frame = frame;
    heavy.operation = quarantine;
    static_cast<void>(bench.submit(waiters[0]));
    static_cast<void>(bench.submit(heavy));
    bench.loop.turn();
    bench.commit();
    check.equal("the light one goes first", waiters[0].answers, 1);
    check.equal("the heavy one alone", heavy.answers, 0);
    bench.commit();
    check.equal("heavy", heavy.answers, 1);
}

/** Ends every batch that runs as a server would that refuses one row. */
void drain_with_poison(Bench &bench, std::vector<Waiter> &waiters,
                       std::size_t poison, const char *sqlstate)
{
    // the fake cannot see into a batch: the poisoned one is there as long
    // as its waiter is unanswered, and tickets keep their order
    std::size_t begin = 0;
    std::vector<std::size_t> sizes{waiters.size()};
    while (!bench.pool.running.empty()) {
        const std::size_t size = sizes.back();
        sizes.pop_back();
        const bool poisoned = poison >= begin && poison < begin + size;
        if (poisoned && size > 1) {
            sizes.push_back(size - size / 2);
            sizes.push_back(size / 2);
        } else {
            begin += size;
        }
        if (poisoned) {
            bench.fail(sqlstate);
        } else {
            bench.commit();
        }
    }
}

void a_poisoned_row_fails_its_sender_alone(Checks &check)
{
    for (const std::size_t poison : {0UL, 7UL, 36UL}) {
        Bench bench;
        std::vector<Waiter> waiters(37);
        bench.submit_all(waiters);
        drain_with_poison(bench, waiters, poison, "22P02");
        for (std::size_t i = 0; i < waiters.size(); ++i) {
            check.equal("answers", waiters[i].answers, 1);
            check.equal("committed", waiters[i].committed, i != poison);
        }
        check.that(waiters[poison].error == ErrorCode::bad_data,
                   "the poisoned one hears bad_data");
        check.that(bench.pool.dispatched <= 13, "found by halving");
    }
}

void the_kind_of_failure_decides(Checks &check)
{
    struct Row {
        const char *sqlstate;
        ErrorCode code;
        unsigned dispatched;
    };
    const Row rows[] = {
        {"22P02", ErrorCode::bad_data, 3},    // value
        {"54001", ErrorCode::bad_data, 3},    // too complex
        {"22023", ErrorCode::rejected, 3},    // zone unknown to the server
        {"23514", ErrorCode::rejected, 3},    // operator's constraint
        {"P0001", ErrorCode::rejected, 3},    // operator's trigger
        {"53100", ErrorCode::unavailable, 1}, // disk full
        {"57014", ErrorCode::unavailable, 1}, // statement timeout
        {"42703", ErrorCode::unavailable, 1}, // schema changed under us
        {"40P01", ErrorCode::unavailable, 3}, // deadlock, three attempts
    };
    for (const Row &row : rows) {
        check.about(row.sqlstate);
        Bench bench;
        std::vector<Waiter> waiters(2);
        bench.submit_all(waiters);
        while (!bench.pool.running.empty()) {
            bench.fail(row.sqlstate);
        }
        for (const Waiter &waiter : waiters) {
            check.equal("answers", waiter.answers, 1);
            check.that(waiter.error == row.code, "the code");
        }
        check.equal("dispatched", bench.pool.dispatched, row.dispatched);
    }
}

void a_deadlock_is_tried_again_and_forgotten(Checks &check)
{
    Bench bench;
    std::vector<Waiter> waiters(5);
    bench.submit_all(waiters);
    bench.fail("40P01");
    bench.commit();
    for (const Waiter &waiter : waiters) {
        check.that(waiter.committed, "committed at the second attempt");
    }
}

void a_lost_session_fails_what_it_carried(Checks &check)
{
    Bench bench;
    std::vector<Waiter> carried(3), queued(2);
    bench.submit_all(carried);
    bench.submit_all(queued);
    bench.pool.lose();
    for (const Waiter &waiter : carried) {
        check.that(waiter.error == ErrorCode::unavailable, "told so");
    }
    check.equal("the queue waits on", queued[0].answers, 0);
    bench.pool.state = db::Availability::down;
    bench.batcher.on_down();
    check.that(queued[0].error == ErrorCode::unavailable, "until it is down");
    Waiter late;
    check.that(!bench.submit(late), "then nobody is let in");
    bench.pool.state = db::Availability::up;
    check.that(bench.submit(late).has_value(), "until it is back");
}

void a_ticket_that_ends_is_not_told(Checks &check)
{
    Bench bench;
    std::vector<Waiter> waiters(4);
    bench.submit_all(waiters);
    Waiter queued;
    static_cast<void>(bench.submit(queued));
    waiters[1].ticket.reset();
    queued.ticket.reset();
    check.equal("queued", bench.batcher.queued(), 0U);
    bench.commit();
    check.equal("in flight and ended", waiters[1].answers, 0);
    check.equal("beside it", waiters[2].answers, 1);
    check.equal("never sent", bench.pool.dispatched, 1U);
}

void listeners_may_end_others_and_submit_again(Checks &check)
{
    Bench bench;
    std::vector<Waiter> waiters(3);
    waiters[0].then = [&] {
        waiters[1].ticket.reset();
        if (waiters[0].answers == 1) {
            static_cast<void>(bench.submit(waiters[0]));
        }
    };
    bench.submit_all(waiters);
    bench.commit();
    check.equal("ended by the first", waiters[1].answers, 0);
    check.equal("the third", waiters[2].answers, 1);
    bench.commit();
    check.equal("the first, twice", waiters[0].answers, 2);
    check.equal("batches", bench.pool.dispatched, 2U);
}

void a_full_queue_says_so_at_once(Checks &check)
{
    db::BatchLimits limits;
    limits.queued_rows = 2;
    Bench bench(1, limits);
    bench.pool.state = db::Availability::connecting;
    std::vector<Waiter> waiters(3);
    check.that(bench.submit(waiters[0]).has_value(), "first");
    check.that(bench.submit(waiters[1]).has_value(), "second");
    const auto third = bench.submit(waiters[2]);
    check.that(!third && third.error().code == ErrorCode::overloaded,
               "third is too many");
    waiters[0].ticket.reset();
    check.that(bench.submit(waiters[2]).has_value(), "room again");

    limits.queued_rows = 100;
    limits.queued_bytes = 1000;
    Bench narrow(1, limits);
    Waiter heavy;
    const std::vector<unsigned char> frame(2000);
    Quarantine quarantine;
    quarantine.frame = frame;
    heavy.operation = quarantine;
    check.that(!narrow.submit(heavy), "too many bytes");
}

void its_end_voids_all_tickets(Checks &check)
{
    std::vector<Waiter> waiters(4);
    auto bench = std::make_unique<Bench>();
    bench->submit_all(waiters);
    Waiter queued;
    static_cast<void>(bench->submit(queued));
    bench->batcher.abandon();
    bench->pool.lose();
    bench.reset();
    for (const Waiter &waiter : waiters) {
        check.equal("answers", waiter.answers, 0);
    }
    check.equal("queued", queued.answers, 0);
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<an_idle_system_sends_at_the_end_of_the_turn>),
        cmocka_unit_test(unit<what_arrives_meanwhile_goes_out_together>),
        cmocka_unit_test(
            unit<a_second_batch_runs_beside_a_slow_or_a_smaller_one>),
        cmocka_unit_test(unit<batches_are_bounded_in_rows_and_bytes>),
        cmocka_unit_test(unit<a_poisoned_row_fails_its_sender_alone>),
        cmocka_unit_test(unit<the_kind_of_failure_decides>),
        cmocka_unit_test(unit<a_deadlock_is_tried_again_and_forgotten>),
        cmocka_unit_test(unit<a_lost_session_fails_what_it_carried>),
        cmocka_unit_test(unit<a_ticket_that_ends_is_not_told>),
        cmocka_unit_test(unit<listeners_may_end_others_and_submit_again>),
        cmocka_unit_test(unit<a_full_queue_says_so_at_once>),
        cmocka_unit_test(unit<its_end_voids_all_tickets>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
