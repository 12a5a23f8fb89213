// The FK body: every vector's body is read as its README row says, and what
// no vector shows (limits, lying lengths, integers as text, times).
#include "checks.hpp"
#include "vectors.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"

#include <map>

using namespace wac;
using test::Checks;
using test::fk_vector_body;

namespace
{

enum class Reading {
    framed,
    bare,
    empty,
    malformed,
    part, // of a block upload: says nothing by itself
};

struct Row {
    std::string_view name;
    Reading reading;
    std::size_t json_size = 0; // without padding and byte-order mark
    std::vector<std::size_t> bin_sizes = {};
    std::string_view error = {};
};

// clang-format off
const std::vector<Row> kRows{
    {"01-receive_cmd-hs101.req",            Reading::framed, 249},
    {"02-receive_cmd-hs103.req",            Reading::framed, 257},
    {"03-receive_cmd-seed-minimal.req",     Reading::framed, 171},
    {"04-receive_cmd-cmd_id-dialect.req",   Reading::framed, 249},
    {"05-receive_cmd-absolute-uri.req",     Reading::framed, 158},
    {"06-no-command.resp",                  Reading::empty},
    {"07-no-command-both-names.resp",       Reading::empty},
    {"08-set_time.resp",                    Reading::framed, 25},
    {"09-reset_fk.resp",                    Reading::empty},
    {"10-glog-hs101.req",                   Reading::framed, 119},
    {"11-glog-hs102.req",                   Reading::framed, 138},
    {"12-glog-hs103-image.req",             Reading::framed, 140, {22}},
    {"13-glog-m60.req",                     Reading::framed, 125},
    {"14-glog-seed-array.req",              Reading::framed, 102},
    {"15-glog-unframed.req",                Reading::bare,   91},
    {"16-glog-ok.resp",                     Reading::empty},
    {"17-glog-error.resp",                  Reading::empty},
    {"18-door-status.req",                  Reading::framed, 22},
    {"19-unknown-code.req",                 Reading::framed, 15},
    {"20-enroll-photo-2fp.req",             Reading::framed, 187, {22, 64, 64}},
    {"21-enroll-no-photo.req",              Reading::framed, 255, {64, 4, 10, 96}},
    {"22-enroll-photo-last-nul-text.body",  Reading::framed, 185, {5, 11, 22}},
    {"23-enroll-zero-length-bin.body",      Reading::framed, 141, {0, 64}},
    {"30-result-ok-empty.req",              Reading::empty},
    {"31-result-ok.resp",                   Reading::empty},
    {"32-result-error.req",                 Reading::empty},
    {"33-result-canceled.resp",             Reading::empty},
    {"34-result-userlist-hs101.req",        Reading::framed, 64, {24}},
    {"35-result-userlist-hs103.req",        Reading::framed, 65, {108}},
    {"36-result-userlist-hs102.body",       Reading::framed, 65, {40}},
    {"37-result-userlist-hs100.body",       Reading::framed, 64, {24}},
    {"38-result-device-status.req",         Reading::framed, 142},
    {"39-result-userinfo-0x7b.req",         Reading::framed, 123, {64}},
    {"40-result-log-hs101.req",             Reading::framed, 57, {60}},
    {"41-result-log-hs102.req",             Reading::framed, 53, {64}},
    {"42-result-log-hs103.req",             Reading::framed, 33, {96}},
    {"43-result-log-hs105.body",            Reading::framed, 53, {20}},
    {"44-result-log-hs100.body",            Reading::framed, 53, {12}},
    {"45-result-log-hs200.body",            Reading::framed, 53, {12}},
    {"46-result-slog-16.body",              Reading::framed, 53, {16}},
    {"47-result-slog-40.body",              Reading::framed, 53, {40}},
    {"48-result-log-empty.req",             Reading::framed, 53, {0}},
    {"50a-block-1.req",                     Reading::part},
    {"50b-block-2.req",                     Reading::part},
    {"50c-block-0.req",                     Reading::part},
    {"50d-block-joined.body",               Reading::framed, 54, {2880}},
    {"51-block-ok.resp",                    Reading::empty},
    {"52-block-gap.req",                    Reading::part},
    {"53-block-gap.resp",                   Reading::empty},
    {"54-block-orphan-0.req",               Reading::framed, 53, {12}},
    {"55-block-negative.req",               Reading::part},
    {"56a-block-tiny-1.req",                Reading::part},
    {"56b-block-tiny-2.req",                Reading::part},
    {"56c-block-tiny-3.req",                Reading::part},
    {"56d-block-tiny-0.req",                Reading::part},
    {"60-get_log_data.resp",                Reading::framed, 59},
    {"61-get_user_id_list.resp",            Reading::empty},
    {"62-get_enroll_data.resp",             Reading::framed, 34},
    {"63-set_user_info.resp",               Reading::framed, 273, {22, 64, 64, 4, 10}},
    {"64-enter_enroll.resp",                Reading::framed, 64},
    {"65-set_web_server_info.resp",         Reading::framed, 85},
    {"66-update_firmware.body",             Reading::framed, 75, {32}},
    {"67-result-enroll-data.req",           Reading::framed, 23, {64}},
    {"68-get_user_info.resp",               Reading::framed, 15},
    {"69-set_door_status.resp",             Reading::framed, 22},
    {"80-bad-length-too-big.body",          Reading::malformed, 0, {},
     "length prefix 500 exceeds the body of 20 bytes"},
    {"81-bad-bin-length.body",              Reading::malformed, 0, {},
     "BIN_1 of length 100 exceeds the 5 bytes left"},
    {"82-bad-bin-ref.body",                 Reading::framed, 118, {64}},
    {"83-bad-three-bytes.body",             Reading::malformed, 0, {},
     "a body of 3 bytes is shorter than a length prefix"},
    {"84-bad-max-length.body",              Reading::malformed, 0, {},
     "length prefix 4294967295 exceeds the body of 6 bytes"},
    {"85-odd-trailing.body",                Reading::framed, 119},
    {"86-odd-double-nul.body",              Reading::framed, 119},
    {"87-bad-json.body",                    Reading::malformed, 0, {},
     "JSON ends too early at byte 25"},
    {"88-odd-bom.body",                     Reading::framed, 15},
};
// clang-format on

void no_vector_is_forgotten(Checks &checks)
{
    std::set<std::string> handled;
    for (const Row &row : kRows) {
        checks.that(handled.insert(std::string(row.name)).second,
                    "a vector stands twice: " + std::string(row.name));
    }
    const auto present = test::fk_vector_names();
    for (const std::string &name : present) {
        checks.that(handled.contains(name), "no test mentions " + name);
    }
    for (const std::string &name : handled) {
        checks.that(present.contains(name), "no such vector: " + name);
    }
}

void check_accepted(Checks &checks, const Row &row, const fk::Body &body)
{
    std::vector<std::size_t> sizes;
    for (const Bytes bin : body.bins) {
        sizes.push_back(bin.size());
    }
    checks.equal("framed", body.framed, row.reading != Reading::bare);
    checks.equal("has json", body.json != nullptr,
                 row.reading != Reading::empty);
    checks.equal("json size", body.json_text.size(), row.json_size);
    checks.that(sizes == row.bin_sizes, "other sizes of binaries");
}

void every_vector_reads_as_its_row_says(Checks &checks)
{
    for (const Row &row : kRows) {
        checks.about(row.name);
        const std::string bytes = fk_vector_body(row.name);
        const auto body = fk::decode_body(as_bytes(bytes));
        const bool refused =
            row.reading == Reading::malformed || row.reading == Reading::part;
        checks.equal("accepted", body.has_value(), !refused);
        if (body && !refused) {
            check_accepted(checks, row, *body);
        }
        if (!body && row.reading == Reading::malformed) {
            checks.that(body.error().code == ErrorCode::malformed, "its code");
            checks.equal("error", body.error().text, row.error);
        }
    }
}

void encoding_gives_the_nul_terminated_vectors_back(Checks &checks)
{
    for (const Row &row : kRows) {
        const std::string bytes = fk_vector_body(row.name);
        const auto body = fk::decode_body(as_bytes(bytes));
        if (row.reading != Reading::framed || !body ||
            load_le32(as_bytes(bytes)) != body->json_text.size() + 1 ||
            row.name.starts_with("85")) {
            continue;
        }
        checks.about(row.name);
        checks.that(fk::encode_body(body->json_text, body->bins) == bytes,
                    "encoding differs");
    }
    checks.about("encoding");
    checks.equal("nothing", fk::encode_body("").size(), 0U);
    const std::string lone = fk::encode_body("", {as_bytes("x")});
    const auto read = fk::decode_body(as_bytes(lone));
    checks.that(read && read->bins.size() == 1, "a binary without JSON");
}

std::string hex(Bytes bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 15]);
    }
    return text;
}

