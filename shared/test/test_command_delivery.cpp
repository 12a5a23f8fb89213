// Commands on their way to one connected terminal: what is sent when, and what
// becomes of one that has to wait, in every way in which that can end. The
// queue, the terminal and its dialect are the test's.
#include "checks.hpp"
#include "dashboard_bench.hpp"

#include "flow/command_delivery.hpp"

#include <deque>

using namespace wac;
using test::Checks;
using test::DashboardBench;
using test::Execution;
using test::PgRow;
using test::PgValue;

namespace
{

class Talk final : public CommandTalk
{
  public:
    Talk(std::string trans_id, std::string cmd_code)
        : trans_id_(std::move(trans_id)), cmd_code_(std::move(cmd_code))
    {
    }
    std::string frame() const override { return cmd_code_ + trans_id_; }
    Patience patience() const noexcept override { return Patience::answer; }
    bool restarts() const noexcept override { return false; }
    std::optional<CommandEnd> give_up() override { return std::nullopt; }
    const std::string &trans_id() const noexcept override { return trans_id_; }
    const std::string &cmd_code() const noexcept override { return cmd_code_; }

  private:
    std::string trans_id_;
    std::string cmd_code_;
};

struct Owner final : DeliveryOwner {
    DeliveryTarget target() const override { return {"D1", 1}; }
    Result<std::unique_ptr<CommandTalk>>
    begin(const ClaimedCommand &command) override
    {
        return std::make_unique<Talk>(command.trans_id, command.cmd_code);
    }
    bool quiet() const noexcept override { return true; }
    void send_frame(std::string frame) override { say(frame); }
    std::uint64_t wait_ms(const CommandTalk &talk) const override
    {
        return talk.cmd_code() == waits_for ? wait : 0;
    }
    void on_silence(const CommandTalk &talk) override
    {
        say("silence:" + talk.frame());
    }
    void on_not_approved() noexcept override {}
    void on_delivery_note(LogLevel, const std::string &) noexcept override {}
    void on_delivery_rest() noexcept override {}

    void say(const std::string &word)
    {
        said += (said.empty() ? "" : " ") + word;
    }

    std::string said; // since the last look
    std::string waits_for;
    std::uint64_t wait = 0;
};

struct Queued {
    std::string trans_id;
    std::string cmd_code; // "door" goes before all others
};

struct DeliveryBench : DashboardBench {
    DeliveryBench()
    {
        others = [this](const Execution &asked) { return answer(asked); };
        options.command_timeout_ms = 20000;
    }

    std::vector<PgRow> answer(const Execution &asked)
    {
        if (asked.name == "wac_next") {
            return {claim()};
        }
        if (asked.name == "wac_release") {
            const bool was_sent = asked.text(2) == "\1";
            owner.say((was_sent ? "back:" : "unsent:") + asked.text(1));
            queue.push_front(given);
            return {{"approved"}};
        }
        if (asked.name == "wac_end") {
            owner.say("end:" + asked.text(1));
            return {{"approved", "succeeded", std::string(1, '\0')}};
        }
        return DashboardBench::answer(asked);
    }

    PgRow claim()
    {
        PgRow row(10);
        row[0] = "approved";
        auto next =
            std::find_if(queue.begin(), queue.end(), [](const Queued &one) {
                return one.cmd_code == "door";
            });
        next = next == queue.end() ? queue.begin() : next;
        if (next != queue.end()) {
            given = *next;
            queue.erase(next);
            row[1] = given.trans_id;
            row[2] = given.cmd_code;
        }
        row[5] = row[8] = std::string(1, '\0');
        row[6] = test::binary<std::int64_t>(0);
        return row;
    }

    void add(std::string trans_id, std::string cmd_code)
    {
        queue.push_back({std::move(trans_id), std::move(cmd_code)});
        wake();
    }

    void wake()
    {
        delivery.wake();
        settle();
    }

    void answered(CommandProgress progress)
    {
        delivery.answered(std::move(progress));
        settle();
    }

    /** Since the last look. */
    std::string said() { return std::exchange(owner.said, {}); }

