// Punches, credentials, base64 and templates of the cloud dialect
// (cloud-json.md 2.2, 2.3, 4.4).
#include "checks.hpp"

#include "codec/cloud_records.hpp"

#include <string>
#include <vector>

using namespace wac;
using test::Checks;

namespace
{

Json json_of(std::string_view text)
{
    auto json = cloud::read_json(as_bytes(text));
    return json ? std::move(*json) : nullptr;
}

cloud::LogBatch logs_of(std::string_view message)
{
    return cloud::read_logs(json_of(message).get());
}

/** The one record of a message with this object in it. */
cloud::LogBatch logs_with(std::string_view record)
{
    return logs_of(R"({"cmd":"sendlog","record":[)" + std::string(record) +
                   "]}");
}

void a_punch_is_read_whole(Checks &checks)
{
    const auto batch = logs_with(
        R"({"enrollid":101072,"aliasid":"A7","name":" Алия ",)"
        R"("time":"2026-03-02 09:14:00","mode":1,"inout":"0","event":8,)"
        R"("verifymode":13,"temp":36.6,"image":null,"note":{"msg":"x"}})");
    checks.equal("received", batch.received(), 1U);
    if (batch.records.size() != 1) {
        checks.fail("no record");
        return;
    }
    const cloud::LogRecord &log = batch.records[0];
    checks.equal("enrollid", log.enrollid, "101072");
    checks.equal("name", log.name, "Алия");
    checks.that(log.time.wall == WallTime{2026, 3, 2, 9, 14, 0}, "the time");
    checks.equal("mode", log.mode, std::optional{1});
    checks.equal("inout", log.inout, std::optional{0});
    checks.equal("event", log.event, std::optional{8});
    checks.equal("verifymode", log.verifymode, std::optional{13});
    checks.equal("temperature", log.temperature, std::optional{36.6});
    checks.equal("image", log.image, "");
    checks.equal("raw", log.raw,
                 R"({"enrollid":101072,"aliasid":"A7","name":" Алия ",)"
                 R"("time":"2026-03-02 09:14:00","mode":1,"inout":"0",)"
                 R"("event":8,"verifymode":13,"temp":36.6,"image":null,)"
                 R"("note":{"msg":"x"}})");
}

void a_punch_may_say_no_more_than_who_and_when(Checks &checks)
{
    const auto batch = logs_with(
        R"({" EnrollID ":" 0012 ","Time ":"2026-03-02T09:14:00Z ","mode":[]})");
    if (batch.records.size() != 1) {
        checks.fail("no record");
        return;
    }
    const cloud::LogRecord &log = batch.records[0];
    checks.equal("enrollid", log.enrollid, "0012");
    checks.equal("name", log.name, "");
    checks.equal("offset", log.time.utc_offset_s, std::optional{0});
    checks.equal("mode", log.mode, std::nullopt);
    checks.equal("inout", log.inout, std::nullopt);
    checks.equal("event", log.event, std::nullopt);
    checks.equal("verifymode", log.verifymode, std::nullopt);
    checks.equal("temperature", log.temperature, std::nullopt);
}

void a_record_that_cannot_be_read_costs_itself_only(Checks &checks)
{
    struct Invalid {
        std::string raw;
        std::string reason;
    };
    const std::string time = R"("time":"2026-03-02 09:14:00"})";
    const std::string id64(64, '7');
    const Invalid kInvalid[] = {
        {"7", "the record is not an object"},
        {"null", "the record is not an object"},
        {R"([{"enrollid":1}])", "the record is not an object"},
        {"{" + time, "enrollid is missing"},
        {R"({"enrollid":null,)" + time, "enrollid is missing"},
        {R"({"enrollid":" ",)" + time, "enrollid is missing"},
        {R"({"enrollid":true,)" + time,
         "enrollid is neither text nor a number"},
        {R"({"enrollid":{"a":1},)" + time,
         "enrollid is neither text nor a number"},
        {R"({"enrollid":"7)" + id64 + "\"," + time,
         "enrollid is longer than 64 characters"},
        {R"({"enrollid":"a\nb",)" + time, "enrollid holds a control character"},
        {R"({"enrollid":1})", "time is missing"},
        {R"({"enrollid":1,"time":null})", "time is missing"},
        {R"({"enrollid":1,"time":"0000-00-00 00:00:00"})",
         "time is not a valid time: 0000-00-00 00:00:00"},
        {R"({"enrollid":1,"time":1772441640})",
         "time is not a valid time: 1772441640"},
        {R"({"enrollid":1,"time":"Алия","image":"QUJD"})",
         "time is not a valid time: ????????"},
    };
    const std::string good = R"({"enrollid":1,)" + time;
    for (const Invalid &invalid : kInvalid) {
        checks.about(invalid.raw);
        const auto batch = logs_with(good + "," + invalid.raw + "," + good);
        checks.equal("good ones", batch.records.size(), 2U);
        checks.equal("received", batch.received(), 3U);
        if (batch.invalid.size() == 1) {
            checks.equal("raw", batch.invalid[0].raw, invalid.raw);
            checks.equal("reason", batch.invalid[0].reason, invalid.reason);
        }
    }
    checks.about("");
    checks.equal(
        "an enrollid of 64 digits",
        logs_with(R"({"enrollid":)" + id64 + "," + time).records.size(), 1U);
    std::string letters;
    for (int i = 0; i < 64; ++i) {
        letters += "é";
    }
    checks.equal(
        "an enrollid of 64 letters",
        logs_with(R"({"enrollid":")" + letters + "\"," + time).records.size(),
        1U);
}