void parts_join_to_the_whole(Checks &checks)
{
    checks.about("50");
    const std::string joined = fk_vector_body("50a-block-1.req") +
                               fk_vector_body("50b-block-2.req") +
                               fk_vector_body("50c-block-0.req");
    checks.that(joined == fk_vector_body("50d-block-joined.body"),
                "the parts are not 50d");
    const auto body = fk::decode_body(as_bytes(joined));
    checks.that(body && fk::integer_field(body->json.get(), "log_count") == 60,
                "60 rows");
    checks.that(fk_vector_body("52-block-gap.req") ==
                    fk_vector_body("50b-block-2.req"),
                "52 is 50b under another number");

    checks.about("56");
    const std::string tiny = fk_vector_body("56a-block-tiny-1.req") +
                             fk_vector_body("56b-block-tiny-2.req") +
                             fk_vector_body("56c-block-tiny-3.req") +
                             fk_vector_body("56d-block-tiny-0.req");
    const auto small = fk::decode_body(as_bytes(tiny));
    const auto data =
        small ? small->bin(json_object_get(small->json.get(), "enroll_data"))
              : std::nullopt;
    checks.equal("enroll_data", hex(data.value_or(Bytes{})), "0102030405");
}

struct RowArray {
    std::string_view name;
    std::string_view count_key, size_key;
    std::int64_t count, size;
    std::string_view begins_with; // hex
};

