// Conversations of t/vectors/cloud-json with commands in them, played against
// CommandRun: each frame that the server is to send must be that of the
// command under way, or begin the next; what the terminal says is taken if it
// is an answer. What became of the commands is written down and compared.
#include "checks.hpp"
#include "cloud_command_talk.hpp"

#include <algorithm>

using namespace wac;
using test::Checks;
using test::talk_of;

namespace
{

struct Row {
    std::string_view vector;
    std::string_view commands; // a line each
};

// clang-format off
const Row kTalks[] = {
    {"command-across-reconnect", "setuserinfo succeeded 0\n"},
    {"command-late-reply",
     "getuserinfo unanswered\n"
     "getuserinfo succeeded 0 "
     R"({"enrollid":2,"name":"b","backupnum":0,"admin":0})"
     " enrolment 2/b/USER 0:4\n"},
    {"command-retry",
     "getdevinfo unanswered\n"
     "getdevinfo unanswered\n"
     "getdevinfo unanswered\n"
     R"(gettime succeeded 0 {"time":"2026-03-02 10:46:00"})" "\n"},
    {"getuserinfo",
     R"(getuserinfo succeeded 0 {"enrollid":1,"name":"chef","backupnum":0,"admin":1})"
     " enrolment 1/chef/MANAGER 0:1176\n"
     R"(getuserinfo succeeded 0 {"enrollid":1,"name":"chef","backupnum":10,"admin":1})"
     " enrolment 1/chef/MANAGER 10:8\n"
     R"(getuserinfo succeeded 0 {"enrollid":1,"name":"chef","backupnum":11,"admin":"1"})"
     " enrolment 1/chef/MANAGER 11:10\n"
     R"(getuserinfo failed 1 {"reason":1,"msg":"can not find the user"})"
     " refused, or there is no such user or credential (reason 1): "
     "can not find the user\n"},
    {"getuserlist-empty",
     R"(getuserlist succeeded 0 {"pages":0,"count":0})" "\n"
     R"(getuserlist failed 1 {"reason":1} refused (reason 1))" "\n"},
    {"getuserlist-exclusive",
     R"(getuserlist succeeded 0 {"pages":1,"count":6} users 4)" "\n"},
    {"getuserlist-inclusive",
     R"(getuserlist succeeded 0 {"pages":3,"count":95} users 95)" "\n"},
    {"getuserlist-repeating-page",
     R"(getuserlist succeeded 0 {"pages":1,"count":3} users 3)" "\n"},
    {"getalllog-late-page",
     R"(getalllog succeeded 0 {"pages":1,"count":50,"incomplete":true})"
     " logs 50\n"},
    {"getalllog-range",
     R"(getalllog succeeded 0 {"pages":2,"count":57} logs 57)" "\n"},
    {"getnewlog-empty",
     R"(getnewlog succeeded 0 {"pages":0,"count":0})" "\n"},
    {"getnewlog-total-count",
     R"(getnewlog succeeded 0 {"pages":3,"count":120} logs 120)" "\n"},
    {"setuserinfo",
     "setuserinfo succeeded 0\n"
     R"(setuserinfo succeeded 0 {"enrollid":101,"backupnum":11})" "\n"
     R"(setuserinfo succeeded 0 {"enrollid":101,"backupnum":0})" "\n"
     R"(setuserinfo failed 12 {"reason":12,"enrollid":101,"backupnum":50,)"
     R"("msg":"face is double,id=55"})"
     " the face is that of another user (reason 12): face is double,id=55\n"},
    {"setuserinfo-profile",
     R"(setuserinfo succeeded 0 {"enrollid":101})" "\n"
     R"(setuserinfo succeeded 0 {"enrollid":101})" "\n"},
    {"deleteuser",
     R"(deleteuser succeeded 0 {"enrollid":101,"backupnum":10})" "\n"
     R"(deleteuser succeeded 0 {"enrollid":101,"backupnum":13})" "\n"
     R"(deleteuser succeeded 0 {"enrollid":102,"backupnum":12})" "\n"},
    {"usernames",
     R"(setusername succeeded 0 {"frames":2})" "\n"
     R"(getusername succeeded 0 {"record":"Person 7"})" "\n"
     R"(getusername succeeded 0 {"name":"Person 8"})" "\n"},
    {"enableuser",
     "enableuser succeeded 0\n"
     R"(enableuser failed 1 {"reason":1})"
     " refused, or there is no such user or credential (reason 1)\n"},
    {"userprofile",
     R"(setuserprofile succeeded 0 {"enrollid":0})" "\n"
     "getuserprofile succeeded 0 "
     R"({"enrollid":0,"record":"Canteen closed today"})" "\n"},
    {"adduser-enrol",
     R"(adduser succeeded 0 {"enrollid":20,"backupnum":50})" "\n"
     R"(adduser failed 1 {"reason":1,"enrollid":21,"backupnum":0})"
     " refused, or there is no such user or credential (reason 1)\n"},
    {"device-admin",
     "settime succeeded 0\n"
     R"(gettime succeeded 0 {"time":"2026-03-02 11:00:00"})" "\n"
     "setdevinfo succeeded 0\n"
     R"(getdevinfo succeeded 0 {"deviceid":1,"language":0,"volume":8,)"
     R"("screensaver":0,"verifymode":0,"sleep":1,"userfpnum":3,)"
     R"("loghint":1000,"reverifytime":0})" "\n"
     "cleanadmin succeeded 0\n"
     "opendoor succeeded 0\n"
     R"(lockctrl failed 1 {"reason":1} refused (reason 1))" "\n"
     "reboot restarts\n"},
    {"access-control",
     "setdevlock succeeded 0\n"
     R"(getdevlock failed 1 {"reason":1} refused (reason 1))" "\n"
     "setuserlock succeeded 0\n"
     R"(setuserlock failed 1 {"reason":1} refused (reason 1))" "\n"
     R"(getuserlock succeeded 0 {"enrollid":1,"weekzone":1,"group":1,)"
     R"("starttime":"2026-01-01 00:00:00","endtime":"2099-12-31 23:59:00"})"
     "\n"
     "deleteuserlock succeeded 0\n"
     "setholiday succeeded 0\n"
     R"(getholiday succeeded 0 {"holidays":[{"name":"New Year",)"
     R"("startday":"01-01","endday":"01-01","shift":0,"dayzone":0}]})" "\n"},
    {"bs-paging",
     R"(getuserlist succeeded 0 {"pages":1,"count":2} users 2)" "\n"},
    {"ret-as-cmd",
     R"(getusername succeeded 0 {"record":"Person 7"})" "\n"
     R"(gettime succeeded 0 {"time":"2026-03-02 10:45:00"})" "\n"},
    {"interleaved",
     R"(getuserlist succeeded 0 {"pages":1,"count":2} users 2)" "\n"},
    {"reg-replace", R"(gettime succeeded 0 {"time":"2026-03-02 08:05:00"})" "\n"},
    {"opendoor-not-late",
     R"(gettime succeeded 0 {"time":"2026-03-02 10:50:00"})" "\n"},
    {"sendlog-index-restart", "cleanlog succeeded 0\n"},
    {"http-command-via-checklive",
     R"(setuserinfo succeeded 0 {"enrollid":5,"backupnum":10})" "\n"},
    {"http-command-lost",
     R"(getuserinfo succeeded 0 {"enrollid":5,"name":"Eva","backupnum":10,"admin":0})"
     " enrolment 5/Eva/USER 10:4\n"},
};
// clang-format on

void conversations_go_as_printed(Checks &checks)
{
    for (const Row &row : kTalks) {
        checks.about(row.vector);
        checks.equal("commands", talk_of(checks, row.vector, false),
                     row.commands);
    }
}

/** As terminals that poll have it: another process takes each answer. */
void they_do_so_from_their_progress(Checks &checks)
{
    for (const Row &row : kTalks) {
        checks.about(row.vector);
        checks.equal("commands", talk_of(checks, row.vector, true),
                     row.commands);
    }
}

/** A conversation with commands is in the table above. */
void none_is_left_out(Checks &checks)
{
    for (const std::string &name : test::cloud_talks_with_commands()) {
        const bool found =
            std::any_of(std::begin(kTalks), std::end(kTalks),
                        [&](const Row &row) { return row.vector == name; });
        checks.that(found, name + " is not played");
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<conversations_go_as_printed>),
        cmocka_unit_test(test::unit<they_do_so_from_their_progress>),
        cmocka_unit_test(test::unit<none_is_left_out>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
