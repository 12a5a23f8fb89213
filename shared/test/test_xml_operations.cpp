// What XML terminals send, as the database gets it: the vectors with their
// normalised records, values, odd and hostile logs.
#include "checks.hpp"
#include "xml_talk.hpp"

#include "base/bytes.hpp"
#include "codec/json.hpp"
#include "proto/xml_operations.hpp"

#include <set>

using namespace wac;
using test::Checks;
using test::xml_message;
using test::xml_vector;

namespace
{

constexpr std::int64_t kUsPerMinute = 60000000;

/** "2026-05-12T09:15:30" or with a Z, in microseconds since 2000. */
std::int64_t us_of(std::string_view text)
{
    const auto time = xml::parse_time(text);
    return time ? time->since_2000_us() : -1;
}

xml::Message log_with(std::initializer_list<xml::Field> changes,
                      xml::Dialect dialect = xml::Dialect::message)
{
    xml::Message log = xml_message(xml::Kind::event, "TimeLog_v2",
                                   {{"LogID", "7"},
                                    {"Time", "2026-05-12-T09:15:30Z"},
                                    {"UserID", "42"},
                                    {"Action", "FP"},
                                    {"AttendStat", "DutyOn"},
                                    {"TransID", "7"}},
                                   dialect);
    for (const xml::Field &change : changes) {
        const auto at = std::find_if(
            log.fields.begin(), log.fields.end(),
            [&](const xml::Field &field) { return field.name == change.name; });
        if (at == log.fields.end()) {
            log.fields.push_back(change);
        } else {
            at->value = change.value;
        }
    }
    return log;
}

std::string or_zero(const json_t *canon)
{
    const std::string_view user = json_string(canon, "user_id");
    return user.empty() ? "0" : std::string(user);
}

void check_time(Checks &checks, const json_t *canon, const WallTime &wall,
                const std::optional<std::int64_t> &instant_us)
{
    checks.equal("local", wall.since_2000_us(),
                 us_of(json_string(canon, "local")));
    const bool told = json_string(canon, "offset_source") == "message";
    checks.equal("instant told", instant_us.has_value(), told);
    if (told) {
        checks.equal("utc", instant_us.value_or(0),
                     us_of(json_string(canon, "utc")));
    }
}

void check_punch(Checks &checks, const xml::Message &message,
                 const json_t *canon)
{
    const auto store = xml::handle_timelog(message, "TST", "Asia/Manila");
    if (!store || store->records.size() != 1) {
        checks.fail("no record");
        return;
    }
    const AttendanceRecord &row = store->records.front();
    checks.equal("enrollid", row.enrollid, or_zero(canon));
    checks.equal("log_id", row.log_id, json_string(canon, "log_id"));
    checks.equal("photo", row.photo.size(),
                 static_cast<std::size_t>(json_integer_value(
                     json_object_get(canon, "photo_bytes"))));
    const json_t *temp = json_object_get(canon, "temp_c");
    checks.equal("temperature", row.temperature.value_or(0),
                 json_real_value(temp));
    checks.equal("latitude", row.latitude.value_or(0),
                 json_object_get(canon, "lat") ? 40.7128 : 0);
    checks.equal("longitude", row.longitude.value_or(0),
                 json_object_get(canon, "lon") ? -74.0060 : 0);
    check_time(checks, canon, row.record_time, row.instant_us);
    const std::string_view attend = json_string(canon, "attend");
    checks.equal("direction", row.direction,
                 attend == "duty_on"    ? "in"
                 : attend == "duty_off" ? "out"
                 : attend == "none"     ? ""
                                        : attend);
    checks.that(row.raw.find("/9j/") == row.raw.npos, "the photo is in raw");
    checks.that(row.raw.find("\"JobCode\":\"") != row.raw.npos,
                "no JobCode in raw");
    checks.equal("zone", store->zone, "Asia/Manila");
    checks.equal("protocol", store->protocol == Protocol::xml, true);
}

void check_admin(Checks &checks, const xml::Message &message,
                 const json_t *canon)
{
    const auto store = xml::handle_adminlog(message, "TST", "Asia/Manila");
    if (!store || store->records.size() != 1) {
        checks.fail("no record");
        return;
    }
    const AdminRecord &row = store->records.front();
    checks.equal("log_id", row.log_id, json_string(canon, "log_id"));
    checks.equal("admin_id", row.admin_id, json_string(canon, "admin_id"));
    checks.equal("user_id", row.user_id, json_string(canon, "user_id"));
    checks.equal("action", row.action, json_string(canon, "action"));
    check_time(checks, canon, row.record_time, row.instant_us);
}

void vectors_become_their_records(Checks &checks)
{
    std::size_t seen = 0;
    for (const auto &entry : std::filesystem::directory_iterator(
             std::filesystem::path(WAC_VECTORS) / "xml")) {
        const std::string file = entry.path().filename().string();
        if (!file.ends_with(".canon.json")) {
            continue;
        }
        ++seen;
        const std::string name = file.substr(0, file.size() - 11);
        checks.about(name);
        const Json canon(json_load_file(entry.path().c_str(), 0, nullptr));
        const xml::Message message = xml_vector(name + ".request.xml");
        const bool admin = json_string(canon.get(), "kind") == "adminlog";
        checks.equal("event", xml::event_of(message) == xml::Event::adminlog,
                     admin);
        if (admin) {
            check_admin(checks, message, canon.get());
        } else {
            check_punch(checks, message, canon.get());
        }
    }
    checks.equal("vectors", seen, 16U);
}

std::string refusal_of(const xml::Message &message)
{
    const auto store = xml::handle_timelog(message, "TST", "");
    if (!store && store.error().code != ErrorCode::malformed) {
        return "another code";
    }
    return store ? "taken" : store.error().text;
}

void bad_logs_are_errors(Checks &checks)
{
    constexpr std::string_view kBadId = "LogID is no number of 0 to 2^63 - 1";
    constexpr std::string_view kBadTime = "Time is no time of the calendar";
    const std::pair<xml::Field, std::string_view> kRows[] = {
        {{"LogID", "9223372036854775807"}, "taken"},
        {{"LogID", "9223372036854775808"}, kBadId},
        {{"LogID", "-1"}, kBadId},
        {{"LogID", "1.5"}, kBadId},
        {{"LogID", ""}, kBadId},
        {{"Time", "2026-02-30-T09:15:30Z"}, kBadTime},
        {{"Time", ""}, kBadTime},
        {{"Time", "9999-12-31-T23:59:59Z"}, "taken"},
        {{"UserID", "1'; DROP TABLE logs;--"}, "UserID is no id"},
        {{"UserID", "-1"}, "UserID is no id"},
        {{"UserID", ""}, "it does not say whose it is"},
        {{"UserID", "00042"}, "taken"},
        {{"UserID_Base36", "a b"}, "UserID is no id"},
    };
    for (const auto &[field, wanted] : kRows) {
        checks.about(field.name + " " + field.value);
        checks.equal("refusal", refusal_of(log_with({field})), wanted);
    }
    checks.about("files");
    checks.equal("no LogID",
                 refusal_of(xml_vector("timelog-v2-no-logid.request.xml")),
                 "LogID is missing");
    checks.equal("sql", refusal_of(xml_vector("hostile/sql-in-userid.xml")),
                 "UserID is no id");
    checks.equal("overflow",
                 refusal_of(xml_vector("hostile/number-overflow.xml")), kBadId);
    checks.equal("negative",
                 refusal_of(xml_vector("hostile/number-negative.xml")), kBadId);
    checks.equal("date", refusal_of(xml_vector("hostile/time-invalid.xml")),
                 kBadTime);
    checks.equal(
        "admin log",
        xml::handle_adminlog(log_with({{"Time", "x"}}), "TST", "").error().text,
        kBadTime);
}

void what_is_odd_is_dropped_and_the_log_kept(Checks &checks)
{
    const auto record = [&](const xml::Message &message) {
        Texts texts;
        auto row = xml::attendance_of(message, texts);
        if (!row) {
            checks.fail(row.error().text);
        }
        const std::string text =
            row ? std::to_string(row->photo.size()) +
                      (row->instant_us ? " instant" : "") +
                      (row->temperature ? " temperature" : "") +
                      (row->latitude ? " latitude" : "") +
                      (row->inout ? " inout " + std::to_string(*row->inout)
                                  : "")
                : "";
        return text;
    };
    checks.equal("absurd offset",
                 record(xml_vector("hostile/offset-absurd.xml")), "0");
    checks.equal("no base64", record(xml_vector("hostile/bad-base64.xml")),
                 "0");
    checks.equal("no JPEG", record(xml_vector("hostile/photo-not-jpeg.xml")),
                 "0");
    checks.equal("far future",
                 record(xml_vector("hostile/time-far-future.xml")), "0");
    checks.equal("formula", record(xml_vector("hostile/csv-formula.xml")), "0");
    checks.equal("Photo=No",
                 record(log_with({{"Photo", "No"}, {"LogImage", "/9j/2Q=="}})),
                 "0");
    checks.equal("Photo=Yes",
                 record(log_with({{"Photo", "Yes"}, {"LogImage", "/9j/2Q=="}})),
                 "4");
    checks.equal("no temperature",
                 record(log_with({{"BodyTemperature100", "0"}})), "0");
    checks.equal("no place", record(log_with({{"Latitude", "91"}})), "0");
    checks.equal("no number", record(log_with({{"Latitude", "nan"}})), "0");
    checks.equal("a place", record(log_with({{"Latitude", "-90"}})),
                 "0 latitude");
    checks.equal("a number", record(log_with({{"AttendStat", "4"}})),
                 "0 inout 4");
}

void words_are_folded(Checks &checks)
{
    const std::pair<std::string_view, std::string_view> kMethods[] = {
        {"FP", "finger"},        {"PWD", "password"},
        {"CD", "card"},          {"FACE", "face"},
        {"Face", "face"},        {"QR", "qr"},
        {"Palm", "palm"},        {"FP+CD+PWD", "combined"},
        {"CD+FACE", "combined"}, {"FP+", "other"},
        {"FP+X", "other"},       {"VerifyFail", "other"},
        {"InvalidTZ", "other"},  {"Duress", "other"},
        {"IlgOpen", ""},         {"Tamper", ""},
        {"Auto Recover", ""},    {"", ""},
        {"Voice", "other"},
    };
    for (const auto &[action, wanted] : kMethods) {
        checks.about(action);
        checks.equal("method", xml::method_of(action), wanted);
    }
    const std::pair<std::string_view, std::string_view> kDirections[] = {
        {"Duty On", "in"},
        {"DutyOff", "out"},
        {"duty_off", "out"},
        {"In", "in"},
        {"Out", "out"},
        {"Overtime On", "overtime_on"},
        {"OvertimeOff", "overtime_off"},
        {"Go Out On", "go_out_on"},
        {"GoOutOff", "go_out_off"},
        {"None", ""},
        {"", ""},
        {"0", "in"},
        {"1", "out"},
        {"3", "overtime_off"},
        {"5", "out"},
        {"6", ""},
        {"Break Out", "break_out"},
        {"BreakOut", "break_out"},
        {"F1", "f1"},
        {"--", ""},
    };
    for (const auto &[stat, wanted] : kDirections) {
        checks.about(stat);
        checks.equal("direction", xml::direction_of(stat), wanted);
    }
}

void secrets_stay_out(Checks &checks)
{
    const xml::Message message = xml_message(xml::Kind::event, "FaceEnrolled",
                                             {{"DeviceSerialNo", "TST"},
                                              {"UserID", "3"},
                                              {"PWD", "0123"},
                                              {"Card", "koRRAA=="},
                                              {"FaceData", "AAEC"},
                                              {"Token", "t"},
                                              {"CloudId", "c"},
                                              {"Note", "a\"b"}});
    Texts texts;
    const StoreEvent event = xml::handle_event(message, "TST", texts);
    checks.equal("type", event.event_type, "FaceEnrolled");
    checks.equal("payload", event.payload,
                 R"({"DeviceSerialNo":"TST","UserID":"3","Note":"a\"b"})");
    const StoreEvent unknown = xml::handle_event(
        xml_vector("event-unknown.request.xml"), "TST", texts);
    checks.equal("type", unknown.event_type, "OpLog_v2");
    checks.that(unknown.payload.find(R"("LogID":"9")") != unknown.payload.npos,
                "no LogID in the payload");
    const auto punch =
        xml::handle_timelog(log_with({{"CardNo", "5"}}), "TST", "");
    checks.that(punch && punch->records[0].raw.find("CardNo") ==
                             std::string_view::npos,
                "a card is in raw");
}

