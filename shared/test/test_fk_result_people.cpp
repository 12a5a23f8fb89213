// What answers to commands become: people, their credentials, and who changed
// what at the terminal.
#include "fk_answer.hpp"

using namespace wac;
using namespace std::string_literals;
using namespace std::string_view_literals;
using test::Answer;
using test::bin_of;
using test::check_success;
using test::Checks;
using test::kSn;
using test::made;
using test::recorded;

namespace
{

// ---- people ----------------------------------------------------------------

struct Person {
    std::string_view enrollid;
    std::string_view privilege;
    std::int32_t admin;
    bool enabled;
    std::string_view raw;
};

struct People {
    std::string_view vector;
    std::string_view library;
    std::size_t rows;
    std::vector<Person> people;
};

// clang-format off
const People kPeople[] = {
    {"34-result-userlist-hs101.req", "FKDataHS101", 3,
        {{"1", "MANAGER", 1, true,
          R"({"fk_bin_data_lib":"FKDataHS101","flags":{"password":false,"card":false,"face":false,)"
          R"("fingers":1,"veins":0,"palms":0},"row":"0100000001010800"})"},
         {"2", "OPERATOR", 2, true,
          R"({"fk_bin_data_lib":"FKDataHS101","flags":{"password":false,"card":false,"face":false,)"
          R"("fingers":1,"veins":0,"palms":0},"row":"0200000002010800"})"},
         {"3", "MANAGER", 1, true,
          R"({"fk_bin_data_lib":"FKDataHS101","flags":{"password":false,"card":false,"face":false,)"
          R"("fingers":1,"veins":0,"palms":0},"row":"0300000001010800"})"}}},
    {"35-result-userlist-hs103.req", "FKDataHS103", 3,
        {{"1", "MANAGER", 1, true,
          R"({"fk_bin_data_lib":"FKDataHS103","flags":{"password":false,"card":false,"face":true,)"
          R"("fingers":1,"veins":0,"palms":0},"row":"31000000000000000000000000000000)"
          R"(0000000000000000000000000000000001010c00"})"},
         {"0013", "USER", 0, true,
          R"({"fk_bin_data_lib":"FKDataHS103","flags":{"password":true,"card":false,"face":true,)"
          R"("fingers":1,"veins":0,"palms":0},"row":"30303133000000000000000000000000)"
          R"(0000000000000000000000000000000000010d00"})"},
         {"EMP_7", "USER", 0, false,
          R"({"fk_bin_data_lib":"FKDataHS103","flags":{"password":false,"card":true,"face":false,)"
          R"("fingers":0,"veins":0,"palms":2},"row":"454d505f370000000000000000000000)"
          R"(0000000000000000000000000000000000000240"})"}}},
    {"36-result-userlist-hs102.body", "", 2,
        {{"1042", "USER", 0, true,
          R"({"flags":{"password":false,"card":false,"face":false,"fingers":2,"veins":0,"palms":0},)"
          R"("row":"3130343200000000000000000000000000011000"})"},
         {"A-9", "MANAGER", 1, true,
          R"({"flags":{"password":true,"card":true,"face":false,"fingers":0,"veins":0,"palms":0},)"
          R"("row":"412d390000000000000000000000000001010300"})"}}},
    {"37-result-userlist-hs100.body", "FKDataHS100", 3,
        {{"5", "USER", 0, true,
          R"({"fk_bin_data_lib":"FKDataHS100","backup_numbers":[0,10],)"
          R"("rows":["0100000005000000","01000a0005000000"]})"},
         {"6", "MANAGER", 1, true,
          R"({"fk_bin_data_lib":"FKDataHS100","backup_numbers":[11],"rows":["01010b0006000000"]})"}}},
};
// clang-format on

