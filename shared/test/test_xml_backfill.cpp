// The walks over a terminal's logs, backfill and get_logs, against rings
// that take a position for what it is or for a LogID, lie about their
// length, count again from the beginning, or say one log for ever.
#include "checks.hpp"
#include "xml_talk.hpp"

#include "proto/xml_backfill.hpp"
#include "proto/xml_commands.hpp"

#include <algorithm>
#include <vector>

using namespace wac;
using test::Checks;
using test::xml_decoded;
using test::xml_message;

namespace
{

enum class Reading { position, log_id, stuck };

struct Ring {
    std::vector<std::int64_t> ids;
    Reading reading = Reading::position;
    std::int64_t claimed = -1; // LogCount, if not the truth
    std::int64_t silent_after = -1;
    std::string time = "2026-05-12-T09:15:30Z";
    int requests = 0; // of logs

    std::optional<std::int64_t> find(std::int64_t asked) const
    {
        if (reading == Reading::stuck) {
            return ids.front();
        }
        const auto at = static_cast<std::size_t>(
            reading == Reading::position
                ? asked
                : std::lower_bound(ids.begin(), ids.end(), asked) -
                      ids.begin());
        return at < ids.size() ? std::optional(ids[at]) : std::nullopt;
    }

    /** Nothing: silence. */
    std::optional<xml::Message> answer(const std::string &frame)
    {
        const xml::Message asked = xml_decoded(frame);
        xml::Message told = xml_message(xml::Kind::response, asked.name);
        if (asked.name == "GetGlogPosInfo") {
            const auto count = static_cast<std::int64_t>(ids.size());
            told.fields = {
                {"LogCount", std::to_string(claimed < 0 ? count : claimed)}};
        } else if (asked.name.ends_with("Glog")) {
            if (requests++ == silent_after) {
                return std::nullopt;
            }
            const auto id =
                find(std::stoll(std::string(asked.value("BeginLogPos"))));
            if (id) {
                told.fields = {{"LogID", std::to_string(*id)},
                               {"Time", time},
                               {"UserID", "42"},
                               {"Action", "FP"}};
            }
            told.fields.push_back({"Result", id ? "OK" : "Fail"});
        }
        return told;
    }
};

/** What was stored, in its order, and the cursor behind it. */
std::string filled(Ring ring, std::optional<std::int64_t> cursor,
                   int most_requests = 1000)
{
    xml::Backfill backfill(cursor, WallTime{2026, 5, 12, 9, 15, 30});
    std::string stored;
    for (auto frame = backfill.frame(); frame; frame = backfill.frame()) {
        const auto answer = ring.answer(*frame);
        if (!answer) {
            backfill.give_up();
            continue;
        }
        if (!backfill.answered_by(*answer)) {
            return "not answered: " + *frame;
        }
        if (ring.requests > most_requests) {
            return "too many requests";
        }
        const auto store = backfill.take(*answer, "TST", "UTC");
        if (!store) {
            continue;
        }
        for (const AttendanceRecord &record : store->records) {
            stored += record.log_id + ' ';
        }
        stored += store->invalid.frame.empty() ? "" : "aside ";
    }
    const auto reached = backfill.cursor();
    return stored + (reached ? "> " + std::to_string(*reached) : "-");
}

std::vector<std::int64_t> from_to(std::int64_t first, std::int64_t last)
{
    std::vector<std::int64_t> ids;
    for (std::int64_t id = first; id <= last; ++id) {
        ids.push_back(id);
    }
    return ids;
}

std::string listed(std::int64_t first, std::int64_t last)
{
    std::string text;
    for (const std::int64_t id : from_to(first, last)) {
        text += std::to_string(id) + ' ';
    }
    return text + "> " + std::to_string(last);
}

void it_begins_with_the_clock(Checks &checks)
{
    xml::Backfill backfill(std::nullopt, WallTime{2026, 5, 12, 9, 15, 30});
    checks.equal("first", xml_decoded(backfill.frame().value_or("")).name,
                 "SetTime");
    checks.equal("time",
                 xml_decoded(backfill.frame().value_or("")).value("Time"),
                 "2026-05-12-T09:15:30Z");
    backfill.take(
        xml_message(xml::Kind::response, "SetTime", {{"Result", "Fail"}}),
        "TST", "");
    checks.equal("second", xml_decoded(backfill.frame().value_or("")).name,
                 "GetGlogPosInfo");
    checks.that(
        !backfill.answered_by(xml_message(xml::Kind::response, "GetTime")),
        "another answer is taken");
    backfill.give_up();
    checks.that(!backfill.frame(), "it goes on after a silence");
}

void what_is_above_the_cursor_is_stored(Checks &checks)
{
    for (const Reading reading : {Reading::position, Reading::log_id}) {
        for (const std::int64_t first : {0, 1, 2, 1001}) {
            for (std::int64_t count = 1; count <= 20; ++count) {
                const std::int64_t last = first + count - 1;
                Ring ring{from_to(first, last), reading};
                checks.about("reading " +
                             std::to_string(static_cast<int>(reading)) + ' ' +
                             std::to_string(first) + " to " +
                             std::to_string(last));
                checks.equal("all", filled(ring, std::nullopt),
                             listed(first, last));
                for (std::int64_t cursor = first; cursor < last; ++cursor) {
                    checks.equal("above " + std::to_string(cursor),
                                 filled(ring, cursor),
                                 listed(cursor + 1, last));
                }
                checks.equal("nothing new", filled(ring, last), "-");
            }
        }
    }
}

void gaps_do_not_hide_logs(Checks &checks)
{
    for (const Reading reading : {Reading::position, Reading::log_id}) {
        const Ring ring{{5, 6, 7, 8, 30, 31, 90}, reading};
        checks.about(std::to_string(static_cast<int>(reading)));
        checks.equal("all", filled(ring, std::nullopt),
                     "5 6 7 8 30 31 90 > 90");
        checks.equal("above 7", filled(ring, 7), "8 30 31 90 > 90");
        checks.equal("above 30", filled(ring, 30), "31 90 > 90");
        checks.equal("above 50", filled(ring, 50), "90 > 90");
    }
}

void it_costs_little(Checks &checks)
{
    const Ring ring{from_to(1, 10000)};
    checks.equal("nothing new", filled(ring, 10000, 2), "-");
    checks.equal("one", filled(ring, 9999, 20), "10000 > 10000");
    checks.equal(
        "LogIDs",
        filled({from_to(9001, 9900), Reading::log_id}, std::nullopt, 910),
        listed(9001, 9900));
}

void a_counter_that_began_again_is_followed(Checks &checks)
{
    for (const Reading reading : {Reading::position, Reading::log_id}) {
        checks.about(std::to_string(static_cast<int>(reading)));
        checks.equal("all", filled({from_to(1, 4), reading}, 5000),
                     "1 2 3 4 > 4");
    }
    checks.about("in the middle");
    checks.equal("all", filled({{4999, 5000, 1, 2}}, 5000),
                 "4999 5000 1 2 > 2");
}

void lies_end(Checks &checks)
{
    checks.equal("stuck", filled({{7}, Reading::stuck, 50}, std::nullopt, 120),
                 "7 > 7");
    checks.equal("stuck at the cursor",
                 filled({{7}, Reading::stuck, 50}, 7, 120), "-");
    checks.equal("stuck above it", filled({{7}, Reading::stuck, 50}, 3, 120),
                 "7 > 7");
    checks.equal("stuck below it", filled({{7}, Reading::stuck, 50}, 9, 120),
                 "-");
    checks.equal("too large a count",
                 filled({from_to(1, 5), Reading::position, 900000}, 2, 120),
                 "3 4 5 > 5");
    checks.equal("none", filled({{}, Reading::position}, 2), "-");
    checks.equal("a count of none",
                 filled({from_to(1, 5), Reading::position, 0}, 2), "-");
    checks.equal(
        "silence",
        filled({from_to(1, 9), Reading::position, -1, 3}, std::nullopt),
        "1 2 3 > 3");
    Ring bad{from_to(1, 2)};
    bad.time = "2026-13-45-T00:00:00Z";
    checks.equal("bad times", filled(bad, std::nullopt), "aside aside > 2");
}

// ---- get_logs --------------------------------------------------------------

std::string pulled(Ring ring, std::string_view param)
{
    ClaimedCommand command;
    command.cmd_code = "get_logs";
    command.cmd_param = param;
    auto run = xml::CommandRun::begin(command);
    std::string logs;
    while (run) {
        const auto answer = ring.answer(run->frame());
        if (!answer) {
            const auto end = run->give_up();
            return logs + (end ? end->result : "again");
        }
        const auto progress = run->take(*answer);
        for (const AttendanceRecord &log : progress.records.logs) {
            logs += log.log_id + ' ';
        }
        if (progress.end) {
            return logs + progress.end->result;
        }
        if (ring.requests > 500) {
            return "too many requests";
        }
    }
    return run.error().text;
}

void get_logs_reads_all_from_the_newest(Checks &checks)
{
    checks.equal("positions", pulled({from_to(1001, 1004)}, ""),
                 R"(1004 1003 1002 1001 {"count":4,"read":4})");
    checks.equal("LogIDs", pulled({from_to(1001, 1004), Reading::log_id}, ""),
                 R"(1001 1002 1003 1004 {"count":4,"read":4})");
    checks.equal("LogIDs from 1", pulled({from_to(1, 4), Reading::log_id}, ""),
                 R"(3 4 2 1 {"count":4,"read":4})");
    checks.equal("none", pulled({{}}, ""), R"({"count":0,"read":0})");
    checks.equal("stuck", pulled({{7}, Reading::stuck, 400}, ""),
                 R"(7 {"count":1,"read":1})");
    checks.equal("silence",
                 pulled({from_to(1, 9), Reading::position, -1, 3}, ""),
                 R"(9 8 {"count":2,"read":2,"incomplete":true})");
    checks.equal("too early a silence",
                 pulled({from_to(1, 9), Reading::position, -1, 0}, ""),
                 "again");
}

void get_logs_keeps_to_its_range(Checks &checks)
{
    const Ring ring{from_to(1, 3)}; // of 2026-05-12
    checks.equal("within",
                 pulled(ring, R"({"from":"2026-05-12","to":"2026-05-12"})"),
                 R"(3 2 1 {"count":3,"read":3})");
    checks.equal("later", pulled(ring, R"({"from":"2026-05-13"})"),
                 R"({"count":0,"read":3})");
    checks.equal("earlier", pulled(ring, R"({"to":"2026-05-11"})"),
                 R"({"count":0,"read":3})");
    checks.equal("a run before the range ends it",
                 pulled({from_to(1, 400)}, R"({"from":"2026-05-13"})"),
                 R"({"count":0,"read":65})");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<it_begins_with_the_clock>),
        cmocka_unit_test(test::unit<what_is_above_the_cursor_is_stored>),
        cmocka_unit_test(test::unit<gaps_do_not_hide_logs>),
        cmocka_unit_test(test::unit<it_costs_little>),
        cmocka_unit_test(test::unit<a_counter_that_began_again_is_followed>),
        cmocka_unit_test(test::unit<lies_end>),
        cmocka_unit_test(test::unit<get_logs_reads_all_from_the_newest>),
        cmocka_unit_test(test::unit<get_logs_keeps_to_its_range>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
