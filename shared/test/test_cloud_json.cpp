// JSON as terminals write it, read (cloud-json.md 1.3), and as they get it.
#include "checks.hpp"

#include "codec/cloud.hpp"

#include <string>
#include <vector>

using namespace wac;
using test::Checks;

namespace
{

struct Sample {
    std::string_view sent;
    std::string_view read; // as compact JSON; "" for malformed
};

std::string reread(std::string_view text)
{
    const auto json = cloud::read_json(as_bytes(text));
    return json ? cloud::write_json(json->get()) : std::string();
}

void check_samples(Checks &checks, const std::vector<Sample> &samples)
{
    for (const Sample &sample : samples) {
        checks.equal(sample.sent, reread(sample.sent), sample.read);
    }
}

Json json_of(std::string_view text)
{
    return Json(json_loadb(text.data(), text.size(), JSON_DECODE_ANY, nullptr));
}

void clean_json_stays_as_it_is(Checks &checks)
{
    for (const std::string_view text :
         {R"({"cmd":"reg","sn":"ZX1","n":-12,"r":36.6,"t":true,"f":false})",
          R"({"a":[],"b":{},"c":[1,"2",null,{"d":[[]]}]})", R"({"b":1,"a":2})",
          R"("\"\\\b\f\n\r\t\u0001\u001f")",
          R"("/ Алия 😀 )"
          "\x7f\"",
          "0", "-1", "0.5", "1e+100", "\"\"",
          "[9223372036854775807,-9223372036854775808]"}) {
        checks.equal(text, reread(text), text);
    }
    check_samples(checks, {{R"("\/\u00e9\ud83d\ude00")", "\"/é😀\""},
                           {"[1.50, 2E2 ,1.0]", "[1.5,200.0,1.0]"},
                           {R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"}});
}

void padding_is_ignored(Checks &checks)
{
    using namespace std::string_view_literals;
    check_samples(checks, {{" \r\n\t{} \r\n"sv, "{}"},
                           {"\0{}\0\0"sv, "{}"},
                           {"\xef\xbb\xbf{}"sv, "{}"},
                           {" \xef\xbb\xbf {}\r\n\0"sv, "{}"},
                           {""sv, ""},
                           {"\xef\xbb\xbf \0"sv, ""},
                           {"{\0}"sv, ""}});
}

void trailing_commas_are_dropped(Checks &checks)
{
    check_samples(checks, {{"[1,]", "[1]"},
                           {"[1 , \r\n ]", "[1]"},
                           {R"({"a":[{"b":1,},],})", R"({"a":[{"b":1}]})"},
                           {R"(["a,]",])", R"(["a,]"])"},
                           {R"(["\",]",])", R"(["\",]"])"},
                           {"[1,,]", ""},
                           {"{},", ""},
                           {"[1,", ""}});
}

void odd_numbers_become_text(Checks &checks)
{
    check_samples(
        checks,
        {{R"({"record":0001234567})", R"({"record":"0001234567"})"},
         {"[-0012,00,-00,0,007.50]", R"(["-0012","00","-00",0,"007.50"])"},
         {"9223372036854775808", R"("9223372036854775808")"},
         {"-9223372036854775809", R"("-9223372036854775809")"},
         {"[1e999,-1.5E+999]", R"(["1e999","-1.5E+999"])"},
         {R"({"a":"0001", "b":01})", R"({"a":"0001","b":"01"})"},
         {"NaN", ""},
         {"[Infinity]", ""},
         {"[-]", ""},
         {"[1.]", ""},
         {"[01.]", ""},
         {"[.5]", ""},
         {"[+5]", ""},
         {"[01e]", ""},
         {"[1-2]", ""},
         {"[0x10]", ""},
         {"[01x]", ""}});
}

void bytes_that_are_no_utf8_are_replaced(Checks &checks)
{
    check_samples(checks,
                  {{"\"a\xc0\xa1z\"", "\"a\ufffd\ufffdz\""},
                   {"\"\xd5\xc5\"", "\"\ufffd\ufffd\""},
                   {"\"\xe4\xbd\"", "\"\ufffd\ufffd\""},
                   {"\"\xed\xa0\x80\"", "\"\ufffd\ufffd\ufffd\""},
                   {"\"\xe0\x9f\xbf\"", "\"\ufffd\ufffd\ufffd\""},
                   {"\"\xf0\x8f\xbf\xbf\"", "\"\ufffd\ufffd\ufffd\ufffd\""},
                   {"\"\xf4\x90\x80\x80\"", "\"\ufffd\ufffd\ufffd\ufffd\""},
                   {"\"\xff\xe9\"", "\"\ufffd\ufffd\""},
                   {"{\"\xff\":1}", "{\"\ufffd\":1}"},
                   {"\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\"",
                    "\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\""},
                   {"\xff", ""}});
}