void check_people(Checks &checks, const ResultRecords &records,
                  const std::vector<Person> &wanted)
{
    checks.equal("people", records.users.size(), wanted.size());
    for (std::size_t i = 0; i < std::min(records.users.size(), wanted.size());
         ++i) {
        const ListedUser &user = records.users[i];
        checks.equal("enrollid", user.enrollid, wanted[i].enrollid);
        checks.equal("privilege", user.privilege, wanted[i].privilege);
        checks.equal("admin", user.admin, std::optional(wanted[i].admin));
        checks.equal("enabled", user.enabled, std::optional(wanted[i].enabled));
        checks.equal("raw", user.raw, wanted[i].raw);
    }
}

void recorded_people(Checks &checks)
{
    for (const People &wanted : kPeople) {
        for (const char *cmd_code : {"GET_USER_ID_LIST", "list_users"}) {
            checks.about(wanted.vector);
            const auto answer = recorded(
                wanted.vector, {cmd_code, std::string(wanted.library), ""});
            check_success(checks, *answer);
            const ResultRecords records = answer->all();
            checks.equal("rows", records.rows, wanted.rows);
            check_people(checks, records, wanted.people);
        }
    }
}

void odd_people(Checks &checks)
{
    // twice the same person, one without an id, one of privilege 4
    std::string rows = bin_of("36-result-userlist-hs102.body");
    rows += rows.substr(0, 20) + std::string(20, '\0') + rows.substr(0, 20);
    rows[40 + 17] = '\0'; // the first again, disabled
    rows[80] = '2';
    rows[80 + 16] = '\4';
    const auto answer = made(R"({"user_id_count":5,"one_user_id_size":20})",
                             {"GET_USER_ID_LIST", ""}, {as_bytes(rows)});
    const ResultRecords records = answer->all();
    checks.equal("rows", records.rows, 5U);
    checks.equal("people", records.users.size(), 3U);
    if (records.users.size() == 3) {
        checks.equal("the last counts", records.users[0].enabled,
                     std::optional(false));
        checks.equal("custom privilege", records.users[2].privilege, "4");
        checks.equal("custom privilege", records.users[2].admin,
                     std::optional(4));
    }
    checks.equal("invalid", records.invalid.size(), 20U);
    checks.equal("reason", records.invalid_reason,
                 "1 row of GET_USER_ID_LIST has no valid user id");

    // one of two credentials is disabled
    std::string credentials = bin_of("37-result-userlist-hs100.body");
    credentials[8] = '\0';
    const auto hs200 =
        made(R"({"user_id_count":3})", {"GET_USER_ID_LIST", "FKDataHS200"},
             {as_bytes(credentials)});
    const ResultRecords some = hs200->all();
    checks.equal("enabled",
                 some.users.empty() ? std::nullopt : some.users[0].enabled,
                 std::optional(true));
    const ResultRecords second = hs200->result->portion(1, 1);
    checks.equal("a portion", second.users.size(), 1U);
    checks.equal("is disabled", second.users[0].enabled, std::optional(false));
}

/** "backup:text or size" of each credential. */
std::string credentials_of(const StoreEnrolment &user)
{
    std::string text;
    for (const StoredCredential &credential : user.credentials) {
        text += std::to_string(credential.backupnum) + ':' +
                (credential.is_text
                     ? std::string(as_text(credential.data))
                     : '#' + std::to_string(credential.data.size())) +
                ' ';
    }
    return text;
}

void the_recorded_user(Checks &checks)
{
    for (const auto &[cmd_code, param] :
         {std::pair{"GET_USER_INFO", R"({"user_id":"4"})"},
          std::pair{"get_user", R"({"enrollid":"4"})"}}) {
        checks.about(cmd_code);
        const auto answer = recorded("39-result-userinfo-0x7b.req",
                                     {cmd_code, "FKDataHS101", param});
        check_success(checks, *answer);
        const ResultRecords records = answer->all();
        checks.equal("rows", records.rows, 1U);
        if (!records.enrolment) {
            checks.fail("no user");
            continue;
        }
        const StoreEnrolment &user = *records.enrolment;
        checks.equal("sn", user.sn, kSn);
        checks.equal("enrollid", user.enrollid, "4");
        checks.equal("name", user.name, "NN");
        checks.equal("privilege", user.privilege, "MANAGER");
        checks.equal("admin", user.admin, std::optional(1));
        checks.that(!user.enabled, "enabled is not said");
        checks.that(user.photo.empty(), "a photo");
        checks.equal("raw", user.raw, answer->body.json_text);
        checks.equal("credentials", credentials_of(user), "0:#64 ");
        checks.that(as_text(user.credentials[0].data) ==
                        bin_of("39-result-userinfo-0x7b.req"),
                    "another finger");
        const ResultRecords behind = answer->result->portion(1, 1);
        checks.that(!behind.enrolment && behind.rows == 0, "twice");
    }
}