    std::deque<Queued> queue;
    Queued given;
    Owner owner;
    CommandDelivery delivery{owner, context, Protocol::xml};
};

CommandProgress done()
{
    CommandProgress progress;
    progress.end.emplace();
    return progress;
}

/** One that has to wait, and is back in the queue for it. */
void postpone(DeliveryBench &bench)
{
    bench.owner.waits_for = "get";
    bench.owner.wait = 30000;
    bench.add("1", "get");
}

void silence_gives_it_back(Checks &check)
{
    DeliveryBench bench;
    bench.add("1", "get");
    check.equal("sent", bench.said(), "get1");
    bench.pass(19999);
    check.equal("it has its time", bench.said(), "");
    bench.pass(1);
    check.equal("and again", bench.said(), "silence:get1 back:1 get1");
}

void one_that_waits_is_in_the_queue(Checks &check)
{
    DeliveryBench bench;
    postpone(bench);
    check.equal("back", bench.said(), "unsent:1");
    check.that(bench.delivery.idle(), "others may speak");
    bench.pass(29999);
    check.equal("not yet", bench.said(), "");
    bench.owner.wait = 0;
    bench.pass(1);
    check.equal("now", bench.said(), "get1");
}

void the_late_answer_ends_the_wait(Checks &check)
{
    DeliveryBench bench;
    postpone(bench);
    bench.said();
    bench.owner.wait = 0;
    bench.wake();
    check.equal("sent", bench.said(), "get1");
    bench.pass(19999);
    check.equal("its time is its own", bench.said(), "");
}

void a_door_does_not_wait_behind_it(Checks &check)
{
    DeliveryBench bench;
    postpone(bench);
    bench.said();
    bench.add("2", "door");
    check.equal("at once", bench.said(), "door2");
    bench.answered(done());
    check.equal("the other waits again", bench.said(), "end:2 unsent:1");

    // it comes while that is given back
    DeliveryBench late;
    late.postgres.holds = "wac_release";
    postpone(late);
    late.add("2", "door");
    check.equal("the database is asked", late.said(), "");
    late.release();
    check.equal("at once, too", late.said(), "unsent:1 door2");
}

void an_error_of_the_database_is_waited_out(Checks &check)
{
    DeliveryBench bench;
    bench.postgres.holds = "wac_release";
    postpone(bench);
    bench.postgres.fail("57014");
    bench.postgres.holds.clear();
    bench.settle();
    check.equal("nothing was given back", bench.said(), "");
    bench.pass(1000);
    check.equal("tried again", bench.said(), "unsent:1");
    bench.owner.wait = 0;
    bench.pass(30000);
    check.equal("then its wait", bench.said(), "get1");
}

void a_terminal_that_goes_ends_it(Checks &check)
{
    DeliveryBench bench;
    postpone(bench);
    bench.said();
    bench.delivery.stop();
    bench.owner.wait = 0;
    bench.pass(60000);
    check.equal("nothing more", bench.said(), "");
}

// It logs in again on its connection while the command is given back: that
// wait is over then.
void a_new_registration_begins_anew(Checks &check)
{
    DeliveryBench bench;
    bench.postgres.holds = "wac_release";
    postpone(bench);
    bench.owner.wait = 0;
    bench.delivery.restart();
    bench.release();
    bench.settle();
    check.equal("sent", bench.said(), "unsent:1 get1");
    bench.pass(20000);
    check.equal("and again at once", bench.said(), "silence:get1 back:1 get1");
}

void one_that_is_not_ready_is_asked_again(Checks &check)
{
    DeliveryBench bench;
    bench.add("1", "get");
    bench.said();
    CommandProgress busy;
    busy.not_ready = true;
    bench.answered(std::move(busy));
    bench.pass(4999);
    check.equal("not at once", bench.said(), "");
    bench.pass(1);
    check.equal("after 5 s", bench.said(), "get1");
    bench.answered(done());
    check.equal("its end", bench.said(), "end:1");
    bench.add("2", "set");
    check.equal("others do not wait", bench.said(), "set2");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<silence_gives_it_back>),
        cmocka_unit_test(unit<one_that_waits_is_in_the_queue>),
        cmocka_unit_test(unit<the_late_answer_ends_the_wait>),
        cmocka_unit_test(unit<a_door_does_not_wait_behind_it>),
        cmocka_unit_test(unit<an_error_of_the_database_is_waited_out>),
        cmocka_unit_test(unit<a_terminal_that_goes_ends_it>),
        cmocka_unit_test(unit<a_new_registration_begins_anew>),
        cmocka_unit_test(unit<one_that_is_not_ready_is_asked_again>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
