// Answers to commands: which message is one, what a refusal says, several
// frames of one command, and that no secret gets into a result.
#include "cloud_run.hpp"

using namespace wac;
using test::answer;
using test::Checks;
using test::end_text;
using test::run_of;

namespace
{

struct Match {
    std::string_view message;
    bool answers;
};

void check_matches(Checks &checks, const test::Given &given,
                   std::initializer_list<Match> matches)
{
    const auto run = run_of(given);
    for (const Match &match : matches) {
        checks.about(run.frame() + " <- " + std::string(match.message));
        checks.equal("answered",
                     run.answered_by(test::message_of(match.message)),
                     match.answers);
    }
}

void an_answer_is_known(Checks &checks)
{
    check_matches(
        checks, {"getuserinfo", R"({"enrollid":12,"backupnum":0})"},
        {{R"({"ret":"getuserinfo","result":true})", true},
         {R"({"ret":" GetUserInfo ","result":true})", true},
         {R"({"ret":"getusername","result":true})", false},
         {R"({"ret":"getuserinfo","enrollid":12,"backupnum":0})", true},
         {R"({"ret":"getuserinfo","enrollid":"12","backupnum":"0"})", true},
         {R"({"ret":"getuserinfo","enrollid":13,"backupnum":0})", false},
         {R"({"ret":"getuserinfo","enrollid":12,"backupnum":1})", false},
         {R"({"ret":"getuserinfo","EnrollId":13})", false},
         {R"({"ret":"getuserinfo","enrollid":null,"backupnum":""})", true},
         {R"({"cmd":"getuserinfo","result":true})", true},
         {R"({"cmd":"getuserinfo","record":"aa"})", true},
         {R"({"cmd":"getuserinfo","result":true,"enrollid":13})", false},
         {R"({"cmd":"senduser","result":true})", false},
         {R"({"result":true})", false}});
    check_matches(checks, {"getdevlock"},
                  {{R"({"ret":"setdevlock","result":false})", true},
                   {R"({"cmd":"setdevlock","result":false})", false}});
    check_matches(checks, {"setdevlock", R"({"tamper":1})"},
                  {{R"({"ret":"getdevlock","result":false})", false}});
}

struct Refusal {
    test::Given given;
    std::string_view answer; // behind ret and result
    std::string_view end;
};

constexpr std::string_view kPhoto =
    R"({"enrollid":1,"backupnum":50,"record":"x"})";
constexpr std::string_view kPin =
    R"({"enrollid":1,"backupnum":10,"record":"1"})";

void refusals_are_told_in_words(Checks &checks)
{
    // clang-format off
    const Refusal refusals[] = {
        {{"gettime"}, "", R"(failed false: refused)"},
        {{"gettime"}, R"(,"msg":"busy")", R"(failed busy: refused: busy {"msg":"busy"})"},
        {{"gettime"}, R"(,"reason":"1")", R"(failed 1: refused (reason 1) {"reason":"1"})"},
        {{"gettime"}, R"(,"reson":77)", R"(failed 77: refused (reason 77) {"reson":77})"},
        {{"gettime"}, R"(,"reason":"no clock")",
         R"(failed no clock: no clock {"reason":"no clock"})"},
        {{"setuserinfo", kPhoto}, R"(,"reason":5)",
         R"(failed 5: no face in the picture (reason 5) {"reason":5})"},
        {{"setuserinfo", kPhoto}, R"(,"reason":1)",
         R"(failed 1: refused, or the picture is too large (reason 1) {"reason":1})"},
        {{"setuserinfo", kPin}, R"(,"reason":5)",
         R"(failed 5: refused (reason 5) {"reason":5})"},
        {{"getfile", R"({"path":"/x"})"}, R"(,"reason":5)",
         R"(failed 5: not found (reason 5) {"reason":5})"},
        {{"upgrade", R"({"url":"x"})"}, R"(,"reason":2)",
         R"(failed 2: the checksum does not fit (reason 2) {"reason":2})"},
        {{"enroll_user", R"({"enrollid":1,"backupnum":50})"}, R"(,"reason":12,"msg":"id=9")",
         R"(failed 12: the face is that of another user (reason 12): id=9 {"reason":12,"msg":"id=9"})"},
        {{"getdevcap", "", {}, true}, R"(,"reason":1,"x":1)",
         R"(failed 1: refused (reason 1) {"reason":1,"x":1})"},
    };
    // clang-format on
    for (const Refusal &refusal : refusals) {
        auto run = run_of(refusal.given);
        const Json frame(json_loads(run.frame().c_str(), 0, nullptr));
        checks.about(run.frame() + std::string(refusal.answer));
        const auto progress = answer(
            run, R"({"ret":")" + std::string(json_string(frame.get(), "cmd")) +
                     R"(","result":0)" + std::string(refusal.answer) + "}");
        checks.equal("end", end_text(progress.end), refusal.end);
    }
}

