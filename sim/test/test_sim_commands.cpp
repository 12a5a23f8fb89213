// What each command does to a simulated terminal, and the bytes it answers,
// read back by the project's codec.
#include "checks.hpp"

#include "codec/fk_data_lib.hpp"
#include "fk_bodies.hpp"
#include "fk_execute.hpp"

using namespace wac;
using namespace wac::sim;
using test::Checks;

namespace
{

const std::int64_t kNow = seconds_of({2026, 9, 29, 20, 0, 0});
constexpr const char *kInvalid = "ERROR_INVALID_PARAMTER";

/** A terminal, and commands for it. */
struct Bench {
    explicit Bench(const std::string &library = "FKDataHS101")
    {
        dialect.library = library;
        terminal.sn = "T1";
        terminal.library = library;
        terminal.make_users(3);
        terminal.logs.make(library, 5, 3, kNow);
    }

    FkOutcome run(const char *code, std::string_view json = "",
                  const std::vector<Bytes> &bins = {})
    {
        outcome =
            execute(terminal, dialect, code, fk::encode_body(json, bins), kNow);
        return outcome;
    }

    /** The body of the last answer; views into it. */
    fk::Body body() const
    {
        return std::move(fk::decode_body(as_bytes(outcome.body)).value());
    }

    std::int64_t number(const char *key) const
    {
        const fk::Body read = body();
        return fk::integer_field(read.json.get(), key).value_or(-1);
    }

