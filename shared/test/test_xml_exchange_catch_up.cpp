// The logs that a terminal kept: each is committed before the next is asked
// for, the cursor follows what is committed, and every wait has its end. And
// the rules for frames that are no messages.
#include "checks.hpp"
#include "fk_talk.hpp"
#include "xml_talk.hpp"

#include "flow/xml_catch_up.hpp"
#include "flow/xml_faults.hpp"

using namespace wac;
using test::Checks;
using xml::CatchUp;
using xml::FaultKind;
using xml::Kind;
using xml::Message;

namespace
{

const Result<Outcome> kCommitted = test::state(DeviceState::approved);

/** A terminal whose positions 0 to count - 1 hold the LogIDs from 1. */
struct Terminal {
    std::string name; // of what it was asked last
    int count;

    Message answer(const std::string &frame)
    {
        const Message request = test::xml_decoded(frame);
        name = request.name;
        if (name == "SetTime") {
            return test::xml_message(Kind::response, name, {{"Result", "OK"}});
        }
        if (name == "GetGlogPosInfo") {
            return test::xml_message(Kind::response, name,
                                     {{"LogCount", std::to_string(count)},
                                      {"MaxCount", "500000"},
                                      {"Result", "OK"}});
        }
        const int position =
            std::stoi("0" + std::string(request.value("BeginLogPos")));
        if (position >= count) {
            return test::xml_message(Kind::response, name,
                                     {{"Result", "Fail"}});
        }
        return test::xml_message(
            Kind::response, name,
            {{"LogID", std::to_string(position + 1)},
             {"Time", bad_time == position ? "never" : "2026-05-12-T09:15:30Z"},
             {"UserID", "5"},
             {"Action", "FP"},
             {"Result", "OK"}});
    }

    int bad_time = -1;
};

CatchUp catch_up(std::optional<std::int64_t> cursor = std::nullopt)
{
    return {"S1", "", xml::Backfill(cursor, {2026, 5, 12, 9, 0, 0})};
}

/** Sends one request and takes the answer. */
void step(CatchUp &course, Terminal &terminal)
{
    const Message answer = terminal.answer(course.request());
    if (course.answered_by(answer)) {
        course.take(answer, "<frame/>");
    }
}

/** To the end, or until something is not settled; what was done. */
std::string run_out(CatchUp &course, Terminal &terminal)
{
    unsigned logs = 0;
    std::string kept;
    for (int i = 0; i < 5000 && !course.ended(); ++i) {
        if (course.due()) {
            step(course, terminal);
        } else if (course.storing()) {
            const Operation &operation = course.operation();
            if (const auto *cursor = std::get_if<KeepLogCursor>(&operation)) {
                kept += " " + std::to_string(cursor->log_id);
            } else {
                ++logs;
            }
            course.resume(kCommitted);
        }
    }
    return std::to_string(logs) + " logs," + kept;
}

void all_are_pulled_and_the_cursor_follows(Checks &check)
{
    CatchUp course = catch_up();
    Terminal terminal{"", 250};
    check.equal("done", run_out(course, terminal), "250 logs, 100 200 250");
    check.that(course.ended(), "ended");
    check.equal("stored", course.stored(), 250U);
    CatchUp rest = catch_up(240);
    check.equal("above the cursor", run_out(rest, terminal), "10 logs, 250");
    CatchUp nothing = catch_up(250);
    check.equal("nothing new", run_out(nothing, terminal), "0 logs,");
    Terminal empty{"", 0};
    CatchUp none = catch_up();
    check.equal("no logs", run_out(none, empty), "0 logs,");
}

void a_log_is_committed_before_the_next_is_asked_for(Checks &check)
{
    CatchUp course = catch_up();
    Terminal terminal{"", 3};
    step(course, terminal); // the time
    step(course, terminal); // the count
    check.that(course.due(), "a log is due");
    step(course, terminal);
    check.that(course.storing() && !course.due(), "it is being stored");
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::overloaded,
                                 ErrorCode::timed_out}) {
        check.that(!course.resume(test::error(code)), "to be run again");
        check.that(course.storing(), "still");
        check.that(std::holds_alternative<StoreAttendance>(course.operation()),
                   "the same");
    }
    check.that(course.resume(kCommitted) && course.due(), "now the next");
}