void long_reasons_are_cut_between_characters(Checks &checks)
{
    std::string reason = "x";
    for (int i = 0; i < 200; ++i) {
        reason += "é";
    }
    auto run = run_of({"gettime"});
    const auto progress = answer(
        run, R"({"ret":"gettime","result":false,"reason":")" + reason + "\"}");
    const std::string code = progress.end ? progress.end->return_code : "";
    checks.equal("length", code.size(), 255u);
    checks.equal("begins", code, reason.substr(0, 255));
}

std::string credential(int backupnum, std::string_view record)
{
    return R"({"ret":"getuserinfo","result":true,"enrollid":12,"name":"Ann",)"
           R"("admin":2,"card":"4711","pwd":"0815","backupnum":)" +
           std::to_string(backupnum) + R"(,"record":)" + std::string(record) +
           "}";
}

/** Native or not: what names and templates are for is their tables. */
void no_secret_is_in_a_result(Checks &checks)
{
    for (const bool native : {false, true}) {
        for (const std::string_view param :
             {R"({"enrollid":12,"backupnum":10})",
              R"({"enrollid":12,"backupnum":50})"}) {
            auto run = run_of({"getuserinfo", param, {}, native});
            const bool photo = param.find("50") != param.npos;
            const auto progress = answer(
                run, photo ? credential(50, "\"data:image/jpeg;base64,/9g=\"")
                           : credential(10, "23532253"));
            checks.about(std::string(param));
            checks.equal("end", end_text(progress.end),
                         R"(succeeded 0 {"enrollid":12,"name":"Ann","admin":2,)"
                         R"("backupnum":)" +
                             std::string(photo ? "50}" : "10}"));
            const auto &store = progress.records.enrolment;
            checks.that(store && store->privilege == "SUPER" &&
                            store->raw.empty() &&
                            store->credentials.size() == 1 &&
                            store->credentials[0].is_text,
                        "another enrolment");
            checks.that(store &&
                            as_text(store->photo) == (photo ? "\xff\xd8" : ""),
                        "another photo");
        }
    }
}

void an_answer_need_not_say_whose_it_is(Checks &checks)
{
    auto run = run_of({"get_user", R"({"enrollid":12,"backupnum":3})"});
    const auto progress =
        answer(run, R"({"ret":"getuserinfo","result":true,"record":"aa"})");
    const auto &store = progress.records.enrolment;
    checks.that(store && store->enrollid == "12" &&
                    store->credentials.size() == 1 &&
                    store->credentials[0].backupnum == 3,
                "another enrolment");
}

/** Plays a terminal that has these credentials; the numbers asked for. */
std::string ask_all(cloud::CommandRun &run, std::string_view has,
                    std::optional<CommandEnd> &end, bool resumed = false)
{
    std::string asked;
    while (!end && asked.size() < 1000) {
        const Json frame(json_loads(run.frame().c_str(), 0, nullptr));
        const auto number =
            json_integer_value(json_object_get(frame.get(), "backupnum"));
        const std::string name = ' ' + std::to_string(number);
        asked += name;
        const bool found =
            (std::string(has) + ' ').find(name + ' ') != std::string::npos;
        const auto progress = answer(
            run, found ? credential(static_cast<int>(number), "\"aa\"")
                       : R"({"ret":"getuserinfo","result":false,"reason":1})");
        end = progress.end;
        if (!end && resumed) {
            run = run_of({"get_user",
                          R"({"enrollid":12})",
                          {},
                          false,
                          cloud::Profile::th,
                          false,
                          run.progress()});
        }
    }
    return asked;
}

void a_user_is_asked_for_credential_by_credential(Checks &checks)
{
    for (const bool resumed : {false, true}) {
        checks.about(resumed ? "another process" : "the same");
        auto run = run_of({"get_user", R"({"enrollid":12})"});
        std::optional<CommandEnd> end;
        checks.equal("asked", ask_all(run, " 0 9 11 20 21 50", end, resumed),
                     " 0 1 2 3 4 5 6 7 8 9 10 11 20 21 22 30 40 50 51");
        checks.equal("end", end_text(end),
                     R"(succeeded 0 {"enrollid":12,"name":"Ann","admin":2,)"
                     R"("backupnums":[0,9,11,20,21,50]})");
    }
    checks.about("nobody");
    auto run = run_of({"get_user", R"({"enrollid":12})"});
    std::optional<CommandEnd> end;
    ask_all(run, "", end);
    checks.equal("end", end_text(end),
                 "failed 1: there is no such user, or nothing is enrolled for "
                 "them");
}

void what_was_read_of_a_user_is_kept(Checks &checks)
{
    auto run = run_of({"get_user", R"({"enrollid":12})"});
    checks.that(!run.give_up(), "nothing was read");
    answer(run, credential(0, "\"aa\""));
    checks.equal("end", end_text(run.give_up()),
                 R"(succeeded 0 {"enrollid":12,"name":"Ann","admin":2,)"
                 R"("backupnums":[0],"incomplete":true})");
}

