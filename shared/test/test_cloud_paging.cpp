// Lists of cloud terminals, page by page (cloud-json.md 3.2): how they end,
// what each page brings, and how they go on in another process.
#include "cloud_run.hpp"

using namespace wac;
using test::answer;
using test::Checks;
using test::end_text;
using test::run_of;

namespace
{

std::string entry(int enrollid, int backupnum, int admin = 0)
{
    return R"({"enrollid":)" + std::to_string(enrollid) + R"(,"admin":)" +
           std::to_string(admin) + R"(,"backupnum":)" +
           std::to_string(backupnum) + "}";
}

std::string page(std::string_view ret, std::string_view entries,
                 std::string_view rest = "")
{
    return R"({"ret":")" + std::string(ret) + R"(","result":true)" +
           std::string(rest) + R"(,"record":[)" + std::string(entries) + "]}";
}

std::string people_text(const ResultRecords &records)
{
    std::string text;
    for (const ListedUser &user : records.users) {
        text += user.enrollid + '/' + user.privilege + ' ' + user.raw + '\n';
    }
    return text;
}

/** Goes on as another process would. */
cloud::CommandRun resumed(const cloud::CommandRun &run,
                          std::string_view cmd_code)
{
    return run_of(
        {cmd_code, "", {}, false, cloud::Profile::th, false, run.progress()});
}

void a_person_on_two_pages_has_all_entries(Checks &checks)
{
    for (const bool other_process : {false, true}) {
        checks.about(other_process ? "another process" : "the same");
        auto run = run_of({"list_users"});
        const auto first =
            answer(run, page("getuserlist", entry(1, 0) + "," + entry(2, 0, 1) +
                                                "," + entry(2, 1, 1)));
        checks.equal("page 1", people_text(first.records),
                     "1/USER {\"backupnums\":[0]}\n"
                     "2/MANAGER {\"backupnums\":[0,1]}\n");
        checks.equal("rows", first.records.rows, 3u);
        checks.equal("end", end_text(first.end), "goes on");
        if (other_process) {
            run = resumed(run, "list_users");
        }
        checks.equal("frame", run.frame(),
                     R"({"cmd":"getuserlist","stn":false})");
        checks.that(run.patience() == Patience::page, "patience");
        const auto second = answer(
            run, page("getuserlist", entry(2, 10, 1) + "," + entry(3, 11)));
        checks.equal("page 2", people_text(second.records),
                     "2/MANAGER {\"backupnums\":[0,1,10]}\n"
                     "3/USER {\"backupnums\":[11]}\n");
        const auto third = answer(run, page("getuserlist", ""));
        checks.equal("end", end_text(third.end),
                     R"(succeeded 0 {"pages":2,"count":5})");
    }
}

void a_person_fills_more_than_a_page(Checks &checks)
{
    auto run = run_of({"list_users"});
    answer(run, page("getuserlist", entry(7, 0)));
    answer(run, page("getuserlist", entry(7, 1)));
    const auto third = answer(run, page("getuserlist", entry(7, 2)));
    checks.equal("people", people_text(third.records),
                 "7/USER {\"backupnums\":[0,1,2]}\n");
}

struct Ending {
    std::string_view what;
    std::string_view answer; // to the second page
    std::string_view end;
    std::size_t rows;
};

constexpr std::string_view kOnePage = R"(succeeded 0 {"pages":1,"count":1})";

void lists_end(Checks &checks)
{
    const Ending endings[] = {
        {"empty", R"({"ret":"getuserlist","result":true,"record":[]})",
         kOnePage, 0},
        {"none", R"({"ret":"getuserlist","result":true})", kOnePage, 0},
        {"refused", R"({"ret":"getuserlist","result":false,"reason":1})",
         kOnePage, 0},
        {"the same again",
         R"({"ret":"getuserlist","result":true,"from":0,)"
         R"("record":[{"enrollid":1,"admin":0,"backupnum":0}]})",
         kOnePage, 0},
        {"a count of 0",
         R"({"ret":"getuserlist","result":true,"count":0,)"
         R"("record":[{"enrollid":2}]})",
         R"(succeeded 0 {"pages":2,"count":2})", 1},
        {"the same entry from elsewhere",
         R"({"ret":"getuserlist","result":true,"from":40,)"
         R"("record":[{"enrollid":1,"admin":0,"backupnum":0}]})",
         "goes on", 1},
        {"without result", R"({"ret":"getuserlist","record":{"enrollid":2}})",
         "goes on", 1},
    };
    for (const Ending &ending : endings) {
        checks.about(ending.what);
        auto run = run_of({"getuserlist"});
        answer(run, page("getuserlist", entry(1, 0), R"(,"from":0)"));
        const auto progress = answer(run, ending.answer);
        checks.equal("end", end_text(progress.end), ending.end);
        checks.equal("rows", progress.records.rows, ending.rows);
    }
}

/** The guard also holds across processes. */
void a_repeated_page_is_known_from_the_progress(Checks &checks)
{
    auto run = run_of({"getuserlist"});
    const std::string same = page("getuserlist", entry(1, 0));
    answer(run, same);
    auto other = resumed(run, "getuserlist");
    checks.equal("end", end_text(answer(other, same).end), kOnePage);
}

void endless_lists_are_cut(Checks &checks)
{
    auto run = run_of({"getuserlist"});
    std::optional<CommandEnd> end;
    int pages = 0;
    while (!end && pages < 1000) {
        end = answer(run, page("getuserlist", entry(++pages, 0))).end;
    }
    checks.equal("pages", pages, 600);
    checks.equal("end", end_text(end),
                 R"(succeeded 0 {"pages":600,"count":600,"incomplete":true})");
}

void silence_ends_a_list_that_has_begun(Checks &checks)
{
    auto run = run_of({"getnewlog"});
    checks.equal("before", end_text(run.give_up()), "goes on");
    answer(run,
           page("getnewlog", R"({"enrollid":1,"time":"2026-03-02 08:00:00"})"));
    checks.equal("after", end_text(run.give_up()),
                 R"(succeeded 0 {"pages":1,"count":1,"incomplete":true})");
}

void punches_are_given_out_page_by_page(Checks &checks)
{
    auto run = run_of({"getnewlog", "", {}, false, cloud::Profile::ai});
    auto first = answer(
        run, page("getnewlog",
                  R"({"enrollid":1,"time":"2026-03-02 08:00:00","mode":8},)"
                  R"({"enrollid":2,"time":"never"})"));
    const ResultRecords records = std::move(first.records);
    checks.equal("rows", records.rows, 2u);
    checks.equal("punches", records.logs.size(), 1u);
    if (!records.logs.empty()) {
        checks.equal("enrollid", records.logs[0].enrollid, "1");
        checks.equal("method", records.logs[0].method, "face");
        checks.that(records.logs[0].raw.find("\"mode\":8") !=
                        std::string_view::npos,
                    "raw is lost");
    }
    checks.equal("invalid", records.invalid_rows, 1u);
    checks.equal("their bytes", records.invalid,
                 R"({"enrollid":2,"time":"never"})");
    checks.that(records.invalid_reason.starts_with("1 of 2 records: "),
                records.invalid_reason);
    checks.that(!first.end, "ended");
}

void entries_of_nobody_are_put_aside(Checks &checks)
{
    auto run = run_of({"list_users"});
    const auto progress =
        answer(run, page("getuserlist", "1,{\"admin\":0}," + entry(4, 0)));
    checks.equal("people", people_text(progress.records),
                 "4/USER {\"backupnums\":[0]}\n");
    checks.equal("invalid", progress.records.invalid_rows, 2u);
    checks.equal("their bytes", progress.records.invalid, "1\n{\"admin\":0}");
    checks.equal("rows", progress.records.rows, 3u);
}

std::string credential(int index, int count)
{
    return R"({"ret":"getallusers","result":true,"count":)" +
           std::to_string(count) + R"(,"index":)" + std::to_string(index) +
           R"(,"enrollid":5,"name":"Eva","backupnum":)" +
           std::to_string(index) + R"(,"admin":1,"record":"aa"})";
}

void all_users_come_one_by_one(Checks &checks)
{
    auto run = run_of({"getallusers"});
    checks.equal("frame", run.frame(), R"({"cmd":"getallusers","stn":true})");
    const auto first = answer(run, credential(0, 2));
    checks.equal("first", end_text(first.end), "goes on");
    const auto &store = first.records.enrolment;
    checks.that(store && store->enrollid == "5" && store->name == "Eva" &&
                    store->admin == 1 && store->privilege == "MANAGER" &&
                    store->credentials.size() == 1 &&
                    as_text(store->credentials[0].data) == "aa",
                "another enrolment");
    checks.equal("frame", run.frame(), R"({"cmd":"getallusers","stn":false})");
    const auto last = answer(run, credential(1, 2));
    checks.that(last.records.enrolment.has_value(), "the last is lost");
    checks.equal("last", end_text(last.end),
                 R"(succeeded 0 {"pages":2,"count":2})");
}

void all_users_may_repeat_themselves(Checks &checks)
{
    auto run = run_of({"getallusers"});
    answer(run, credential(0, 9));
    const auto again = answer(run, credential(0, 9));
    checks.that(!again.records.enrolment, "stored twice");
    checks.equal("end", end_text(again.end),
                 R"(succeeded 0 {"pages":1,"count":1})");
}

void progress_of_no_use_begins_at_the_beginning(Checks &checks)
{
    for (const char *progress :
         {"", "{", "[]", "null", "{}", R"({"pages":-1})", R"({"pages":"x"})",
          R"({"pages":0,"count":7})", R"({"step":3})"}) {
        checks.about(progress);
        const auto run = run_of({"getuserlist",
                                 "",
                                 {},
                                 false,
                                 cloud::Profile::th,
                                 false,
                                 progress});
        checks.equal("frame", run.frame(),
                     R"({"cmd":"getuserlist","stn":true})");
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<a_person_on_two_pages_has_all_entries>),
        cmocka_unit_test(test::unit<a_person_fills_more_than_a_page>),
        cmocka_unit_test(test::unit<lists_end>),
        cmocka_unit_test(
            test::unit<a_repeated_page_is_known_from_the_progress>),
        cmocka_unit_test(test::unit<endless_lists_are_cut>),
        cmocka_unit_test(test::unit<silence_ends_a_list_that_has_begun>),
        cmocka_unit_test(test::unit<punches_are_given_out_page_by_page>),
        cmocka_unit_test(test::unit<entries_of_nobody_are_put_aside>),
        cmocka_unit_test(test::unit<all_users_come_one_by_one>),
        cmocka_unit_test(test::unit<all_users_may_repeat_themselves>),
        cmocka_unit_test(
            test::unit<progress_of_no_use_begins_at_the_beginning>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