void a_user_that_is_not_named_is_the_one_asked_for(Checks &checks)
{
    const std::pair<std::string_view, std::string_view> kParams[] = {
        {R"({"user_id":"0012"})", "0012"},
        {R"({"user_id":12})", "12"},
        {R"({"user_id":null,"enrollid":"7"})", "7"},
    };
    for (const auto &[param, enrollid] : kParams) {
        const auto answer =
            made(R"({"user_id":"","user_name":"A","enable_flag":"ON"})",
                 {"GET_USER_INFO", "FKDataHS103", std::string(param)});
        const ResultRecords records = answer->all();
        checks.equal("enrollid",
                     records.enrolment ? records.enrolment->enrollid : "",
                     enrollid);
        checks.equal("enabled",
                     records.enrolment ? records.enrolment->enabled
                                       : std::nullopt,
                     std::optional(true));
    }
}

void binaries_without_a_place_stay(Checks &checks)
{
    const std::string_view kJson =
        R"({"user_id":"1","user_photo":"BIN_1","enroll_data_array":[)"
        R"({"backup_number":10,"enroll_data":"BIN_2"},)"
        R"({"backup_number":300,"enroll_data":"BIN_3"}]})";
    const std::string pin("1234\0", 5);
    const auto answer = made(kJson, {"GET_USER_INFO", "", ""},
                             {as_bytes("photo"), as_bytes(pin), as_bytes("odd"),
                              as_bytes(""), as_bytes("more"), as_bytes("")});
    check_success(checks, *answer, 5);
    checks.that(answer->end().result_bin ==
                    std::vector{""s, ""s, "odd"s, ""s, "more"s},
                "other binaries");
    const ResultRecords records = answer->all();
    checks.equal("credentials",
                 records.enrolment ? credentials_of(*records.enrolment) : "",
                 "10:1234 ");
}

void recorded_credentials(Checks &checks)
{
    const std::string tiny = test::fk_vector_body("56a-block-tiny-1.req") +
                             test::fk_vector_body("56b-block-tiny-2.req") +
                             test::fk_vector_body("56c-block-tiny-3.req") +
                             test::fk_vector_body("56d-block-tiny-0.req");
    struct Sample {
        std::string bytes;
        std::string_view cmd_code;
        std::string_view param;
        std::string_view enrollid;
        std::string_view credentials;
    };
    const Sample kSamples[] = {
        {test::fk_vector_body("67-result-enroll-data.req"), "GET_ENROLL_DATA",
         R"({"user_id":"12","backup_number":0})", "12", "0:#64 "},
        {tiny, "GET_ENROLL_DATA", R"({"user_id":12,"backup_number":"9"})", "12",
         "9:#5 "},
        {tiny, "get_user", R"({"enrollid":"012","backupnum":20})", "012",
         "20:#5 "},
        {fk::encode_body(R"({"enroll_data":"BIN_1"})", {as_bytes("1234")}),
         "get_user", R"({"enrollid":7,"backupnum":"10"})", "7", "10:1234 "},
        {fk::encode_body("{}", {as_bytes("00123\0"sv)}), "GET_ENROLL_DATA",
         R"({"user_id":"7","backup_number":11})", "7", "11:00123 "},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.param);
        const Answer answer(sample.bytes,
                            {std::string(sample.cmd_code), "FKDataHS101",
                             std::string(sample.param)});
        check_success(checks, answer);
        const ResultRecords records = answer.all();
        checks.equal("rows", records.rows, 1U);
        if (!records.enrolment) {
            checks.fail("no credential");
            continue;
        }
        const StoreEnrolment &user = *records.enrolment;
        checks.equal("sn", user.sn, kSn);
        checks.equal("enrollid", user.enrollid, sample.enrollid);
        checks.equal("credentials", credentials_of(user), sample.credentials);
        checks.that(user.raw.data() == nullptr, "raw is not null");
        checks.that(user.name.empty() && user.privilege.empty() &&
                        !user.admin && !user.enabled && user.photo.empty(),
                    "more than was said");
    }
    const auto empty = made(
        R"({"enroll_data":"BIN_1"})",
        {"GET_ENROLL_DATA", "", R"({"user_id":"1","backup_number":0})"}, {{}});
    check_success(checks, *empty);
    checks.equal("no data", empty->all().rows, 0U);
}