void strings_hold_no_nul_and_no_half_character(Checks &checks)
{
    using namespace std::string_view_literals;
    check_samples(checks, {{R"("a\u0000b")", "\"a\ufffdb\""},
                           {"\"a\0b\""sv, "\"a\ufffdb\""},
                           {R"({"\u0000":1})", "{\"\ufffd\":1}"},
                           {R"("\ud83d")", "\"\ufffd\""},
                           {R"("\ude00x")", "\"\ufffdx\""},
                           {R"("\ud83d\ud83d\ude00")", "\"\ufffd😀\""},
                           {R"("\ud83d\n")", "\"\ufffd\\n\""},
                           {R"("\ud83d\u0000")", "\"\ufffd\ufffd\""}});
}

void other_slips_inside_strings_are_kept(Checks &checks)
{
    check_samples(checks, {{"\"a\nb\x1d\"", R"("a\nb\u001d")"},
                           {R"("C:\img\7")", R"("C:\\img\\7")"},
                           {R"("\u12")", R"("\\u12")"},
                           {R"("\u-123")", R"("\\u-123")"},
                           {"\"\\\xb0\"", "\"\\\\\ufffd\""},
                           {"\"\\", ""},
                           {"\"\\u0000", ""},
                           {"\"a", ""}});
}

void what_is_no_json_is_malformed(Checks &checks)
{
    check_samples(checks, {{"hello", ""},
                           {R"({"cmd":)", ""},
                           {R"({"cmd":"reg"} x)", ""},
                           {R"({"cmd":"reg"}{"cmd":"reg"})", ""},
                           {R"({"a" 1})", ""},
                           {R"({a:1})", ""},
                           {"// a\n{}", ""},
                           {"{'a':1}", ""},
                           {"]", ""}});
    const auto broken = cloud::read_json(as_bytes(R"({"pin":"7391",x)"));
    checks.that(!broken, "it is malformed");
    if (!broken) {
        checks.that(broken.error().code == ErrorCode::malformed, "the code");
        checks.equal("text", broken.error().text,
                     "JSON is malformed at byte 15");
    }
}

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

std::string array_of(std::size_t count, const std::string &element)
{
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) {
        text += (i == 0 ? "" : ",") + element;
    }
    return text + ']';
}

void a_message_has_bounds(Checks &checks)
{
    const auto taken = [](const std::string &text) {
        return cloud::read_json(as_bytes(text)).has_value();
    };
    checks.that(taken(nested(cloud::kDeepest)), "the deepest");
    checks.that(!taken(nested(cloud::kDeepest + 1)), "one deeper");
    checks.that(!taken(std::string(1000000, '[')), "much deeper");
    checks.that(taken(array_of(1000, "{}")), "many beside each other");

    const std::size_t most = cloud::kMostValues;
    checks.that(taken(array_of(most - 1, "1")), "the most numbers");
    checks.that(!taken(array_of(most, "1")), "one more");
    checks.that(taken(array_of(most - 1, "\"\"")), "the most strings");
    checks.that(!taken(array_of(most, "null")), "one null more");
    // a key is no value, the object around it is one
    checks.that(taken(array_of(most / 2 - 1, "{\"a\" :1}")), "members");
    checks.that(!taken(array_of(most / 2, "{\"a\":1}")), "one member more");
}