void row_arrays_have_their_count_and_size(Checks &checks)
{
    // clang-format off
    const RowArray kArrays[] = {
        {"34-result-userlist-hs101.req", "user_id_count", "one_user_id_size", 3, 8,
         "010000000101080002000000020108000300000001010800"},
        {"35-result-userlist-hs103.req", "user_id_count", "one_user_id_size", 3, 36, "3100"},
        {"36-result-userlist-hs102.body", "user_id_count", "one_user_id_size", 2, 20, "3130343200"},
        {"37-result-userlist-hs100.body", "user_id_count", "one_user_id_size", 3, 8, "0100000005000000"},
        {"40-result-log-hs101.req", "log_count", "one_log_size", 5, 12,
         "010000000100011d9111e138010000000100012ff5614539"},
        {"41-result-log-hs102.req", "log_count", "one_log_size", 2, 32, "3130343200"},
        {"42-result-log-hs103.req", "log_count", "one_log_size", 2, 48, "313300"},
        {"43-result-log-hs105.body", "log_count", "one_log_size", 1, 20, "4d000000"},
        {"44-result-log-hs100.body", "log_count", "one_log_size", 1, 12, "01"},
        {"45-result-log-hs200.body", "log_count", "one_log_size", 1, 12, "01"},
        {"46-result-slog-16.body", "log_count", "one_log_size", 1, 16, "010300ff"},
        {"47-result-slog-40.body", "log_count", "one_log_size", 1, 40, "01120081"},
        {"48-result-log-empty.req", "log_count", "one_log_size", 0, 12, ""},
        {"50d-block-joined.body", "log_count", "one_log_size", 60, 48, "31303000"},
        {"54-block-orphan-0.req", "log_count", "one_log_size", 1, 12,
         "010000000100011d9111e138"},
    };
    // clang-format on
    for (const RowArray &row : kArrays) {
        checks.about(row.name);
        const std::string bytes = fk_vector_body(row.name);
        const auto body = fk::decode_body(as_bytes(bytes));
        if (!body || body->bins.size() != 1) {
            checks.fail("does not hold one binary");
            continue;
        }
        const json_t *json = body->json.get();
        const auto number = [json](std::string_view key) {
            return fk::integer_field(json, std::string(key).c_str());
        };
        checks.equal("count", number(row.count_key), std::optional(row.count));
        checks.equal("size", number(row.size_key), std::optional(row.size));
        checks.equal("bytes", static_cast<std::int64_t>(body->bins[0].size()),
                     row.count * row.size);
        checks.that(hex(body->bins[0]).starts_with(row.begins_with),
                    "the rows begin otherwise");
    }
}

