// What the FK messages say: every recorded poll, punch and enrolment field
// by field, and the oddities of other firmware.
#include "checks.hpp"
#include "vectors.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"

using namespace wac;
using test::Checks;

namespace
{

/** A decoded body together with the bytes that it points into. */
struct Message {
    std::string bytes;
    fk::Body body;
};

Message message_of(std::string bytes)
{
    Message message{std::move(bytes), {}};
    auto body = fk::decode_body(as_bytes(message.bytes));
    if (!body) {
        throw std::runtime_error(body.error().text);
    }
    message.body = std::move(*body);
    return message;
}

Message vector(std::string_view name)
{
    return message_of(test::fk_vector_body(name));
}

Message json(std::string_view text, const std::vector<Bytes> &bins = {})
{
    return message_of(fk::encode_body(text, bins));
}

constexpr std::string_view
    kJpeg("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\1\0H\0H\0\0\xff\xd9", 22);

// ---- polls ---------------------------------------------------------------

struct Poll {
    std::string_view name;
    std::string_view fk_name;
    WallTime fk_time;
    std::string_view firmware;
    std::string_view library; // in devinfo
};

void recorded_polls(Checks &checks)
{
    const Poll kPolls[] = {
        {"01-receive_cmd-hs101.req",
         "fk_device",
         {2019, 1, 3, 13, 1, 59},
         "ZFKL101HS100 V2.69 MG BS2A",
         "FKDataHS101"},
        {"02-receive_cmd-hs103.req",
         "",
         {2026, 9, 29, 20, 0, 0},
         "A102D2S2K1Wfs01 v1.14",
         "FKDataHS103"},
        {"03-receive_cmd-seed-minimal.req",
         "gate 1",
         {2014, 12, 10, 13, 47, 42},
         "FK725HS001",
         "FKDataHS001"},
        {"04-receive_cmd-cmd_id-dialect.req",
         "fk_device",
         {2019, 1, 3, 13, 1, 59},
         "ZFKL101HS100 V2.69 MG BS2A",
         "FKDataHS102"},
        {"05-receive_cmd-absolute-uri.req",
         "",
         {2025, 11, 6, 12, 30, 55},
         "M60 v3.16",
         "M50"},
    };
    for (const Poll &poll : kPolls) {
        checks.about(poll.name);
        const Message message = vector(poll.name);
        const auto read = fk::decode_receive_cmd(message.body);
        checks.equal("fk_name", read.fk_name, poll.fk_name);
        checks.that(read.fk_time == poll.fk_time, "another fk_time");
        checks.equal("firmware", read.firmware, poll.firmware);
        const Json devinfo(json_loads(read.devinfo.c_str(), 0, nullptr));
        checks.equal("library", json_string(devinfo.get(), "fk_bin_data_lib"),
                     poll.library);
        checks.that(json_object_get(devinfo.get(), "fk_name") != nullptr &&
                        json_string(devinfo.get(), "fk_name") == poll.fk_name,
                    "fk_name is not in devinfo");
    }
    checks.about("02");
    const Message hs103 = vector("02-receive_cmd-hs103.req");
    checks.equal("devinfo", fk::decode_receive_cmd(hs103.body).devinfo,
                 R"({"face_data_ver":528,"firmware":"A102D2S2K1Wfs01 v1.14",)"
                 R"("firmware_filename":"A102D2S2K1Wfs01_um",)"
                 R"("fk_bin_data_lib":"FKDataHS103","fp_data_ver":128,)"
                 R"("supported_enroll_data":["FP","PASSWORD","IDCARD","FACE"],)"
                 R"("fk_name":""})");
}

void a_poll_never_fails(Checks &checks)
{
    const fk::Body nothing;
    checks.equal("empty", fk::decode_receive_cmd(nothing).devinfo, "");
    const Message odd =
        json(R"({"fk_name":7,"fk_time":"yesterday","fk_info":"none"})");
    const auto poll = fk::decode_receive_cmd(odd.body);
    checks.equal("fk_name", poll.fk_name, "");
    checks.that(!poll.fk_time, "a time out of nothing");
    checks.equal("firmware", poll.firmware, "");
    checks.equal("devinfo", poll.devinfo, R"({"fk_name":7})");
    const Message bare = json(R"({"fk_time":"20260101000000"})");
    checks.equal("neither", fk::decode_receive_cmd(bare.body).devinfo, "");
    const Message info = json(R"({"fk_info":{"firmware":"x"}})");
    checks.equal("info only", fk::decode_receive_cmd(info.body).devinfo,
                 R"({"firmware":"x"})");
}

// ---- punches -------------------------------------------------------------

struct Punch {
    std::string_view name;
    std::string_view user_id;
    WallTime io_time;
    std::optional<std::int64_t> verify_mode;
    std::optional<std::int64_t> io_mode;
    std::string_view method;
    std::string_view direction = "";
    std::string_view m50_method = "";
    std::string_view log_image = "";
};

void check_punch(Checks &checks, const fk::RealtimeGlog &glog,
                 const Punch &punch)
{
    checks.equal("user_id", glog.user_id, punch.user_id);
    checks.that(glog.io_time == punch.io_time, "another io_time");
    checks.equal("verify_mode", glog.verify_mode, punch.verify_mode);
    checks.equal("io_mode", glog.io_mode, punch.io_mode);
    checks.equal("method", glog.method, punch.method);
    checks.equal("direction", glog.direction, punch.direction);
    checks.equal("m50_method", glog.m50_method, punch.m50_method);
    checks.that(as_text(glog.log_image) == punch.log_image, "another image");
    checks.that(!glog.image_missing, "its image is missing");
}

void recorded_punches(Checks &checks)
{
    // clang-format off
    const Punch kPunches[] = {
        {"10-glog-hs101.req",        "1",        {2018, 10, 5, 16, 59, 17}, 3, 1, "card"},
        {"11-glog-hs102.req",        "1042",     {2025, 10, 6, 9, 15, 0}, 0x40000000, 0x01000000, "face", "in"},
        {"12-glog-hs103-image.req",  "0013",     {2026, 9, 29, 17, 36, 10}, 0x12000000, 0x02000000, "combined", "out", "", kJpeg},
        {"13-glog-m60.req",          "00000007", {2025, 11, 6, 12, 30, 55}, 4, 0, "face"},
        {"14-glog-seed-array.req",   "12",       {2015, 1, 2, 3, 4, 5}, std::nullopt, 1, "combined"},
        {"15-glog-unframed.req",     "7",        {2026, 1, 1, 8, 0, 0}, 4, 1, "combined", "", "face"},
        {"85-odd-trailing.body",     "1",        {2018, 10, 5, 16, 59, 17}, 3, 1, "card"},
        {"86-odd-double-nul.body",   "1",        {2018, 10, 5, 16, 59, 17}, 3, 1, "card"},
    };
    // clang-format on
    for (const Punch &punch : kPunches) {
        checks.about(punch.name);
        const Message message = vector(punch.name);
        const auto glog = fk::decode_realtime_glog(message.body);
        checks.equal("error", glog ? "" : glog.error().text, "");
        if (glog) {
            check_punch(checks, *glog, punch);
        }
    }
}

std::string punch_error(std::string_view text)
{
    const Message message = json(text);
    const auto glog = fk::decode_realtime_glog(message.body);
    return glog ? "accepted" : glog.error().text;
}

void punches_without_who_and_when_are_malformed(Checks &checks)
{
    const fk::Body nothing;
    checks.equal("empty", fk::decode_realtime_glog(nothing).error().text,
                 "the body holds no JSON");
    const std::string_view kTime = R"("io_time":"20260101080000")";
    const auto with_user = [kTime](std::string_view user) {
        return punch_error("{\"user_id\":" + std::string(user) + "," +
                           std::string(kTime) + "}");
    };
    checks.equal("number", with_user("12"), "accepted");
    checks.equal("zero", with_user("\"0\""), "accepted");
    checks.equal("32 bytes", with_user('"' + std::string(32, 'a') + '"'),
                 "accepted");
    checks.equal("33 bytes", with_user('"' + std::string(33, 'a') + '"'),
                 "user_id of 33 bytes is longer than 32");
    checks.equal("empty", with_user("\"\""), "user_id is missing");
    checks.equal("null", with_user("null"), "user_id is missing");
    checks.equal("array", with_user("[1]"),
                 "user_id is neither text nor a number");
    checks.equal("line feed", with_user("\"1\\n\""),
                 "user_id holds a control character");
    checks.equal("delete", with_user("\"1\\u007f\""),
                 "user_id holds a control character");
    checks.equal("absent", punch_error("{" + std::string(kTime) + "}"),
                 "user_id is missing");
    checks.equal("no time", punch_error(R"({"user_id":"1"})"),
                 "io_time is missing");
    checks.equal("a time as number",
                 punch_error(R"({"user_id":"1","io_time":20260101080000})"),
                 "accepted");
    checks.equal("bad time",
                 punch_error(R"({"user_id":"1","io_time":"20260231\n00"})"),
                 "io_time is not a valid time: 20260231?00");
    checks.equal("long time",
                 punch_error(R"({"user_id":"1","io_time":")" +
                             std::string(50, '9') + "\"}"),
                 "io_time is not a valid time: " + std::string(32, '9'));
    const Message number = json(R"({"user_id":12,"io_time":"20260101080000"})");
    checks.equal("the number", fk::decode_realtime_glog(number.body)->user_id,
                 "12");
}