    FkDialect dialect;
    FkTerminal terminal;
    FkOutcome outcome;
};

bool is_plain_ok(const FkOutcome &outcome)
{
    return outcome.answered && outcome.return_code == "OK" &&
           outcome.body.empty() && outcome.enrolments.empty();
}

void enroll_data_can_be_got_and_set(Checks &checks)
{
    Bench bench;
    bench.run("GET_ENROLL_DATA", R"({"user_id":"2","backup_number":0})");
    checks.equal("finger", as_text(bench.body().bins.at(0)),
                 made_credential(bench.terminal.library, "2", 0));
    checks.equal(
        "none",
        bench.run("GET_ENROLL_DATA", R"({"user_id":"2","backup_number":3})")
            .return_code,
        "ERROR_NO_ID");
    checks.equal(
        "nobody",
        bench.run("GET_ENROLL_DATA", R"({"user_id":"99","backup_number":0})")
            .return_code,
        "ERROR_NO_ID");
    checks.that(
        is_plain_ok(bench.run(
            "SET_ENROLL_DATA",
            R"({"user_id":"9","backup_number":10,"enroll_data":"BIN_1"})",
            {as_bytes(std::string_view("77\0", 3))})),
        "set");
    bench.run("GET_ENROLL_DATA", R"({"user_id":"9","backup_number":10})");
    checks.equal("password", as_text(bench.body().bins.at(0)), "77");
    checks.equal(
        "no binary",
        bench
            .run("SET_ENROLL_DATA",
                 R"({"user_id":"9","backup_number":1,"enroll_data":"BIN_1"})")
            .return_code,
        kInvalid);
}

void users_can_be_changed(Checks &checks)
{
    Bench bench;
    FkUsers &users = bench.terminal.users;
    checks.that(is_plain_ok(bench.run("SET_USER_NAME",
                                      R"({"user_id":"2","user_name":"Ann"})")),
                "name");
    checks.equal("name", users["2"].name, "Ann");
    checks.that(
        is_plain_ok(bench.run("SET_USER_PRIVILEGE",
                              R"({"user_id":"2","user_privilege":"MANAGER"})")),
        "privilege");
    checks.equal("privilege", users["2"].privilege, "MANAGER");
    checks.equal("no privilege",
                 bench
                     .run("SET_USER_PRIVILEGE",
                          R"({"user_id":"2","user_privilege":"KING"})")
                     .return_code,
                 kInvalid);
    checks.that(is_plain_ok(bench.run("CLEAR_MANAGER")), "managers");
    checks.equal("managers", users["1"].privilege + users["2"].privilege,
                 "USERUSER");
    checks.that(is_plain_ok(bench.run("DELETE_USER", R"({"user_id":"2"})")),
                "delete");
    checks.equal("deleted", users.count("2"), 0U);
    checks.equal("again",
                 bench.run("DELETE_USER", R"({"user_id":"2"})").return_code,
                 "ERROR_NO_ID");
    checks.that(is_plain_ok(bench.run("CLEAR_ENROLL_DATA")), "clear");
    checks.that(users.empty(), "cleared");
}

void a_user_comes_back_as_he_was_sent(Checks &checks)
{
    Bench bench;
    checks.that(
        is_plain_ok(bench.run(
            "SET_USER_INFO",
            R"({"user_id":"1","user_name":"Bo","user_privilege":"OPERATOR",)"
            R"("user_photo":"BIN_1","enroll_data_array":[)"
            R"({"backup_number":12,"enroll_data":"BIN_2"},)"
            R"({"backup_number":11,"enroll_data":"BIN_3"}]})",
            {as_bytes("photo"), as_bytes("face"), as_bytes("0099")})),
        "set");
    bench.run("GET_USER_INFO", R"({"user_id":"1"})");
    const auto body = bench.body();
    const auto user = fk::decode_realtime_enroll_data(body);
    checks.equal("name", user->user_name, "Bo");
    checks.equal("privilege", user->privilege, "OPERATOR");
    checks.equal("photo", as_text(user->user_photo), "photo");
    checks.equal("credentials", user->credentials.size(), 2U);
    checks.equal("card", as_text(user->credentials.at(0).data), "0099");
    checks.equal("face", as_text(user->credentials.at(1).data), "face");
    checks.that(!bench.run("GET_USER_INFO", R"({"user_id":"44"})").answered,
                "an unknown user is answered");
    checks.that(!bench.run("SING_A_SONG").answered, "an unknown command is");
}

void enrolments_follow(Checks &checks)
{
    Bench bench;
    const auto entered = bench.run(
        "SET_COMMAND",
        R"({"cmd":"enter_enroll","param":{"backup_number":5,"user_id":"8"}})");
    checks.that(entered.answered && entered.body.empty(), "empty OK");
    checks.that(entered.enrolments == std::vector<std::string>{"8"}, "who");
    checks.that(bench.terminal.users["8"].credential(5) != nullptr, "finger");
    const auto all = bench.run("GET_ALL_USER_INFO");
    checks.that(all.enrolments == std::vector<std::string>{"1", "2", "3", "8"},
                "all");
    checks.equal("other",
                 bench.run("SET_COMMAND", R"({"cmd":"dance"})").return_code,
                 kInvalid);
}

void user_lists_follow_the_library(Checks &checks)
{
    for (const char *library : {"FKDataHS100", "FKDataHS101", "FKDataHS102",
                                "FKDataHS103", "FKDataHS105", "FKDataHS200"}) {
        checks.about(library);
        Bench bench(library);
        bench.run("GET_USER_ID_LIST");
        const auto body = bench.body();
        const auto rows = fk::UserIdArray::open(
            library, static_cast<std::size_t>(bench.number("one_user_id_size")),
            body.bins.at(0));
        const bool people = !bench.terminal.lists_credentials();
        checks.equal("rows", rows->size(), people ? 3U : 5U);
        checks.equal("count", bench.number("user_id_count"),
                     static_cast<std::int64_t>(rows->size()));
        const auto first = rows->at(0);
        checks.equal("id", first.user_id, "1");
        checks.equal("privilege", first.privilege, 1);
        if (people) {
            const auto flags = fk::user_flags_of(first.flags.value());
            checks.that(flags.password && flags.card && !flags.face, "flags");
            checks.equal("fingers", flags.fingers, 1U);
        } else {
            checks.equal("credential", rows->at(1).backup_number, 10);
        }
    }
}

void logs_follow_the_library_and_the_range(Checks &checks)
{
    for (const char *library : {"FKDataHS100", "FKDataHS101", "FKDataHS102",
                                "FKDataHS103", "FKDataHS105", "FKDataHS200"}) {
        checks.about(library);
        Bench bench(library);
        bench.run("GET_LOG_DATA", "{}");
        const auto body = bench.body();
        const auto rows = fk::LogArray::open(
            library, static_cast<std::size_t>(bench.number("one_log_size")),
            body.bins.at(0));
        checks.equal("rows", rows->size(), 5U);
        checks.equal("count", bench.number("log_count"), 5);
        const FkPunch wanted = bench.terminal.logs.at(4);
        checks.equal("id", rows->at(4).user_id, wanted.user_id);
        checks.that(rows->at(4).io_time == wall_time(kNow), "time");
        checks.equal("verify", rows->at(4).verify_mode, wanted.verify_mode);
        checks.equal("io", rows->at(4).io_mode, wanted.io_mode);

        // a minute apart, the last at 20:00:00; both ends belong to it
        bench.run("GET_LOG_DATA", R"({"begin_time":"20260929195800",)"
                                  R"("end_time":"20260929195900"})");
        checks.equal("range", bench.number("log_count"), 2);
        bench.run("GET_LOG_DATA", R"({"begin_time":"20260929195801",)"
                                  R"("end_time":""})");
        checks.equal("open end", bench.number("log_count"), 2);
    }
}

void logs_grow_and_are_cleared(Checks &checks)
{
    Bench bench;
    bench.terminal.logs.add(punch_of("FKDataHS101", "3", kNow + 7, 0));
    bench.run("GET_LOG_DATA");
    checks.equal("six", bench.number("log_count"), 6);
    checks.that(is_plain_ok(bench.run("CLEAR_LOG_DATA")), "clear");
    bench.run("GET_LOG_DATA");
    checks.equal("none", bench.number("log_count"), 0);
    checks.equal(
        "bad time",
        bench.run("GET_LOG_DATA", R"({"begin_time":"today"})").return_code,
        kInvalid);
}

void counts_and_array_follow_the_dialect(Checks &checks)
{
    Bench bench;
    bench.dialect.counts_as_strings = true;
    bench.dialect.log_array = false;
    bench.run("GET_LOG_DATA");
    const auto body = bench.body();
    checks.equal("text", json_string(body.json.get(), "log_count"), "5");
    checks.that(!json_object_get(body.json.get(), "log_array"), "log_array");
    checks.equal("binary", body.bins.size(), 1U);
}

void the_clock_and_the_name_can_be_set(Checks &checks)
{
    Bench bench;
    checks.that(
        is_plain_ok(bench.run("SET_TIME", R"({"time":"20260929210000"})")),
        "time");
    checks.equal("offset", bench.terminal.clock_offset_s, 3600);
    for (const char *json : {R"({"time":"soon"})", R"({"time":""})", "{}", "",
                             R"({"time":"29990101000000"})"}) {
        checks.equal(json, bench.run("SET_TIME", json).return_code, kInvalid);
    }
    checks.equal("unchanged", bench.terminal.clock_offset_s, 3600);
    checks.equal("unframed",
                 execute(bench.terminal, bench.dialect, "SET_TIME",
                         R"({"time":"20260929220000"})", kNow)
                     .return_code,
                 "Error");
    checks.that(is_plain_ok(bench.run("SET_FK_NAME", R"({"fk_name":"Gate"})")),
                "name");
    checks.equal("name", bench.terminal.name, "Gate");
}

void the_server_can_be_changed(Checks &checks)
{
    for (const char *json : {R"({"server_ip":"192.0.2.7","server_port":8013})",
                             R"({"ip_address":"192.0.2.7","port":"8013"})"}) {
        Bench bench;
        checks.about(json);
        checks.that(is_plain_ok(bench.run("SET_WEB_SERVER_INFO", json)), "OK");
        checks.equal("address", bench.terminal.web_server->address,
                     "192.0.2.7");
        checks.equal("port", bench.terminal.web_server->port, 8013);
    }
    Bench bench;
    for (const char *json : {R"({"server_ip":"192.0.2.7"})", "",
                             R"({"server_ip":"a.example","server_port":80})",
                             R"({"server_ip":"192.0.2.7","server_port":0})"}) {
        checks.equal(json, bench.run("SET_WEB_SERVER_INFO", json).return_code,
                     kInvalid);
    }
    checks.that(!bench.terminal.web_server, "changed");
}

void settings_are_kept(Checks &checks)
{
    Bench bench;
    checks.that(is_plain_ok(bench.run("SET_DEVICE_SETTING",
                                      R"({"Volume":"9","Sleep_Time":"3"})")),
                "set");
    bench.run("GET_DEVICE_SETTING");
    const auto body = bench.body();
    checks.equal("volume", json_string(body.json.get(), "Volume"), "9");
    checks.equal("others", json_string(body.json.get(), "Anti-back"), "no");
    for (const char *json : {R"({"Volume":9})", R"({"Colour":"red"})",
                             R"({"Receive_Interval":"0"})"}) {
        checks.equal(json, bench.run("SET_DEVICE_SETTING", json).return_code,
                     kInvalid);
    }
    checks.that(
        is_plain_ok(bench.run("SET_DOOR_STATUS", R"({"door_status":"open"})")),
        "door");
    checks.equal("door", bench.terminal.door, "open");
}

void the_status_counts(Checks &checks)
{
    Bench bench;
    bench.run("GET_DEVICE_STATUS");
    checks.equal("users", bench.number("total_user_count"), 3);
    checks.equal("managers", bench.number("manager_count"), 1);
    checks.equal("others", bench.number("user_count"), 2);
    checks.equal("fingers", bench.number("fp_count"), 3);
    checks.equal("passwords", bench.number("password_count"), 1);
    checks.equal("cards", bench.number("idcard_count"), 1);
    checks.equal("faces", bench.number("face_count"), 0);
    checks.equal("logs", bench.number("total_log_count"), 5);
}

void ids_are_those_of_the_library(Checks &checks)
{
    FkTerminal terminal;
    terminal.library = "FKDataHS101";
    checks.equal("number", terminal.id_of("0007"), "7");
    checks.equal("text", terminal.id_of("A7"), std::nullopt);
    checks.equal("large", terminal.id_of("4294967296"), std::nullopt);
    terminal.library = "FKDataHS102";
    checks.equal("text", terminal.id_of("A0007"), "A0007");
    checks.equal("17", terminal.id_of("12345678901234567"), std::nullopt);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<enroll_data_can_be_got_and_set>),
        cmocka_unit_test(test::unit<users_can_be_changed>),
        cmocka_unit_test(test::unit<a_user_comes_back_as_he_was_sent>),
        cmocka_unit_test(test::unit<enrolments_follow>),
        cmocka_unit_test(test::unit<user_lists_follow_the_library>),
        cmocka_unit_test(test::unit<logs_follow_the_library_and_the_range>),
        cmocka_unit_test(test::unit<logs_grow_and_are_cleared>),
        cmocka_unit_test(test::unit<counts_and_array_follow_the_dialect>),
        cmocka_unit_test(test::unit<the_clock_and_the_name_can_be_set>),
        cmocka_unit_test(test::unit<the_server_can_be_changed>),
        cmocka_unit_test(test::unit<settings_are_kept>),
        cmocka_unit_test(test::unit<the_status_counts>),
        cmocka_unit_test(test::unit<ids_are_those_of_the_library>),
    };
    return cmocka_run_group_tests_name("sim_commands", tests, nullptr, nullptr);
}