/** The answers to deleteuser by backupnum; the frames' numbers. */
std::string delete_with(const test::Given &given, std::string_view refused,
                        std::string_view reason, std::optional<CommandEnd> &end)
{
    auto run = run_of(given);
    std::string asked;
    while (!end && asked.size() < 1000) {
        const Json frame(json_loads(run.frame().c_str(), 0, nullptr));
        const std::string name =
            ' ' + std::to_string(json_integer_value(
                      json_object_get(frame.get(), "backupnum")));
        asked += name;
        const bool no =
            (std::string(refused) + ' ').find(name + ' ') != std::string::npos;
        end = answer(run, std::string(R"({"ret":"deleteuser","result":)") +
                              (no ? "false" : "true") + R"(,"enrollid":12)" +
                              (no ? std::string(reason) : std::string()) + "}")
                  .end;
    }
    return asked;
}

void a_user_is_deleted_by_the_number_that_works(Checks &checks)
{
    using cloud::Profile;
    struct Row {
        Profile profile;
        std::string_view refused, asked, end;
    };
    constexpr std::string_view kFailed =
        "refused, or there is no such user or credential (reason 1) "
        R"({"enrollid":12,"reason":1})";
    const Row rows[] = {
        {Profile::th, "", " 13", R"(succeeded 0 {"enrollid":12})"},
        {Profile::th, " 13", " 13 12", R"(succeeded 0 {"enrollid":12})"},
        {Profile::th, " 13 12", " 13 12", "failed 1: backupnum 12: "},
        {Profile::ai, " 13 12", " 13 12", "failed 1: backupnum 12: "},
    };
    for (const Row &row : rows) {
        for (const test::Given &given :
             {test::Given{"delete_user", R"({"enrollid":12})"},
              test::Given{"deleteuser", R"({"enrollid":12,"backupnum":13})"}}) {
            test::Given by_profile = given;
            by_profile.profile = row.profile;
            checks.about(std::string(given.cmd_code) +
                         std::string(row.refused));
            std::optional<CommandEnd> end;
            checks.equal(
                "asked",
                delete_with(by_profile, row.refused, R"(,"reason":1)", end),
                row.asked);
            const bool failed = row.end.starts_with("failed");
            checks.equal("end", end_text(end),
                         std::string(row.end) +
                             std::string(failed ? kFailed : ""));
        }
    }
}

void all_fingers_are_deleted_one_by_one(Checks &checks)
{
    const test::Given given{"delete_user", R"({"enrollid":12,"backupnum":12})"};
    std::optional<CommandEnd> end;
    checks.equal(
        "asked",
        delete_with(given, " 1 2 3 4 5 6 7 8 9", R"(,"reason":1)", end),
        " 0 1 2 3 4 5 6 7 8 9");
    checks.equal("end", end_text(end),
                 R"(succeeded 0 {"enrollid":12,"backupnums":[0]})");
    end.reset();
    checks.equal("asked", delete_with(given, " 3", R"(,"reason":9)", end),
                 " 0 1 2 3");
    checks.equal("end", end_text(end),
                 "failed 9: credential 3: refused (reason 9) "
                 R"({"enrollid":12,"reason":9})");
}

void a_failing_credential_is_named(Checks &checks)
{
    const std::string_view param =
        R"({"enrollid":12,"credentials":[{"backupnum":10,"record":"1"},)"
        R"({"backupnum":50,"record":"x"}],"enabled":true})";
    auto run = run_of({"set_user", param});
    const auto first = answer(run, R"({"ret":"setuserinfo","result":true})");
    checks.equal("first", end_text(first.end), "goes on");
    checks.that(!run.give_up(), "half a user is no end");
    auto other = run_of({"set_user",
                         param,
                         {},
                         false,
                         cloud::Profile::th,
                         false,
                         run.progress()});
    checks.equal("the other's frame", other.frame(), run.frame());
    const auto second =
        answer(run, R"({"ret":"setuserinfo","result":false,"reason":6})");
    checks.equal("second", end_text(second.end),
                 "failed 6: credential 50: several faces in the picture "
                 R"((reason 6) {"reason":6})");
    answer(other, R"({"ret":"setuserinfo","result":true})");
    const auto third = answer(other, R"({"ret":"enableuser","result":true})");
    checks.equal("third", end_text(third.end), R"(succeeded 0 {"frames":3})");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<an_answer_is_known>),
        cmocka_unit_test(test::unit<refusals_are_told_in_words>),
        cmocka_unit_test(test::unit<long_reasons_are_cut_between_characters>),
        cmocka_unit_test(test::unit<no_secret_is_in_a_result>),
        cmocka_unit_test(test::unit<an_answer_need_not_say_whose_it_is>),
        cmocka_unit_test(
            test::unit<a_user_is_asked_for_credential_by_credential>),
        cmocka_unit_test(test::unit<what_was_read_of_a_user_is_kept>),
        cmocka_unit_test(
            test::unit<a_user_is_deleted_by_the_number_that_works>),
        cmocka_unit_test(test::unit<all_fingers_are_deleted_one_by_one>),
        cmocka_unit_test(test::unit<a_failing_credential_is_named>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