void verify_modes_come_in_many_shapes(Checks &checks)
{
    struct Shape {
        std::string_view members; // of the punch
        std::optional<std::int64_t> number;
        std::string_view method;
        std::string_view m50_method = "";
    };
    // clang-format off
    const Shape kShapes[] = {
        {R"("verify_mode":["FP"])",                  std::nullopt, "finger"},
        {R"("verify_mode":["fp","FP"])",             std::nullopt, "finger"},
        {R"("verify_mode":["FACE","IDCARD"])",       std::nullopt, "combined"},
        {R"("verify_mode":["FACE",3])",              std::nullopt, "combined"},
        {R"("verify_mode":["AURA"])",                std::nullopt, ""},
        {R"("verify_mode":[])",                      std::nullopt, ""},
        {R"("verify_mode":"FACE")",                  std::nullopt, "face"},
        {R"("verify_mode":"AURA")",                  std::nullopt, ""},
        {R"("verify_mode":null)",                    std::nullopt, ""},
        {R"("verify_mode":{"a":1})",                 std::nullopt, ""},
        {R"("io_mode":1)",                           std::nullopt, ""},
        {R"("verify_mode":"1")",                     1, "finger"},
        {R"("verify_mode":1)",                       1, "finger"},
        {R"("verify_mode":4)",                       4, "combined", "face"},
        {R"("verify_mode":4,"fk_bin_data_lib":"")",  4, "combined", "face"},
        {R"("verify_mode":4,"fk_bin_data_lib":"m50")",         4, "face"},
        {R"("verify_mode":4,"fk_bin_data_lib":"FKDATAHS101")", 4, "combined"},
        {R"("verify_mode":20)",                      20, "face"},
        {R"("verify_mode":1073741824)",              0x40000000, "face"},
        {R"("verify_mode":-1)",                      -1, ""},
    };
    // clang-format on
    for (const Shape &shape : kShapes) {
        checks.about(shape.members);
        const Message message =
            json(R"({"user_id":"1","io_time":"20260101080000",)" +
                 std::string(shape.members) + "}");
        const auto glog = fk::decode_realtime_glog(message.body);
        if (!glog) {
            checks.fail(glog.error().text);
            continue;
        }
        checks.equal("verify_mode", glog->verify_mode, shape.number);
        checks.equal("method", glog->method, shape.method);
        checks.equal("m50_method", glog->m50_method, shape.m50_method);
    }
}