void a_pulled_log_is_as_a_pushed_one(Checks &checks)
{
    const auto store =
        xml::handle_timelog(xml_vector("cmd-getnextglog.reply.xml"), "TST", "");
    if (!store) {
        checks.fail(store.error().text);
        return;
    }
    const AttendanceRecord &row = store->records.front();
    checks.equal("log_id", row.log_id, "1042");
    checks.equal("instant", row.instant_us.value_or(0),
                 us_of("2026-05-12T01:15:30Z"));
    checks.that(row.raw.find("Result") == row.raw.npos,
                "the answer's result is in raw");
}

void a_registration_says_what_it_is(Checks &checks)
{
    const Contact plain =
        xml::contact_of(xml_vector("register.request.xml"), "TST0000001",
                        Enrolment::open, "192.0.2.1", "UTC");
    checks.equal("model", plain.model, "F500");
    checks.equal("devinfo", plain.devinfo, R"({"TerminalType":"F500"})");
    checks.equal("sn", plain.sn, "TST0000001");
    checks.equal("protocol", plain.protocol == Protocol::xml, true);
    const Contact named =
        xml::contact_of(xml_vector("register-productname.request.xml"), "TST",
                        Enrolment::open, "", "");
    checks.equal("model", named.model, "TestFace");
    const Contact login = xml::contact_of(xml_vector("login.request.xml"),
                                          "TST", Enrolment::open, "", "");
    checks.equal("devinfo", login.devinfo, "");
}

void a_keepalive_tells_the_clock(Checks &checks)
{
    const auto time = xml::device_time_of(xml_vector("keepalive.request.xml"));
    checks.that(time == WallTime{2026, 5, 12, 9, 15, 30}, "another time");
    checks.that(
        !xml::device_time_of(xml_vector("keepalive-minimal.request.xml")),
        "a time from nowhere");
    checks.that(us_of("2026-05-12T09:15:30") % kUsPerMinute == 30000000,
                "the test's own times are wrong");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<vectors_become_their_records>),
        cmocka_unit_test(test::unit<bad_logs_are_errors>),
        cmocka_unit_test(test::unit<what_is_odd_is_dropped_and_the_log_kept>),
        cmocka_unit_test(test::unit<words_are_folded>),
        cmocka_unit_test(test::unit<secrets_stay_out>),
        cmocka_unit_test(test::unit<a_pulled_log_is_as_a_pushed_one>),
        cmocka_unit_test(test::unit<a_registration_says_what_it_is>),
        cmocka_unit_test(test::unit<a_keepalive_tells_the_clock>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