void a_message_is_named_by_its_keys(Checks &checks)
{
    struct Named {
        std::string_view text;
        cloud::Kind kind;
        std::string_view name;
        std::string_view sn;
    };
    using cloud::Kind;
    const Named kNamed[] = {
        {R"({"cmd":"reg","sn":"ZX1"})", Kind::command, "reg", "ZX1"},
        {R"({"cmd":" sendlog ","sn ":" ZX1 "})", Kind::command, "sendlog",
         "ZX1"},
        {R"({"ret":"gettime"})", Kind::reply, "gettime", ""},
        {R"({"ret":"a","cmd":"b"})", Kind::command, "b", ""},
        {R"({"CMD":"reg","SN":12})", Kind::command, "reg", "12"},
        {R"({"cmd":"","ret":"a"})", Kind::reply, "a", ""},
        {R"({"cmd":null})", Kind::neither, "", ""},
        {R"({"foo":1,"sn":["x"]})", Kind::neither, "", ""},
    };
    for (const Named &named : kNamed) {
        checks.about(named.text);
        const auto message = cloud::decode_message(as_bytes(named.text));
        if (!message) {
            checks.fail(message.error().text);
            continue;
        }
        checks.that(message->kind == named.kind, "the kind");
        checks.equal("name", message->name, named.name);
        checks.equal("sn", message->sn, named.sn);
        checks.that(message->object != nullptr, "there is an object");
    }
    checks.about("");
    for (const std::string_view text : {"[]", "1", "\"cmd\"", "null", "x"}) {
        checks.that(!cloud::decode_message(as_bytes(text)), text);
    }
}

void members_are_found_as_they_are_written(Checks &checks)
{
    const Json json = json_of(
        R"({"InputAlarm":1," time\t":2,"Time":3,"exact":4,"EXACT":5,"n":null})");
    const auto number = [&json](std::string_view name) {
        return cloud::integer_of(cloud::field(json.get(), name));
    };
    checks.equal("another case", number("inputalarm"), std::optional{1});
    checks.equal("the last of two", number("time"), std::optional{3});
    checks.equal("the exact one", number("exact"), std::optional{4});
    checks.that(json_is_null(cloud::field(json.get(), "n")), "a null");
    checks.that(!cloud::field(json.get(), "tim"), "no part of a name");
    checks.that(!cloud::field(nullptr, "n"), "nothing in nothing");
    const Json array = json_of("[1]");
    checks.that(!cloud::field(array.get(), "n"), "nothing in an array");
}

struct Typed {
    std::string_view json;
    std::optional<std::int64_t> integer;
    std::optional<double> number;
    std::string_view text;
    std::optional<bool> truth;
};

void values_of_any_type(Checks &checks)
{
    constexpr auto none = std::nullopt;
    const Typed kTyped[] = {
        {"0", 0, 0, "0", false},
        {"1", 1, 1, "1", true},
        {"-7", -7, -7, "-7", none},
        {"5.0", 5, 5, "5", none},
        {"36.6", none, 36.6, "36.6", none},
        {"1e300", none, 1e300, "1e+300", none},
        {"9007199254740992.0", none, 9007199254740992, "9007199254740992.0",
         none},
        {"9223372036854775807", INT64_MAX, 9223372036854775807.0,
         "9223372036854775807", none},
        {R"("101072")", 101072, 101072, "101072", none},
        {R"(" 12 ")", 12, 12, "12", none},
        {R"("+3")", 3, 3, "+3", none},
        {R"("-3")", -3, -3, "-3", none},
        {R"("+-3")", none, none, "+-3", none},
        {R"("0012")", 12, 12, "0012", none},
        {R"("8.0")", 8, 8, "8.0", none},
        {R"("36.5")", none, 36.5, "36.5", none},
        {R"("9223372036854775808")", none, 9223372036854775808.0,
         "9223372036854775808", none},
        {R"("nan")", none, none, "nan", none},
        {R"("inf")", none, none, "inf", none},
        {R"("0x10")", none, none, "0x10", none},
        {R"("12 34")", none, none, "12 34", none},
        {R"("")", none, none, "", none},
        {R"("  ")", none, none, "", none},
        {R"("true")", none, none, "true", true},
        {R"(" TRUE ")", none, none, "TRUE", true},
        {R"("false")", none, none, "false", false},
        {R"("1")", 1, 1, "1", true},
        {R"("0")", 0, 0, "0", false},
        {R"("yes")", none, none, "yes", none},
        {"true", none, none, "", true},
        {"false", none, none, "", false},
        {"null", none, none, "", none},
        {"[1]", none, none, "", none},
        {"{}", none, none, "", none},
    };
    for (const Typed &typed : kTyped) {
        checks.about(typed.json);
        const Json json = json_of(typed.json);
        checks.equal("integer", cloud::integer_of(json.get()), typed.integer);
        checks.equal("number", cloud::number_of(json.get()), typed.number);
        checks.equal("text", cloud::text_of(json.get()), typed.text);
        checks.equal("truth", cloud::truth_of(json.get()), typed.truth);
    }
    checks.about("absent");
    checks.equal("integer", cloud::integer_of(nullptr), std::nullopt);
    checks.equal("number", cloud::number_of(nullptr), std::nullopt);
    checks.equal("text", cloud::text_of(nullptr), "");
    checks.equal("truth", cloud::truth_of(nullptr), std::nullopt);
    checks.equal("verbatim", cloud::verbatim_of(nullptr), "");
    checks.equal("verbatim, with blanks",
                 cloud::verbatim_of(json_of("\" a \"").get()), " a ");
}