void images_may_be_missing(Checks &checks)
{
    struct Image {
        std::string_view value;
        std::string_view content;
        bool missing;
    };
    const Image kImages[] = {
        {"\"BIN_1\"", "jpeg", false},
        {"\"BIN_2\"", "", false},
        {"\"BIN_3\"", "", true},
        {"\"BIN_0\"", "", true},
        {"\"BIN_99999999999999999999\"", "", true},
        {"\"BIN_\"", "", false},
        {"\"BIN_x\"", "", false},
        {"\"/9j/4AAQ\"", "", false},
        {"\"\"", "", false},
        {"null", "", false},
        {"1", "", false},
    };
    for (const Image &image : kImages) {
        checks.about(image.value);
        const Message message =
            json(R"({"user_id":"1","io_time":"20260101080000","log_image":)" +
                     std::string(image.value) + "}",
                 {as_bytes("jpeg"), {}});
        const auto glog = fk::decode_realtime_glog(message.body);
        checks.that(glog.has_value(), "malformed");
        checks.equal("image", glog ? as_text(glog->log_image) : "-",
                     image.content);
        checks.equal("missing", glog && glog->image_missing, image.missing);
    }
}

// ---- enrolments ----------------------------------------------------------

/** "backup:text or size" of each credential. */
std::string shown(const fk::RealtimeEnrollData &user)
{
    std::string text;
    for (const fk::Credential &credential : user.credentials) {
        text += std::to_string(credential.backup_number) + ':' +
                (credential.is_text
                     ? std::string(as_text(credential.data))
                     : '#' + std::to_string(credential.data.size())) +
                ' ';
    }
    return text;
}