void records_are_found_under_three_names(Checks &checks)
{
    const std::string log = R"({"enrollid":1,"time":"2026-03-02 09:14:00"})";
    const auto count = [](const std::string &message) {
        return logs_of(message).records.size();
    };
    checks.equal("record", count("{\"record\":[" + log + "]}"), 1U);
    checks.equal("an object", count("{\"record\":" + log + "}"), 1U);
    checks.equal("records", count("{\"records\":[" + log + "," + log + "]}"),
                 2U);
    checks.equal("data", count("{\"data\":[" + log + "]}"), 1U);
    checks.equal("beside a null",
                 count("{\"record\":null,\"data\":[" + log + "]}"), 1U);
    checks.equal("record goes first",
                 count("{\"data\":[" + log + "],\"record\":[]}"), 0U);
    checks.equal("none", count("{\"record\":[]}"), 0U);
    checks.equal("text", count("{\"record\":\"x\"}"), 0U);
    checks.equal("absent", count("{}"), 0U);

    const Json message = json_of(R"({"record":[1,{"a":2},"3"]})");
    const auto elements = cloud::record_elements(message.get());
    checks.equal("elements", elements.size(), 3U);
    if (elements.size() == 3) {
        checks.equal("the last", cloud::text_of(elements[2]), "3");
    }
}

void temperatures_in_three_scales(Checks &checks)
{
    const std::pair<std::string_view, std::optional<double>> kSent[] = {
        {"36.5", 36.5},
        {"365", 36.5},
        {"3650", 36.5},
        {"\"36.5\"", 36.5},
        {"\"365\"", 36.5},
        {"99.9", 99.9},
        {"100", 10},
        {"999", 99.9},
        {"1000", 10},
        {"0", std::nullopt},
        {"0.0", std::nullopt},
        {"null", std::nullopt},
        {"\"\"", std::nullopt},
        {"-1", std::nullopt},
        {"true", std::nullopt},
    };
    for (const auto &[sent, celsius] : kSent) {
        const auto batch =
            logs_with(R"({"enrollid":1,"time":"2026-03-02 09:14:00","temp":)" +
                      std::string(sent) + "}");
        if (batch.records.size() == 1) {
            checks.equal(sent, batch.records[0].temperature, celsius);
        } else {
            checks.fail(std::string(sent) + " costs the record");
        }
    }
}

void an_image_leaves_raw_only_when_it_is_one(Checks &checks)
{
    struct Sent {
        std::string_view json;
        std::string_view image;
        bool in_raw;
    };
    const Sent kSent[] = {
        {R"("/9j/4A==")", "\xff\xd8\xff\xe0", false},
        {R"("data:image/jpeg;base64,\/9j\/4A==")", "\xff\xd8\xff\xe0", false},
        {R"("/9j/\r\n4A==\r\n")", "\xff\xd8\xff\xe0", false},
        {R"("no photo!")", "", true},
        {R"("")", "", true},
        {"null", "", true},
        {"17", "", true},
    };
    const std::string start = R"({"enrollid":1,"time":"2026-03-02 09:14:00")";
    for (const Sent &sent : kSent) {
        checks.about(sent.json);
        const auto batch = logs_with(start + R"(,"Image":)" +
                                     std::string(sent.json) + R"(,"x":1})");
        if (batch.records.size() != 1) {
            checks.fail("no record");
            continue;
        }
        const cloud::LogRecord &log = batch.records[0];
        checks.equal("image", log.image, sent.image);
        checks.equal("in raw", log.raw.find("Image") != log.raw.npos,
                     sent.in_raw);
        checks.that(log.raw.ends_with(R"(,"x":1})"), "the rest of raw");
    }
}

