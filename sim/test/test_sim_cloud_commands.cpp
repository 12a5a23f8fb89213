// What the server's commands do to a simulated `cloud` terminal, and what it
// answers.
#include "checks.hpp"

#include "base64.hpp"
#include "cloud_frames.hpp"
#include "made_jpeg.hpp"

using namespace wac;
using namespace wac::sim;
using namespace std::string_literals;
using test::Checks;

namespace
{

const std::int64_t kNow_s = seconds_of({2026, 9, 29, 20, 0, 0});

struct Bench {
    explicit Bench(std::uint32_t users, CloudFamily family = CloudFamily::th)
    {
        terminal.sn = "T1";
        terminal.family = family;
        terminal.make_users(users);
    }

    /** The answer as the server gets it. */
    std::string run(const std::string &command)
    {
        const Json json(json_loads(command.c_str(), 0, nullptr));
        const std::string name(json_string(json.get(), "cmd"));
        last = execute(terminal, name, json.get(), kNow_s);
        return result_frame(terminal, name, last, false);
    }

    std::size_t records() const
    {
        return json_array_size(json_object_get(last.fields.get(), "record"));
    }

    std::string field(const char *key) const
    {
        return json_text(json_object_get(last.fields.get(), key));
    }

    CloudTerminal terminal;
    CloudOutcome last;
};

std::string ok(const std::string &name, const std::string &more = "")
{
    return R"({"ret":")" + name + R"(","sn":"T1","result":true)" + more + '}';
}

std::string failed(const std::string &name, const std::string &more = "")
{
    return R"({"ret":")" + name + R"(","sn":"T1","result":false,"reason":1)" +
           more + '}';
}

void user_list_in_pages(Checks &checks)
{
    Bench bench(60); // 62 credentials
    bench.run(R"({"cmd":"getuserlist","stn":true})");
    checks.equal("page", bench.records(), 40U);
    checks.equal("count", bench.field("count"), "40");
    checks.equal("to", bench.field("to"), "40");
    bench.run(R"({"cmd":"getuserlist","stn":false})");
    checks.equal("page", bench.records(), 22U);
    checks.equal("from", bench.field("from"), "40");
    checks.equal("to", bench.field("to"), "62");
    checks.equal(
        "end", bench.run(R"({"cmd":"getuserlist","stn":false})"),
        ok("getuserlist", R"(,"count":0,"from":0,"to":0,"record":[])"));
    bench.run(R"({"cmd":"getuserlist","stn":true})");
    checks.equal("anew", bench.field("from"), "0");

    Bench other(60, CloudFamily::ai);
    other.run(R"({"cmd":"getuserlist","stn":true})");
    checks.equal("inclusive", other.field("to"), "39");
    checks.equal("total", other.field("count"), "62");
}

void a_user_comes_back_as_it_went(Checks &checks)
{
    Bench bench(0);
    const std::string both = R"(,"enrollid":5,"backupnum":)";
    checks.equal("pin",
                 bench.run(R"({"cmd":"setuserinfo","enrollid":5,"name":"Änne",)"
                           R"("backupnum":10,"admin":1,"record":4321})"),
                 ok("setuserinfo", both + "10"));
    bench.run(R"({"cmd":"setuserinfo","enrollid":"5","name":"Änne",)"
              R"("backupnum":11,"admin":1,"record":"0001"})");
    checks.equal(
        "pin",
        bench.run(R"({"cmd":"getuserinfo","enrollid":5,"backupnum":10})"),
        ok("getuserinfo", R"(,"enrollid":5,"name":"Änne","backupnum":10,)"
                          R"("admin":1,"record":4321)"));
    checks.equal(
        "card",
        bench.run(R"({"cmd":"getuserinfo","enrollid":5,"backupnum":11})"),
        ok("getuserinfo", R"(,"enrollid":5,"name":"Änne","backupnum":11,)"
                          R"("admin":1,"record":"0001")"));
    checks.equal(
        "none",
        bench.run(R"({"cmd":"getuserinfo","enrollid":5,"backupnum":0})"),
        failed("getuserinfo"));
    bench.run(R"({"cmd":"setuserinfo","enrollid":5,"enable":0})");
    checks.that(!bench.terminal.users[5].enabled, "disabled");
    checks.equal("bad",
                 bench.run(R"({"cmd":"setuserinfo","enrollid":0,"name":"x"})"),
                 failed("setuserinfo", R"(,"enrollid":0)"));
}

void users_are_deleted(Checks &checks)
{
    Bench bench(2);
    const auto erase = [&bench](const char *numbers) {
        return bench.run(R"({"cmd":"deleteuser",)" + std::string(numbers) +
                         '}');
    };
    checks.equal("fingers", erase(R"("enrollid":1,"backupnum":12)"),
                 ok("deleteuser", R"(,"enrollid":1,"backupnum":12)"));
    checks.equal("left", bench.terminal.users[1].credentials.size(), 2U);
    erase(R"("enrollid":1,"backupnum":13)");
    checks.equal("gone", bench.terminal.users.size(), 1U);
    checks.equal("nobody", erase(R"("enrollid":1,"backupnum":13)"),
                 failed("deleteuser", R"(,"enrollid":1,"backupnum":13)"));
    bench.run(R"({"cmd":"cleanuser"})");
    checks.equal("all", bench.terminal.users.size(), 0U);
}

void names_and_rights(Checks &checks)
{
    Bench bench(2);
    checks.equal("set",
                 bench.run(R"({"cmd":"setusername","count":1,"record":)"
                           R"([{"enrollid":2,"name":"Eve"}]})"),
                 ok("setusername"));
    checks.equal("get", bench.run(R"({"cmd":"getusername","enrollid":2})"),
                 ok("getusername", R"(,"record":"Eve")"));
    bench.run(R"({"cmd":"enableuser","enrollid":2,"enflag":0})");
    checks.that(!bench.terminal.users[2].enabled, "disabled");
    checks.equal("nobody",
                 bench.run(R"({"cmd":"enableuser","enrollid":9,"enflag":0})"),
                 failed("enableuser"));
    bench.run(R"({"cmd":"cleanadmin"})");
    checks.equal("admin", bench.terminal.users[1].admin, 0);
}

void logs_in_pages(Checks &checks)
{
    Bench bench(3);
    bench.terminal.logs.make(CloudFamily::th, 70, 3, kNow_s);
    bench.run(R"({"cmd":"getnewlog","stn":true})");
    checks.equal("page", bench.records(), 50U);
    bench.run(R"({"cmd":"getnewlog","stn":true})");
    checks.equal("not confirmed", bench.records(), 50U);
    checks.equal("from", bench.field("from"), "0");
    bench.run(R"({"cmd":"getnewlog","stn":false})");
    checks.equal("rest", bench.records(), 20U);
    checks.equal("to", bench.field("to"), "70");
    bench.run(R"({"cmd":"getnewlog","stn":false})");
    checks.equal("end", bench.records(), 0U);
    bench.run(R"({"cmd":"getnewlog","stn":true})");
    checks.equal("nothing new", bench.records(), 0U);
    bench.run(R"({"cmd":"getalllog","stn":true})");
    checks.equal("all", bench.records(), 50U);
    bench.run(R"({"cmd":"cleanlog"})");
    bench.run(R"({"cmd":"getalllog","stn":true})");
    checks.equal("cleaned", bench.records(), 0U);
}

void logs_of_some_days(Checks &checks)
{
    Bench bench(1);
    const auto add = [&bench](unsigned day, unsigned hour) {
        bench.terminal.logs.add(cloud_punch(
            CloudFamily::th, 1, seconds_of({2026, 9, day, hour, 0, 0}), 0));
    };
    add(1, 23);
    add(2, 0);
    add(3, 23);
    add(4, 0);
    bench.run(R"({"cmd":"getalllog","stn":true,"from":"2026-9-2",)"
              R"("to":"2026-09-03"})");
    checks.equal("range", bench.records(), 2U);
    checks.equal("first", bench.field("record").substr(0, 49),
                 R"([{"enrollid":1,"time":"2026-09-02 00:00:00","mode)");
}

void the_terminal_itself(Checks &checks)
{
    Bench bench(1);
    bench.run(R"({"cmd":"settime","cloudtime":"2026-01-02T03:04:05Z"})");
    checks.equal("clock", bench.run(R"({"cmd":"gettime"})"),
                 ok("gettime", R"(,"time":"2026-01-02 03:04:05")"));
    checks.equal("no time", bench.run(R"({"cmd":"settime","time":"soon"})"),
                 failed("settime"));
    bench.run(R"({"cmd":"setdevinfo","volume":8,"server_verify":1})");
    bench.run(R"({"cmd":"getdevinfo"})");
    checks.equal("set", bench.field("volume"), "8");
    checks.equal("new", bench.field("server_verify"), "1");
    checks.equal("kept", bench.field("language"), "0");
    bench.run(R"({"cmd":"opendoor","doornum":1})");
    checks.equal("door", bench.terminal.doors_opened, 1U);
    checks.equal("no such door", bench.run(R"({"cmd":"opendoor","doornum":9})"),
                 failed("opendoor"));
    checks.equal("not th", bench.run(R"({"cmd":"lockctrl","ctrl":1})"),
                 failed("lockctrl"));
    checks.equal("unset", bench.run(R"({"cmd":"getdevlock"})"),
                 failed("getdevlock"));
    bench.run(R"({"cmd":"setdevlock","mutiopen":2})");
    checks.equal("lock", bench.run(R"({"cmd":"getdevlock"})"),
                 ok("getdevlock", R"(,"mutiopen":2)"));
    checks.equal("unknown", bench.run(R"({"cmd":"whistle"})"),
                 failed("whistle"));
}

void frames(Checks &checks)
{
    Bench th(1);
    const std::string reg = reg_frame(th.terminal, kNow_s);
    checks.that(reg.starts_with(R"({"cmd":"reg","sn":"T1","cpusn":)"), "cpusn");
    checks.that(reg.find(R"("time":"2026-09-29 20:00:00")") != reg.npos,
                "time");
    Bench ai(1, CloudFamily::ai);
    checks.that(reg_frame(ai.terminal, kNow_s).find("cpusn") == reg.npos,
                "no cpusn");
    const CloudPunch punch = cloud_punch(CloudFamily::th, 7, kNow_s, 1);
    checks.equal("sendlog", sendlog_frame(th.terminal, {&punch, 1}, 4, 0),
                 R"({"cmd":"sendlog","sn":"T1","count":1,"logindex":4,)"
                 R"("record":[{"enrollid":7,"time":"2026-09-29 20:00:00",)"
                 R"("mode":1,"inout":1,"event":0}]})");
    checks.equal("as cmd", result_frame(th.terminal, "x", {}, true),
                 R"({"cmd":"x","sn":"T1","result":true})");
}

void made_things(Checks &checks)
{
    checks.equal("template", template_text("\x01\x00\x00\x00\xff\x00\x00"s),
                 "01(3)ff0000");
    checks.equal("ends", template_text(std::string(205, '\0')), "(205)");
    checks.equal("base64", base64("\xff\xd8"), "/9g=");
    checks.equal("none", base64(""), "");
    const std::string photo = made_jpeg("x", 150000);
    checks.that(photo.size() >= 149990 && photo.size() <= 150000, "size");
    checks.that(photo.starts_with("\xff\xd8") && photo.ends_with("\xff\xd9"),
                "a JPEG");
    checks.equal("small", made_jpeg("x", 1).size(), made_jpeg("x").size());
    checks.equal("time", time_of("2026-09-29T20:00:00.5+02:00"), kNow_s);
    checks.equal("no time", time_of("2026-09-31 20:00:00"), std::nullopt);
    checks.equal("short", time_of("2026-09-29"), std::nullopt);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<user_list_in_pages>),
        cmocka_unit_test(test::unit<a_user_comes_back_as_it_went>),
        cmocka_unit_test(test::unit<users_are_deleted>),
        cmocka_unit_test(test::unit<names_and_rights>),
        cmocka_unit_test(test::unit<logs_in_pages>),
        cmocka_unit_test(test::unit<logs_of_some_days>),
        cmocka_unit_test(test::unit<the_terminal_itself>),
        cmocka_unit_test(test::unit<frames>),
        cmocka_unit_test(test::unit<made_things>),
    };
    return cmocka_run_group_tests_name("sim_cloud_commands", tests, nullptr,
                                       nullptr);
}