struct User {
    std::string_view name;
    std::string_view user_id;
    std::string_view user_name;
    std::string_view privilege;
    std::int64_t admin;
    std::string_view credentials;
    std::string_view photo = "";
    unsigned missing_bins = 0;
};

void recorded_enrolments(Checks &checks)
{
    // clang-format off
    const User kUsers[] = {
        {"20-enroll-photo-2fp.req", "857", "TEST", "USER", 0, "0:#64 1:#64 ", kJpeg},
        {"21-enroll-no-photo.req", "13", "Zo\xc3\xab", "MANAGER", 1, "0:#64 10:1234 11:0012345678 12:#96 "},
        {"22-enroll-photo-last-nul-text.body", "13", "A", "USER", 0, "10:1234 11:0012345678 ", kJpeg},
        {"23-enroll-zero-length-bin.body", "14", "B", "USER", 0, "0:#64 "},
        {"82-bad-bin-ref.body", "1", "", "USER", 0, "", "", 1},
        {"39-result-userinfo-0x7b.req", "4", "NN", "MANAGER", 1, "0:#64 "},
        {"63-set_user_info.resp", "857", "TEST", "USER", 0, "0:#64 1:#64 10:1234 11:0012345678 ", kJpeg},
    };
    // clang-format on
    for (const User &wanted : kUsers) {
        checks.about(wanted.name);
        const Message message = vector(wanted.name);
        const auto user = fk::decode_realtime_enroll_data(message.body);
        if (!user) {
            checks.fail(user.error().text);
            continue;
        }
        checks.equal("user_id", user->user_id, wanted.user_id);
        checks.equal("user_name", user->user_name, wanted.user_name);
        checks.equal("privilege", user->privilege, wanted.privilege);
        checks.equal("admin", user->admin, std::optional(wanted.admin));
        checks.equal("credentials", shown(*user), wanted.credentials);
        checks.that(as_text(user->user_photo) == wanted.photo, "photo");
        checks.equal("missing_bins", user->missing_bins, wanted.missing_bins);
        checks.that(!user->enabled, "enabled is not said");
    }
    const Message two = vector("20-enroll-photo-2fp.req");
    const auto user = fk::decode_realtime_enroll_data(two.body);
    checks.that(user && as_text(user->credentials[0].data).starts_with("FP0") &&
                    as_text(user->credentials[1].data).starts_with("FP1"),
                "the fingers are mixed up");
}

void bad_credentials_cost_themselves_only(Checks &checks)
{
    using namespace std::string_view_literals;
    const Message message =
        json(R"({"user_id":"1","user_photo":"BIN_9","enroll_data_array":[)"
             R"({"backup_number":0,"enroll_data":"BIN_1"},)"   // kept
             R"({"backup_number":1,"enroll_data":"BIN_8"},)"   // did not come
             R"({"backup_number":256,"enroll_data":"BIN_1"},)" // no such number
             R"({"backup_number":-1,"enroll_data":"BIN_1"},)"
             R"({"enroll_data":"BIN_1"},)"
             R"("BIN_1",)"
             R"({"backup_number":2,"enroll_data":"base64"},)" // not a binary
             R"({"backup_number":3,"enroll_data":null},)"     // says nothing
             R"({"backup_number":4,"enroll_data":""},)"
             R"({"backup_number":5},)"
             R"({"backup_number":6,"enroll_data":"BIN_2"},)"  // empty
             R"({"backup_number":10,"enroll_data":"BIN_3"},)" // one NUL: empty
             R"({"backup_number":"255","enroll_data":"BIN_1"},)"
             R"({"backup_number":0,"enroll_data":"BIN_4"}]})", // the last wins
             {as_bytes("x"), {}, as_bytes("\0"sv), as_bytes("last")});
    const auto user = fk::decode_realtime_enroll_data(message.body);
    checks.equal("credentials", user ? shown(*user) : "", "0:#4 255:#1 ");
    checks.equal("missing_bins", user ? user->missing_bins : 0, 7U);

    for (const std::string_view array : {"null", "[]"}) {
        const Message none = json(R"({"user_id":"1","enroll_data_array":)" +
                                  std::string(array) + "}");
        const auto empty = fk::decode_realtime_enroll_data(none.body);
        checks.that(empty && empty->credentials.empty() &&
                        empty->missing_bins == 0,
                    array);
    }
    const Message odd = json(R"({"user_id":"1","enroll_data_array":"x"})");
    checks.equal("no array",
                 fk::decode_realtime_enroll_data(odd.body)->missing_bins, 1U);
}