cloud::CredentialRecord credential_of(Checks &checks, std::string_view text)
{
    checks.about(text);
    auto credential = cloud::read_credential(json_of(text).get());
    if (!credential) {
        checks.fail(credential.error().text);
        return {};
    }
    return std::move(*credential);
}

void a_credential_is_read_whole(Checks &checks)
{
    const auto credential = credential_of(
        checks,
        R"({"cmd":"senduser","sn":"ZX1","enrollid":66,"name":" Ali",)"
        R"("backupnum":0,"admin":"1","record":" c3(5)ff ","imagepath":null})");
    checks.equal("enrollid", credential.enrollid, "66");
    checks.equal("name", credential.name, "Ali");
    checks.equal("backupnum", credential.backupnum, std::optional{0});
    checks.equal("admin", credential.admin, std::optional{1});
    checks.that(credential.has_record, "there is a record");
    checks.that(!credential.record_is_number, "it is text");
    checks.equal("record", credential.record, " c3(5)ff ");
    checks.equal("photo", credential.photo, "");
    checks.equal("raw", credential.raw,
                 R"({"cmd":"senduser","sn":"ZX1","enrollid":66,)"
                 R"("name":" Ali","backupnum":0,"admin":"1",)"
                 R"("imagepath":null})");
}

void the_record_of_a_credential_keeps_its_type(Checks &checks)
{
    struct Sent {
        std::string_view json;
        bool has_record;
        bool is_number;
        std::string_view record;
    };
    const Sent kSent[] = {
        {"23532253", true, true, "23532253"},
        {"0001234567", true, false, "0001234567"},
        {R"("0023532253")", true, false, "0023532253"},
        {"4294967296", true, true, "4294967296"},
        {"99999999999999999999", true, false, "99999999999999999999"},
        {"1.5", true, true, "1.5"},
        {R"("")", true, false, ""},
        {"null", false, false, ""},
        {"[1]", false, false, ""},
    };
    for (const Sent &sent : kSent) {
        const auto credential =
            credential_of(checks, R"({"enrollid":1,"backupnum":11,"record":)" +
                                      std::string(sent.json) + "}");
        checks.equal("has_record", credential.has_record, sent.has_record);
        checks.equal("is_number", credential.record_is_number, sent.is_number);
        checks.equal("record", credential.record, sent.record);
        checks.equal("in raw",
                     credential.raw.find("record") != credential.raw.npos,
                     !sent.has_record);
    }
}

void photos_are_decoded(Checks &checks)
{
    const auto photo = credential_of(
        checks, R"({"enrollid":1,"backupnum":50,"record":"QUJD"})");
    checks.equal("photo", photo.photo, "ABC");
    checks.equal("record", photo.record, "QUJD");
    const auto other = credential_of(
        checks, R"({"enrollid":1,"backupnum":20,"record":"QUJD"})");
    checks.equal("photo", other.photo, "");
    const auto broken = credential_of(
        checks, R"({"enrollid":1,"backupnum":"50","record":"QU*D"})");
    checks.equal("photo", broken.photo, "");
    checks.equal("record", broken.record, "QU*D");
}

void a_credential_may_be_a_name_only(Checks &checks)
{
    const auto name = credential_of(checks, R"({"enrollid":"7","name":"Ali"})");
    checks.equal("enrollid", name.enrollid, "7");
    checks.equal("backupnum", name.backupnum, std::nullopt);
    checks.equal("admin", name.admin, std::nullopt);
    checks.that(!name.has_record, "no record");
    checks.that(
        !credential_of(checks, R"({"enrollid":7,"backupnum":null})").backupnum,
        "no backupnum");
    checks.equal(
        "an unknown one",
        credential_of(checks, R"({"enrollid":7,"backupnum":77})").backupnum,
        std::optional{77});
    for (const std::string_view text :
         {R"({"name":"Ali"})", R"({"enrollid":0})", R"({"enrollid":"00"})",
          R"({"enrollid":99999999})", R"({"enrollid":[1]})",
          R"({"enrollid":1,"backupnum":"x"})",
          R"({"enrollid":1,"backupnum":2147483648})"}) {
        checks.about(text);
        const auto refused = cloud::read_credential(json_of(text).get());
        checks.that(!refused && refused.error().code == ErrorCode::malformed,
                    "it is malformed");
    }
}

