// load_json() beside json_loadb(): whatever the text, the outcome is the same.
#include "checks.hpp"

#include "codec/json.hpp"

#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace wac;
using test::Checks;

namespace
{

constexpr std::size_t kFlags[] = {0, JSON_DECODE_ANY};

/** The value with its types and the order of its members, or the error. */
std::string outcome(const Json &json, const json_error_t &error)
{
    return json ? json_text(json.get())
                : std::to_string(json_error_code(&error)) + " at " +
                      std::to_string(error.position) + ": " + error.text;
}

void check_same(Checks &checks, std::string_view text)
{
    for (const std::size_t flags : kFlags) {
        json_error_t error{}, judged{};
        const Json read = load_json(text, flags, &error);
        const Json judge(json_loadb(text.data(), text.size(), flags, &judged));
        checks.equal(text, outcome(read, error), outcome(judge, judged));
    }
}

// what is plain, and what lies beside it on either side
constexpr std::string_view kTexts[] = {
    "",
    " ",
    "{}",
    "[]",
    " { } ",
    "[ ]\n",
    "{",
    "[",
    "}",
    "]",
    "{]",
    "[}",
    "{}{}",
    "{} x",
    "[],",
    "\"\"",
    "\"",
    "\"a",
    "0",
    "-0",
    "-",
    "--1",
    "+1",
    "00",
    "01",
    "-01",
    "1",
    "10",
    "1.",
    ".1",
    "1.0",
    "-1.5",
    "1.e1",
    "1e",
    "1e1",
    "1E+1",
    "1e-1",
    "1e+",
    "1e1.0",
    "0e0",
    "0.0",
    "-0.0",
    "36.6",
    "1e308",
    "1e309",
    "-1e309",
    "1e-307",
    "1e-320",
    "1e-400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1 2",
    "0.1000000000000000055511151231257827021181583404541015625",
    "true",
    "false",
    "null",
    "tru",
    "truex",
    "nullnull",
    "True",
    "NaN",
    "Infinity",
    "[true,false,null]",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "[1:2]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{1:2}",
    "{\"a\":1,\"a\":2,\"b\":3}",
    "{\"b\":1,\"a\":2,\"b\":{\"c\":[]}}",
    "{\"\":\"\"}",
    "{\"a\\n\":1}",
    "{ \"a\" :\t[ 1 , -2.5 ,\r\n\"x\" ] , \"b\" : null } ",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"a\\",
    "\"\\/\"",
    "\"a\\/b\\nc\"",
    "{\"\\/\":1}",
    "{\"a\":\"\\n\",\"b\":\"\\t\"}",
    "[\"\\\\\",\"\\\"\"]",
    "\"\\\"",
    "\"\\/\\u0041\"",
    "\"\\/é\\x\"",
    "\"\\b\\f\\r\\N\"",
    "\"\\\x01\"",
    "\"\\u0041\"",
    "\"\\u0000\"",
    "\"\\x\"",
    "\"\t\"",
    "\"\n\"",
    "\"\x1f\"",
    "\"\x7f\"",
    "\"/\"",
    "\"'\"",
    "'a'",
    "\"\xc3\xa9\"",
    "\"\xd0\x90\xd0\xbb\"",
    "\"\xf0\x9f\x98\x80\"",
    "{\"\xc3\xa9\":1}",
    "\"\xc3\"",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xef\xbf\xbe\"",
    "\xef\xbb\xbf{}",
    "\xc2\xa0{}",
    "\v{}",
    "{}\f",
    "/* */{}",
    "{}//",
    R"({"cmd":"sendlog","count":1,"record":[{"enrollid":1,"temp":36.6}]})",
};

void texts_of_every_kind(Checks &checks)
{
    using namespace std::string_view_literals;
    for (const std::string_view text : kTexts) {
        check_same(checks, text);
    }
    for (const std::string_view text :
         {"\0"sv, "{}\0"sv, "\0{}"sv, "{\0}"sv, "\"\0\""sv, "{\"\0\":1}"sv,
          "[1\0]"sv, "1\0"sv, "null\0"sv}) {
        check_same(checks, text);
    }
}

void every_beginning_and_every_byte(Checks &checks)
{
    const std::string text =
        R"({"a":-1.5e3,"b":[true,null,"x\u00e9\"",{}], "c":"é","a":0})";
    for (std::size_t n = 0; n < text.size(); ++n) {
        check_same(checks, std::string_view(text).substr(0, n));
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::string other = text;
            other[n] = static_cast<char>(byte);
            check_same(checks, other);
        }
    }
}

void any_depth(Checks &checks)
{
    for (const std::size_t depth : {31u, 32u, 33u, 2047u, 2048u, 2049u}) {
        std::string arrays(depth, '['), objects;
        for (std::size_t n = 0; n < depth; ++n) {
            objects += "{\"a\":";
        }
        check_same(checks, arrays);
        check_same(checks, arrays + std::string(depth, ']'));
        check_same(checks, objects + "1" + std::string(depth, '}'));
    }
}

// Grammar at random, so that most of it is nearly right.
void whatever_comes(Checks &checks)
{
    constexpr std::string_view kParts[] = {
        "{",     "}",     "[",       "]",       ",",     ":",
        "\"a\"", "\"b\"", "\"é\"",   "\"\\n\"", "1",     "-2",
        "0",     "3.5",   "1e3",     "true",    "false", "null",
        " ",     "\n",    "{\"a\":", "\"",      "\\",    "9223372036854775808",
        "{}",    "[]",    "1.5,",
    };
    std::mt19937 random(20260302);
    for (int round = 0; round < 20000; ++round) {
        std::string text = random() % 2 ? "[" : "{\"a\":";
        for (unsigned n = random() % 8; n > 0; --n) {
            text += kParts[random() % std::size(kParts)];
        }
        text += text[0] == '[' ? "]" : "}";
        check_same(checks, text);
    }
}

// Reading ends with the text, and not at a NUL behind it.
void no_byte_beyond(Checks &checks)
{
    for (const std::string_view text : kTexts) {
        const std::vector<char> exact(text.begin(), text.end());
        check_same(checks, {exact.data(), exact.size()});
    }
}

// Plain texts must be read here: only a fault of ours would send them on, and
// nothing but time would tell.
void plain_texts_need_no_jansson(Checks &checks)
{
    json_error_t error{};
    error.text[0] = '?'; // json_loadb() clears it
    for (const std::string_view text :
         {R"({"fk_bin_data_lib":"FKDataHS101","io_mode":1,"log_image":null})",
          R"({"ret":"reg","result":true,"name":"Алия","t":-36.60,"e":1e2})",
          R"({"photo":"\/9j\/4AAQ==","text":"\"\\\b\f\n\r\té"})",
          R"( { "a" : [ 1 , { } , [ ] , "" , false ] , "" : "x" } )"}) {
        checks.that(load_json(text, 0, &error) != nullptr, text);
        checks.that(error.text[0] == '?', text);
    }
    checks.that(load_json(R"({"a":"\u0041"})", 0, &error) != nullptr, "other");
    checks.that(error.text[0] == '\0', "the test sees it");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<texts_of_every_kind>),
        cmocka_unit_test(test::unit<every_beginning_and_every_byte>),
        cmocka_unit_test(test::unit<any_depth>),
        cmocka_unit_test(test::unit<whatever_comes>),
        cmocka_unit_test(test::unit<no_byte_beyond>),
        cmocka_unit_test(test::unit<plain_texts_need_no_jansson>),
    };
    return cmocka_run_group_tests_name("json", tests, nullptr, nullptr);
}
