// Commands as cloud terminals get them: the common words as what they become,
// the terminals' own with their parameters in order, native ones as they are.
#include "cloud_run.hpp"

#include <algorithm>
#include <span>

using namespace wac;
using test::Checks;
using test::frames_of;
using test::Given;

namespace
{

struct Row {
    Given given;
    std::string_view frames; // a line each
};

void check_frames(Checks &checks, std::span<const Row> rows)
{
    for (const Row &row : rows) {
        checks.about(std::string(row.given.cmd_code) + ' ' +
                     std::string(row.given.cmd_param));
        checks.equal("frames", frames_of(row.given), row.frames);
        const Json param(json_loadb(row.given.cmd_param.data(),
                                    row.given.cmd_param.size(), 0, nullptr));
        const auto checked =
            cloud::check_command(row.given.cmd_code, param.get(),
                                 row.given.bins.size(), row.given.native);
        checks.that(checked.has_value(), "sent, but not checked");
    }
}

// clang-format off
const Row kWords[] = {
    {{"get_user", R"({"enrollid": 12, "backupnum": 0})"},
     R"({"cmd":"getuserinfo","enrollid":12,"backupnum":0})"},
    {{"rename_user", R"({"name": "Ann", "enrollid": "12"})"},
     R"({"cmd":"setusername","count":1,"record":[{"enrollid":12,"name":"Ann"}]})"},
    {{"delete_user", R"({"enrollid": 12})"},
     R"({"cmd":"deleteuser","enrollid":12,"backupnum":13})"},
    {{"delete_user", R"({"enrollid": 12, "backupnum": 50})"},
     R"({"cmd":"deleteuser","enrollid":12,"backupnum":50})"},
    {{"list_users"}, R"({"cmd":"getuserlist","stn":true})"},
    {{"enroll_user", R"({"enrollid": 12})"},
     R"({"cmd":"adduser","enrollid":12,"backupnum":0,"admin":0,"name":"","flag":10})"},
    {{"enroll_user",
      R"({"enrollid": 12, "backupnum": 50, "name": "Ann", "privilege": "MANAGER"})"},
     R"({"cmd":"adduser","enrollid":12,"backupnum":50,"admin":1,"name":"Ann","flag":10})"},
    {{"clear_users"}, R"({"cmd":"cleanuser"})"},
    {{"clear_logs", "null"}, R"({"cmd":"cleanlog"})"},
    {{"get_logs"}, R"({"cmd":"getalllog","stn":true})"},
    {{"get_logs", R"({"from": "2026-01-01", "to": "2026-01-31"})"},
     R"({"cmd":"getalllog","stn":true,"from":"2026-01-01","to":"2026-01-31",)"
     R"("starttime":"2026-01-01 00:00:00","endtime":"2026-01-31 23:59:59"})"},
    {{"get_logs", R"({"from": "2026-01-01T08:30"})"},
     R"({"cmd":"getalllog","stn":true,"from":"2026-01-01",)"
     R"("starttime":"2026-01-01 08:30:00"})"},
    {{"get_logs", R"({"to": "20260131120000"})"},
     R"({"cmd":"getalllog","stn":true,"to":"2026-01-31",)"
     R"("endtime":"2026-01-31 12:00:00"})"},
    {{"get_status"}, R"({"cmd":"getdevinfo"})"},
    {{"get_info", "{}"}, R"({"cmd":"getdevinfo"})"},
    {{"set_info", R"({"volume": "8", "sleep": true, "future": [1.1]})"},
     R"({"cmd":"setdevinfo","volume":8,"sleep":1,"future":[1.1]})"},
    {{"get_time"}, R"({"cmd":"gettime"})"},
    {{"set_time"},
     R"({"cmd":"settime","cloudtime":"2026-09-29 20:00:00","time":"2026-09-29 20:00:00"})"},
    {{"set_time", R"({"time": "2026-01-02 03:04"})"},
     R"({"cmd":"settime","cloudtime":"2026-01-02 03:04:00","time":"2026-01-02 03:04:00"})"},
    {{"open_door"}, R"({"cmd":"opendoor"})"},
    {{"open_door", R"({"door": 4})"}, R"({"cmd":"opendoor","doornum":4})"},
    {{"lock_door"}, R"({"cmd":"lockctrl","ctrl":2})"},
    {{"lock_door", R"({"door": 2, "mode": "open"})"},
     R"({"cmd":"lockctrl","ctrl":1,"doornum":2})"},
    {{"lock_door", R"({"mode": "Normal"})"}, R"({"cmd":"lockctrl","ctrl":0})"},
    {{"reboot"}, R"({"cmd":"reboot"})"},
    {{"reset"}, R"({"cmd":"reboot"})"},
};

const Row kSetUser[] = {
    {{"set_user", R"({"enrollid": 12, "backupnum": 10, "record": "1234"})"},
     R"({"cmd":"setuserinfo","enrollid":12,"backupnum":10,"record":1234})"},
    {{"set_user", R"({"enrollid": 12, "name": "Ann", "privilege": "SUPER",)"
                  R"( "credentials": [{"backupnum": 50},)"
                  R"( {"backupnum": 0, "record": "BIN_1"},)"
                  R"( {"backupnum": 11, "record": 77}], "enabled": false})",
      {"finger", "\xff\xd8photo"}},
     R"({"cmd":"setuserinfo","enrollid":12,"name":"Ann","backupnum":50,"admin":2,"record":"/9hwaG90bw=="})" "\n"
     R"({"cmd":"setuserinfo","enrollid":12,"name":"Ann","backupnum":0,"admin":2,"record":"ZmluZ2Vy"})" "\n"
     R"({"cmd":"setuserinfo","enrollid":12,"name":"Ann","backupnum":11,"admin":2,"record":77})" "\n"
     R"({"cmd":"enableuser","enrollid":12,"enflag":0,"enable":0})"},
    {{"set_user", R"({"enrollid": 12, "name": "Ann", "enabled": true})"},
     R"({"cmd":"setusername","count":1,"record":[{"enrollid":12,"name":"Ann"}]})" "\n"
     R"({"cmd":"enableuser","enrollid":12,"enflag":1,"enable":1})"},
    {{"set_user", R"({"enrollid": 12, "credentials": [], "enabled": 0})"},
     R"({"cmd":"enableuser","enrollid":12,"enflag":0,"enable":0})"},
    {{"setuserinfo", R"({"enrollid": 12, "backupnum": 50})", {"photo"}},
     R"({"cmd":"setuserinfo","enrollid":12,"backupnum":50,"record":"cGhvdG8="})"},
    {{"setuserinfo", R"({"starttime": "2026-01-01 00:00:00", "enrollid": 12})"},
     R"({"cmd":"setuserinfo","enrollid":12,"starttime":"2026-01-01 00:00:00"})"},
};

const Row kOwn[] = {
    {{"getuserlist", R"({"stn": false, "pagesize": 20})"},
     R"({"cmd":"getuserlist","stn":true,"pagesize":20})"},
    {{"getalllog", R"({"to": "2026-2-3", "from": "2026-1-2"})"},
     R"({"cmd":"getalllog","stn":true,"from":"2026-01-02","to":"2026-02-03",)"
     R"("starttime":"2026-01-02 00:00:00","endtime":"2026-02-03 23:59:59"})"},
    {{"deleteuser", R"({"enrollid": 12, "backupnum": 12})"},
     R"({"cmd":"deleteuser","enrollid":12,"backupnum":12})"},
    {{"enableuser", R"({"enrollid": 12, "enflag": 1})"},
     R"({"cmd":"enableuser","enrollid":12,"enflag":1,"enable":1})"},
    {{"adduser", R"({"flag": 2, "enrollid": 12, "cancel": true})"},
     R"({"cmd":"adduser","enrollid":12,"flag":2,"cancel":true})"},
    {{"settime", R"({"cloudtime": "2026-01-02 03:04:05"})"},
     R"({"cmd":"settime","cloudtime":"2026-01-02 03:04:05","time":"2026-01-02 03:04:05"})"},
    {{"getholiday"}, R"({"cmd":"getholiday","stn":true})"},
    {{"getotaserver", R"({"x": {"y": null}})"},
     R"({"cmd":"getotaserver","x":{"y":null}})"},
    {{"setuserprofile", R"({"profile": "é", "enrollid": 0})"},
     R"({"cmd":"setuserprofile","enrollid":0,"profile":"é"})"},
};

const Row kNative[] = {
    {{"enablewebrtc", R"({"b": 1.10, "a": "x"})", {}, true},
     R"({"cmd":"enablewebrtc","b":1.1,"a":"x"})"},
    {{"getuserlist", R"({"stn": false})", {}, true},
     R"({"cmd":"getuserlist","stn":false})"},
    {{"deleteuser", R"({"enrollid": "007", "backupnum": 13})", {}, true},
     R"({"cmd":"deleteuser","enrollid":"007","backupnum":13})"},
    {{"GetTime", "", {}, true}, R"({"cmd":"GetTime"})"},
};
// clang-format on

void words_become_frames(Checks &checks)
{
    check_frames(checks, kWords);
}

void credentials_go_one_by_one(Checks &checks)
{
    check_frames(checks, kSetUser);
}

void the_terminals_own_are_put_in_order(Checks &checks)
{
    check_frames(checks, kOwn);
}

void native_ones_are_as_they_are(Checks &checks)
{
    check_frames(checks, kNative);
}

/** cloud-json.md 3.1: a number where nothing of it is lost. */
void pins_and_cards_are_numbers_if_they_can(Checks &checks)
{
    struct Record {
        std::string_view given, sent;
    };
    const Record records[] = {
        {"\"1234\"", "1234"},
        {"1234", "1234"},
        {"\"0001234567\"", "\"0001234567\""},
        {"\"0\"", "0"},
        {"\"4294967295\"", "4294967295"},
        {"\"4294967296\"", "\"4294967296\""},
        {"\"12a\"", "\"12a\""},
        {"\"-1\"", "\"-1\""},
    };
    for (const std::string number : {"10", "11"}) {
        for (const Record &record : records) {
            const std::string param = R"({"enrollid":1,"backupnum":)" + number +
                                      R"(,"record":)" +
                                      std::string(record.given) + "}";
            checks.about(param);
            for (const std::string_view code : {"set_user", "setuserinfo"}) {
                const auto frame = [&](bool always_string) {
                    return test::run_of({code,
                                         param,
                                         {},
                                         false,
                                         cloud::Profile::th,
                                         always_string})
                        .frame();
                };
                checks.that(frame(false).ends_with(
                                ":" + std::string(record.sent) + "}"),
                            frame(false));
                checks.that(frame(true).ends_with("\"}"), frame(true));
            }
        }
    }
    const auto template_of_digits = test::run_of(
        {"set_user", R"({"enrollid":1,"backupnum":0,"record":"1234"})"});
    checks.that(template_of_digits.frame().ends_with(":\"1234\"}"),
                template_of_digits.frame());
}

void names_and_locks_go_in_packets(Checks &checks)
{
    struct Packets {
        std::string_view code;
        std::size_t most;
    };
    for (const Packets &packets :
         {Packets{"setusername", 50}, Packets{"setuserlock", 40}}) {
        for (const std::size_t all : {packets.most, packets.most + 1}) {
            std::string param;
            for (std::size_t i = 1; i <= all; ++i) {
                param += (param.empty() ? "{\"record\":[" : ",");
                param += "{\"enrollid\":" + std::to_string(i) + "}";
            }
            param += "]}";
            const std::string frames = frames_of({packets.code, param});
            const auto lines =
                1 + std::count(frames.begin(), frames.end(), '\n');
            checks.about(std::string(packets.code) + std::to_string(all));
            checks.equal("frames", lines, all > packets.most ? 2 : 1);
            checks.that(
                frames.find("\"count\":" + std::to_string(packets.most)) !=
                    frames.npos,
                "the first packet is not full");
            checks.equal("the last has one",
                         frames.find("\"count\":1,") != frames.npos,
                         all > packets.most);
        }
    }
}

void a_serial_number_goes_behind_cmd(Checks &checks)
{
    const auto run = test::run_of({"opendoor", R"({"doornum":1})"});
    checks.equal("frame", run.frame("BSX1"),
                 R"({"cmd":"opendoor","sn":"BSX1","doornum":1})");
}

void patience_fits_the_command(Checks &checks)
{
    using wac::Patience;
    const auto patience = [](const Given &given) {
        return test::run_of(given).patience();
    };
    checks.that(patience({"gettime"}) == Patience::answer, "gettime");
    checks.that(patience({"get_logs"}) == Patience::answer, "a first page");
    checks.that(patience({"enroll_user", R"({"enrollid":1})"}) ==
                    Patience::person,
                "enroll_user");
    checks.that(patience({"set_user",
                          R"({"enrollid":1,"backupnum":50,"record":"x"})"}) ==
                    Patience::photo,
                "a photo");
    checks.that(patience({"set_user",
                          R"({"enrollid":1,"backupnum":10,"record":"1"})"}) ==
                    Patience::answer,
                "a PIN");
    checks.that(test::run_of({"reset"}).restarts(), "reset restarts");
    checks.that(!test::run_of({"gettime"}).restarts(), "gettime does not");
}

void what_cannot_be_sent_does_not_begin(Checks &checks)
{
    for (const Given &given :
         {Given{"get_user", "{"}, Given{"get_user", "[]"},
          Given{"get_user", "{}"}, Given{"set_name", R"({"name":"x"})"},
          Given{"opendor"}, Given{"sendlog", "", {}, true}}) {
        checks.about(std::string(given.cmd_code) +
                     std::string(given.cmd_param));
        const auto run = test::try_run_of(given);
        checks.that(!run && run.error().code == ErrorCode::refused, "begun");
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<words_become_frames>),
        cmocka_unit_test(test::unit<credentials_go_one_by_one>),
        cmocka_unit_test(test::unit<the_terminals_own_are_put_in_order>),
        cmocka_unit_test(test::unit<native_ones_are_as_they_are>),
        cmocka_unit_test(test::unit<pins_and_cards_are_numbers_if_they_can>),
        cmocka_unit_test(test::unit<names_and_locks_go_in_packets>),
        cmocka_unit_test(test::unit<a_serial_number_goes_behind_cmd>),
        cmocka_unit_test(test::unit<patience_fits_the_command>),
        cmocka_unit_test(test::unit<what_cannot_be_sent_does_not_begin>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