void other_results_have_their_fields(Checks &checks)
{
    checks.about("38");
    const std::string status = fk_vector_body("38-result-device-status.req");
    const auto body = fk::decode_body(as_bytes(status));
    const json_t *json = body ? body->json.get() : nullptr;
    const std::pair<const char *, std::int64_t> kCounts[] = {
        {"total_user_count", 4}, {"user_count", 3},
        {"manager_count", 1},    {"fp_count", 3},
        {"face_count", 1},       {"password_count", 2},
        {"idcard_count", 0},     {"total_log_count", 1688}};
    for (const auto &[key, count] : kCounts) {
        checks.equal(key, fk::integer_field(json, key), std::optional(count));
    }
    checks.about("18");
    const std::string door = fk_vector_body("18-door-status.req");
    const auto event = fk::decode_body(as_bytes(door));
    checks.equal(
        "door_status",
        json_string(event ? event->json.get() : nullptr, "door_status"),
        "open");
    checks.about("67");
    const std::string result = fk_vector_body("67-result-enroll-data.req");
    const auto enroll = fk::decode_body(as_bytes(result));
    checks.that(enroll && hex(enroll->bins[0]).starts_with("465030"),
                "the template is not FP0");
}

std::string prefixed(std::string_view counted)
{
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes.push_back(static_cast<char>(counted.size() >> shift & 0xff));
    }
    return bytes.append(counted);
}

std::string error_of(std::string_view bytes)
{
    const auto body = fk::decode_body(as_bytes(bytes));
    return body ? "accepted" : body.error().text;
}

void broken_bodies_say_what_is_wrong(Checks &checks)
{
    using namespace std::string_view_literals;
    checks.equal("padding", error_of("\0\0\0\0"sv), "the body holds no JSON");
    checks.equal("counted NUL", error_of(prefixed("\0"sv)),
                 "the body holds no JSON");
    checks.equal("array", error_of(prefixed("[1]")), "JSON is not an object");
    checks.equal("garbage inside", error_of(prefixed("{}x")),
                 "JSON is followed by other data at byte 3");
    checks.equal("garbage behind NUL", error_of(prefixed("{}\0x"sv)),
                 "JSON is followed by other data at byte 3");
    checks.equal("bare, garbage", error_of("{} x"),
                 "JSON is followed by other data at byte 4");
    checks.equal("bare, cut", error_of("{\"a\":"),
                 "JSON ends too early at byte 5");
    checks.equal("no JSON at all", error_of("hello, world"),
                 "length prefix 1819043176 exceeds the body of 12 bytes");
    checks.equal("NUL in a string", error_of(prefixed("{\"a\":\"\\u0000\"}")),
                 "JSON text holds a NUL character at byte 13");
    checks.equal("bad UTF-8", error_of(prefixed("{\"a\":\"\xff\"}")),
                 "JSON is not valid UTF-8 at byte 6");
    checks.equal("too big a number",
                 error_of(prefixed("{\"a\":99999999999999999999}")),
                 "JSON number is out of range at byte 25");
    std::string deep = "{\"a\":" + std::string(5000, '[');
    checks.that(error_of(prefixed(deep)).starts_with("JSON is nested too deep"),
                "depth is not limited");
    std::string secret = error_of(prefixed("{\"password\":hunter2}"));
    checks.equal("a secret near the error", secret.find("hunter"),
                 std::string::npos);
}

void odd_bodies_are_tolerated(Checks &checks)
{
    using namespace std::string_view_literals;
    checks.equal("blanks", error_of(prefixed(" \r\n{} \t\0\r\n"sv)),
                 "accepted");
    checks.equal("bare, mark and padding", error_of("\xef\xbb\xbf {}\n\0"sv),
                 "accepted");
    checks.equal("equal keys", error_of(prefixed("{\"a\":1,\"a\":2}")),
                 "accepted");
    for (const std::string_view padding : {"\0"sv, "\0\n"sv, "\0\0\0"sv}) {
        checks.equal("padding behind", error_of(prefixed("{}").append(padding)),
                     "accepted");
    }
}

void the_number_of_binaries_is_bounded(Checks &checks)
{
    const std::string most = prefixed("{}") + std::string(1024 * 4, '\0');
    checks.equal("1024", error_of(most), "accepted");
    checks.equal("1025", error_of(most + std::string(4, '\0')),
                 "more than 1024 binaries");
}