void what_cannot_be_stored_is_set_aside(Checks &check)
{
    CatchUp course = catch_up();
    Terminal terminal{"", 3};
    terminal.bad_time = 0;
    for (int i = 0; i < 3; ++i) {
        step(course, terminal);
    }
    const auto *kept = std::get_if<Quarantine>(&course.operation());
    check.equal("not understood", kept ? as_text(kept->frame) : "", "<frame/>");
    check.equal("from", kept ? kept->sn : "", "S1");
    check.that(!course.take_note().empty(), "said once");
    course.resume(kCommitted);
    check.that(course.due(), "goes on");
    step(course, terminal);
    course.resume(test::error(ErrorCode::bad_data));
    check.that(std::holds_alternative<Quarantine>(course.operation()),
               "not to be held");
    course.resume(kCommitted);
    check.that(course.due(), "goes on");
    step(course, terminal);
    course.resume(test::error(ErrorCode::rejected));
    check.that(course.ended(), "refused: the cursor stays before it");
}

void silence_ends_it_and_keeps_what_came(Checks &check)
{
    CatchUp course = catch_up();
    Terminal terminal{"", 9};
    for (int i = 0; i < 4; ++i) {
        step(course, terminal);
        if (course.storing()) {
            course.resume(kCommitted);
        }
    }
    course.request();
    check.that(course.asked(), "asked");
    course.give_up();
    const auto *cursor = std::get_if<KeepLogCursor>(&course.operation());
    check.that(course.storing() && cursor != nullptr, "the cursor is kept");
    check.equal("at", cursor ? cursor->log_id : 0, 2);
    course.resume(kCommitted);
    check.that(course.ended(), "ended");
    CatchUp mute = catch_up();
    mute.request();
    mute.give_up();
    check.that(mute.ended(), "nothing came, nothing is kept");
}

void others_answers_are_not_taken(Checks &check)
{
    CatchUp course = catch_up();
    const Message other =
        test::xml_message(Kind::response, "LockControl", {{"Result", "OK"}});
    const Message own =
        test::xml_message(Kind::response, "SetTime", {{"Result", "OK"}});
    check.that(!course.answered_by(own), "before it asked");
    course.request();
    check.that(!course.answered_by(other), "another's");
    check.that(course.answered_by(own), "its own");
}

void a_device_that_is_not_served_ends_it(Checks &check)
{
    CatchUp course = catch_up();
    Terminal terminal{"", 3};
    for (int i = 0; i < 3; ++i) {
        step(course, terminal);
    }
    course.resume(test::state(DeviceState::blocked));
    check.that(course.ended(), "ended");
}

// ---- frames that are no messages --------------------------------------------

void faults_end_a_connection(Checks &check)
{
    using xml::Faults;
    check.that(Faults().add(FaultKind::form, false, 0) == CloseCode::policy,
               "form before Login");
    for (const bool logged_in : {false, true}) {
        check.that(Faults().add(FaultKind::gate, logged_in, 0) ==
                       CloseCode::policy,
                   "gate at once");
        check.that(Faults().add(FaultKind::encoding, logged_in, 0) ==
                       CloseCode::invalid_data,
                   "encoding at once");
    }
    Faults form;
    check.that(!form.add(FaultKind::form, true, 1000), "one");
    check.that(!form.add(FaultKind::form, true, 2000), "two");
    check.that(!form.add(FaultKind::form, true, 61000), "a minute after one");
    check.that(form.add(FaultKind::form, true, 61500) == CloseCode::policy,
               "third within a minute");
    Faults empty;
    check.that(!empty.add(FaultKind::empty, false, 0), "one");
    check.that(!empty.add(FaultKind::empty, false, 0), "two");
    empty.clear_empty();
    check.that(!empty.add(FaultKind::empty, true, 0), "counted anew");
    check.that(!empty.add(FaultKind::empty, true, 0), "two");
    check.that(empty.add(FaultKind::empty, true, 0) == CloseCode::policy,
               "three");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<all_are_pulled_and_the_cursor_follows>),
        cmocka_unit_test(unit<a_log_is_committed_before_the_next_is_asked_for>),
        cmocka_unit_test(unit<what_cannot_be_stored_is_set_aside>),
        cmocka_unit_test(unit<silence_ends_it_and_keeps_what_came>),
        cmocka_unit_test(unit<others_answers_are_not_taken>),
        cmocka_unit_test(unit<a_device_that_is_not_served_ends_it>),
        cmocka_unit_test(unit<faults_end_a_connection>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