// ---- management log --------------------------------------------------------

void recorded_management_logs(Checks &checks)
{
    struct Sample {
        std::string_view vector;
        AdminRecord record;
    };
    const Sample kSamples[] = {
        {"46-result-slog-16.body",
         {"0300ff",
          "1",
          "857",
          "enrol_user",
          {2024, 2, 29, 7, 8},
          R"({"kind":3,"kind_name":"enrol_user","backup_number":0,"item":255,)"
          R"("row":"010300ff01000000590300007c20fd20"})",
          std::nullopt}},
        {"47-result-slog-40.body",
         {"120081",
          "1",
          "1042",
          "modify_user",
          {2024, 2, 29, 7, 8},
          R"({"kind":18,"kind_name":"modify_user","backup_number":0,)"
          R"("item":129,"item_name":"name","row":"01120081)"
          R"(3100000000000000000000000000000031303432000000000000000000000000)"
          R"(7c20fd20"})",
          std::nullopt}},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.vector);
        const auto answer =
            recorded(sample.vector, {"GET_SLOG_DATA", "FKDataHS101", ""});
        check_success(checks, *answer);
        const ResultRecords records = answer->all();
        checks.equal("rows", records.rows, 1U);
        if (records.admin_logs.size() != 1) {
            checks.fail("not one record");
            continue;
        }
        const AdminRecord &record = records.admin_logs[0];
        checks.equal("log_id", record.log_id, sample.record.log_id);
        checks.equal("admin_id", record.admin_id, sample.record.admin_id);
        checks.equal("user_id", record.user_id, sample.record.user_id);
        checks.equal("action", record.action, sample.record.action);
        checks.that(record.record_time == sample.record.record_time, "time");
        checks.equal("raw", record.raw, sample.record.raw);
    }
    std::string rows = bin_of("46-result-slog-16.body");
    rows += rows;
    rows[1] = '\x63';             // kind 99
    rows.replace(28, 4, 4, '\0'); // no date
    const auto odd = made(R"({"log_count":2,"one_log_size":16})",
                          {"GET_SLOG_DATA"}, {as_bytes(rows)});
    const ResultRecords records = odd->all();
    checks.equal("unknown kind",
                 records.admin_logs.empty() ? "" : records.admin_logs[0].action,
                 "kind_99");
    checks.equal("invalid", records.invalid_rows, 1U);
    checks.that(records.invalid == rows.substr(16), "other bytes");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<recorded_people>),
        cmocka_unit_test(test::unit<odd_people>),
        cmocka_unit_test(test::unit<the_recorded_user>),
        cmocka_unit_test(
            test::unit<a_user_that_is_not_named_is_the_one_asked_for>),
        cmocka_unit_test(test::unit<binaries_without_a_place_stay>),
        cmocka_unit_test(test::unit<recorded_credentials>),
        cmocka_unit_test(test::unit<recorded_management_logs>),
    };
    return cmocka_run_group_tests_name("fk_result_people", tests, nullptr,
                                       nullptr);
}