void references_go_by_number(Checks &checks)
{
    fk::Body body;
    const std::string one = "one", two = "two";
    body.bins = {as_bytes(one), as_bytes(two)};
    const auto named = [&body](const char *text) {
        const Json reference(text ? json_string(text) : json_null());
        const auto bin = body.bin(reference.get());
        return bin ? std::string(as_text(*bin)) : "nothing";
    };
    checks.equal("BIN_1", named("BIN_1"), "one");
    checks.equal("BIN_2", named("BIN_2"), "two");
    for (const char *text :
         {"BIN_0", "BIN_3", "BIN_-1", "BIN_", "bin_1", " BIN_1", "BIN_1 ",
          "BIN_18446744073709551617", "", "1"}) {
        checks.equal(text, named(text), "nothing");
    }
    checks.equal("null", named(nullptr), "nothing");
    checks.that(!body.bin(nullptr), "absent");
}

void integers_may_come_as_text(Checks &checks)
{
    using Sample = std::pair<std::string_view, std::optional<std::int64_t>>;
    const Sample kIntegers[] = {
        {"5", 5},
        {"-5", -5},
        {"9223372036854775807", INT64_MAX},
        {"\"64\"", 64},
        {"\" +7\\n\"", 7},
        {"\"-7\"", -7},
        {"\"007\"", 7},
        {"3.0", 3},
        {"3.5", std::nullopt},
        {"1e19", std::nullopt},
        {"9.3e18", std::nullopt},
        {"\"9223372036854775808\"", std::nullopt},
        {"\"\"", std::nullopt},
        {"\" \"", std::nullopt},
        {"\"+\"", std::nullopt},
        {"\"+-5\"", std::nullopt},
        {"\"0x10\"", std::nullopt},
        {"\"5 6\"", std::nullopt},
        {"\"1.0\"", std::nullopt},
        {"true", std::nullopt},
        {"null", std::nullopt},
        {"[1]", std::nullopt},
    };
    for (const auto &[text, wanted] : kIntegers) {
        const std::string json = "{\"n\":" + std::string(text) + "}";
        const Json object(json_loads(json.c_str(), 0, nullptr));
        checks.equal(text, fk::integer_field(object.get(), "n"), wanted);
    }
    checks.equal("absent", fk::integer_field(nullptr, "n"), std::nullopt);
}

void times_have_three_forms(Checks &checks)
{
    const WallTime wanted{2026, 9, 29, 17, 36, 10};
    for (const std::string_view text :
         {"20260929173610", "260929173610", "2026-09-29 17:36:10"}) {
        checks.that(fk::parse_time(text) == wanted, text);
    }
    for (const std::string_view text :
         {"", "20260229000000", "20260029000000", "20260932000000",
          "20260929240000", "20260929006000", "20260929000060",
          "00000101000000", "2026092917361", "2026092917361x",
          "2026-09-29T17:36:10", "2026-09-29 17:36-10", "2026/09/29 17:36:10",
          " 20260929173610", "-2260929173610", "+26092917361"}) {
        checks.that(!fk::parse_time(text), text);
    }
    checks.that(fk::parse_time("20240229070809") ==
                    WallTime{2024, 2, 29, 7, 8, 9},
                "a leap day");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<no_vector_is_forgotten>),
        cmocka_unit_test(test::unit<every_vector_reads_as_its_row_says>),
        cmocka_unit_test(
            test::unit<encoding_gives_the_nul_terminated_vectors_back>),
        cmocka_unit_test(test::unit<parts_join_to_the_whole>),
        cmocka_unit_test(test::unit<row_arrays_have_their_count_and_size>),
        cmocka_unit_test(test::unit<other_results_have_their_fields>),
        cmocka_unit_test(test::unit<broken_bodies_say_what_is_wrong>),
        cmocka_unit_test(test::unit<odd_bodies_are_tolerated>),
        cmocka_unit_test(test::unit<the_number_of_binaries_is_bounded>),
        cmocka_unit_test(test::unit<references_go_by_number>),
        cmocka_unit_test(test::unit<integers_may_come_as_text>),
        cmocka_unit_test(test::unit<times_have_three_forms>),
    };
    return cmocka_run_group_tests_name("fk_body", tests, nullptr, nullptr);
}