void passwords_and_cards_are_text_when_they_can_be(Checks &checks)
{
    using namespace std::string_view_literals;
    struct Text {
        std::string_view data;
        std::string_view shown;
    };
    const Text kTexts[] = {
        {"1234", "10:1234 "},     {"1234\0"sv, "10:1234 "},
        {"1234\0\0"sv, "10:#6 "}, {"\xc3\xab"sv, "10:\xc3\xab "},
        {"\xff\x01"sv, "10:#2 "}, {"\xc3\0"sv, "10:#2 "},
        {"12\n"sv, "10:#3 "},     {"\x12\x34\x56\x78"sv, "10:#4 "},
        {"a\x7f"sv, "10:#2 "},    {"\xed\xa0\x80"sv, "10:#3 "},
        {"\xc0\x80"sv, "10:#2 "},
    };
    for (const Text &text : kTexts) {
        const Message message =
            json(R"({"user_id":"1","enroll_data_array":[)"
                 R"({"backup_number":10,"enroll_data":"BIN_1"}]})",
                 {as_bytes(text.data)});
        const auto user = fk::decode_realtime_enroll_data(message.body);
        checks.equal("password", user ? shown(*user) : "", text.shown);
    }
    const Message finger =
        json(R"({"user_id":"1","enroll_data_array":[)"
             R"({"backup_number":9,"enroll_data":"BIN_1"}]})",
             {as_bytes("1234\0"sv)});
    checks.equal("a finger is never text",
                 shown(*fk::decode_realtime_enroll_data(finger.body)), "9:#5 ");
}

void enabled_is_spelled_many_ways(Checks &checks)
{
    using Sample = std::pair<std::string_view, std::optional<bool>>;
    const Sample kSamples[] = {
        {R"("enable_flag":"ON")", true},
        {R"("enable_flag":"off")", false},
        {R"("user_enabled":"Yes")", true},
        {R"("user_enabled":"NO")", false},
        {R"("user_enabled":true)", true},
        {R"("user_enabled":false)", false},
        {R"("user_enabled":1)", true},
        {R"("user_enabled":"0")", false},
        {R"("user_enabled":"maybe")", std::nullopt},
        {R"("user_enabled":null)", std::nullopt},
        {R"("user_enabled":"?","enable_flag":"ON")", true},
        {R"("user_enabled":0,"enable_flag":"ON")", false},
        {R"("x":1)", std::nullopt},
    };
    for (const auto &[members, wanted] : kSamples) {
        const Message message =
            json(R"({"user_id":"1",)" + std::string(members) + "}");
        const auto user = fk::decode_realtime_enroll_data(message.body);
        checks.equal(members, user ? user->enabled : std::nullopt, wanted);
    }
}

void users_need_an_id(Checks &checks)
{
    const fk::Body nothing;
    checks.equal("empty", fk::decode_realtime_enroll_data(nothing).error().text,
                 "the body holds no JSON");
    const Message anonymous = json(R"({"user_name":"A"})");
    checks.equal("nobody",
                 fk::decode_realtime_enroll_data(anonymous.body).error().text,
                 "user_id is missing");
    const Message m82 = json(R"({"user_id":5,"user_privilege":2})");
    const auto user = fk::decode_realtime_enroll_data(m82.body);
    checks.equal("user_id", user ? user->user_id : "", "5");
    checks.equal("privilege", user ? user->privilege : "", "OPERATOR");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<recorded_polls>),
        cmocka_unit_test(test::unit<a_poll_never_fails>),
        cmocka_unit_test(test::unit<recorded_punches>),
        cmocka_unit_test(
            test::unit<punches_without_who_and_when_are_malformed>),
        cmocka_unit_test(test::unit<verify_modes_come_in_many_shapes>),
        cmocka_unit_test(test::unit<images_may_be_missing>),
        cmocka_unit_test(test::unit<recorded_enrolments>),
        cmocka_unit_test(test::unit<bad_credentials_cost_themselves_only>),
        cmocka_unit_test(
            test::unit<passwords_and_cards_are_text_when_they_can_be>),
        cmocka_unit_test(test::unit<enabled_is_spelled_many_ways>),
        cmocka_unit_test(test::unit<users_need_an_id>),
    };
    return cmocka_run_group_tests_name("fk_message", tests, nullptr, nullptr);
}