void serial_numbers(Checks &checks)
{
    for (const std::string_view sn :
         {"ZX0006827500", "a", "WAC-1408.94/64:#~", "!"}) {
        checks.that(cloud::valid_sn(sn), sn);
    }
    checks.that(cloud::valid_sn(std::string(64, 'x')), "the longest");
    checks.that(!cloud::valid_sn(std::string(65, 'x')), "one longer");
    for (const std::string_view sn :
         {"", "a b", " a", "a\n", "a\"b", "a'b", "a\\b", "a\x7f", "é"}) {
        checks.that(!cloud::valid_sn(sn), sn);
    }
}

void replies(Checks &checks)
{
    const Json sent = json_of(R"({"count":3,"logindex":"36","x":[1.5,{}]})");
    cloud::Reply reply("sendlog", true);
    reply.echo("count", cloud::field(sent.get(), "count"))
        .echo("logindex", cloud::field(sent.get(), "logindex"))
        .echo("x", cloud::field(sent.get(), "x"))
        .echo("absent", nullptr)
        .text("cloudtime", "2026-03-02 08:00:01")
        .number("access", 1)
        .flag("mark", false);
    checks.equal("reply", reply.encode(),
                 R"({"ret":"sendlog","result":true,"count":3,"logindex":"36",)"
                 R"("x":[1.5,{}],"cloudtime":"2026-03-02 08:00:01",)"
                 R"("access":1,"mark":false})");
    checks.equal("a refusal",
                 cloud::Reply("reg", false).text("reason", "a\"\n").encode(),
                 R"({"ret":"reg","result":false,"reason":"a\"\n"})");
    using namespace std::string_view_literals;
    checks.equal(
        "what is no text",
        cloud::Reply("\xff", true).text("m", "a\0b\xc0"sv).encode(),
        "{\"ret\":\"\ufffd\",\"result\":true,\"m\":\"a\ufffdb\ufffd\"}");
}

void values_are_written_as_they_came(Checks &checks)
{
    const Json json = json_of(R"({"z":36.6,"a":{"b":0.1},"c":[-0.0,1e20]})");
    checks.equal("the whole", cloud::write_json(json.get()),
                 R"({"z":36.6,"a":{"b":0.1},"c":[-0.0,1e+20]})");
    checks.equal("without a member",
                 cloud::write_json(json.get(), cloud::field(json.get(), "a")),
                 R"({"z":36.6,"c":[-0.0,1e+20]})");
    const Json one = json_of(R"({"z":"only"})");
    checks.equal("without its only member",
                 cloud::write_json(one.get(), cloud::field(one.get(), "z")),
                 "{}");
    checks.equal("nothing", cloud::write_json(nullptr), "");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<clean_json_stays_as_it_is>),
        cmocka_unit_test(test::unit<padding_is_ignored>),
        cmocka_unit_test(test::unit<trailing_commas_are_dropped>),
        cmocka_unit_test(test::unit<odd_numbers_become_text>),
        cmocka_unit_test(test::unit<bytes_that_are_no_utf8_are_replaced>),
        cmocka_unit_test(test::unit<strings_hold_no_nul_and_no_half_character>),
        cmocka_unit_test(test::unit<other_slips_inside_strings_are_kept>),
        cmocka_unit_test(test::unit<what_is_no_json_is_malformed>),
        cmocka_unit_test(test::unit<a_message_has_bounds>),
        cmocka_unit_test(test::unit<a_message_is_named_by_its_keys>),
        cmocka_unit_test(test::unit<members_are_found_as_they_are_written>),
        cmocka_unit_test(test::unit<values_of_any_type>),
        cmocka_unit_test(test::unit<serial_numbers>),
        cmocka_unit_test(test::unit<replies>),
        cmocka_unit_test(test::unit<values_are_written_as_they_came>),
    };
    return cmocka_run_group_tests_name("cloud_json", tests, nullptr, nullptr);
}