void base64_is_read_leniently(Checks &checks)
{
    using Read = std::optional<std::string>;
    const std::pair<std::string_view, Read> kSamples[] = {
        {"", ""},
        {"QQ==", "A"},
        {"QUI=", "AB"},
        {"QUJD", "ABC"},
        {"QUJDREVGR0g=", "ABCDEFGH"},
        {"QQ", "A"},
        {"QUI", "AB"},
        {"+/+/", "\xfb\xff\xbf"},
        {" Q U\r\nJ\tD QQ = = ", "ABCA"},
        {"data:image/jpeg;base64,QUJD", "ABC"},
        {"DATA:image/png;Base64,QUJD", "ABC"},
        {"data:;base64,QUJD", "ABC"},
        {"data:image/jpeg,QUJD", std::nullopt},
        {"data:QUJD", std::nullopt},
        {"Q", std::nullopt},
        {"QUJDQ", std::nullopt},
        {"QQ=", std::nullopt},
        {"QUJD=", std::nullopt},
        {"QQ===", std::nullopt},
        {"Q===", std::nullopt},
        {"=", std::nullopt},
        {"QQ==QQ==", std::nullopt},
        {"QUJD=QUJ", std::nullopt},
        {"QU-_", std::nullopt},
        {"QUJ\xc3", std::nullopt},
    };
    for (const auto &[text, read] : kSamples) {
        checks.equal(text, cloud::decode_base64(text), read);
    }
}

void base64_there_and_back(Checks &checks)
{
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        const std::string text = cloud::encode_base64(as_bytes(bytes));
        checks.equal("length", text.size(), (bytes.size() + 2) / 3 * 4);
        checks.that(cloud::decode_base64(text) == bytes, text);
        bytes.push_back(static_cast<char>(i * 7 % 256));
    }
    checks.equal("known", cloud::encode_base64(as_bytes("Mary had")),
                 "TWFyeSBoYWQ=");
}

void templates_are_written_out(Checks &checks)
{
    using Expanded = std::optional<std::string>;
    const std::pair<std::string, Expanded> kSamples[] = {
        {"c3A0", "c3a0"},
        {"c3(3)ff", "c3000000ff"},
        {"(2)", "0000"},
        {"c3(0)", "c3"},
        {"(2)(1)", "000000"},
        {"(4096)", std::string(8192, '0')},
        {"", std::nullopt},
        {"(0)", std::nullopt},
        {"c", std::nullopt},
        {"c(3)3", std::nullopt},
        {"c3(3", std::nullopt},
        {"c3)", std::nullopt},
        {"c3()", std::nullopt},
        {"c3(-1)", std::nullopt},
        {"c3(1x)", std::nullopt},
        {"c3 ff", std::nullopt},
        {"c3xx", std::nullopt},
        {"(4097)", std::nullopt},
        {"(4096)00", std::nullopt},
        {"(4096)(4096)", std::nullopt},
        {"(99999999999999999999)", std::nullopt},
        {"(18446744073709551615)", std::nullopt},
        {std::string(8192, 'f'), std::string(8192, 'f')},
        {std::string(8194, 'f'), std::nullopt},
    };
    for (const auto &[text, expanded] : kSamples) {
        checks.equal(text, cloud::expand_template(text), expanded);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<a_punch_is_read_whole>),
        cmocka_unit_test(test::unit<a_punch_may_say_no_more_than_who_and_when>),
        cmocka_unit_test(
            test::unit<a_record_that_cannot_be_read_costs_itself_only>),
        cmocka_unit_test(test::unit<records_are_found_under_three_names>),
        cmocka_unit_test(test::unit<temperatures_in_three_scales>),
        cmocka_unit_test(test::unit<an_image_leaves_raw_only_when_it_is_one>),
        cmocka_unit_test(test::unit<a_credential_is_read_whole>),
        cmocka_unit_test(test::unit<the_record_of_a_credential_keeps_its_type>),
        cmocka_unit_test(test::unit<photos_are_decoded>),
        cmocka_unit_test(test::unit<a_credential_may_be_a_name_only>),
        cmocka_unit_test(test::unit<base64_is_read_leniently>),
        cmocka_unit_test(test::unit<base64_there_and_back>),
        cmocka_unit_test(test::unit<templates_are_written_out>),
    };
    return cmocka_run_group_tests_name("cloud_records", tests, nullptr,
                                       nullptr);
}
