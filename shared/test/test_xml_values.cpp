// Truth, names and cards of the XML dialects (biometric-xml.md 2.1, 2.8).
#include "checks.hpp"

#include "base/bytes.hpp"
#include "codec/cloud_records.hpp"
#include "codec/xml.hpp"

using namespace wac;
using namespace std::string_view_literals;
using test::Checks;

namespace
{

std::string base64(std::string_view bytes)
{
    return cloud::encode_base64(as_bytes(bytes));
}

void truth(Checks &checks)
{
    for (const std::string_view text :
         {"Yes", "yes", "YES", "True", "true", "Y", "y", "T", "t", "1"}) {
        checks.equal(text, xml::truth_of(text), std::optional{true});
    }
    for (const std::string_view text :
         {"No", "no", "NO", "False", "false", "N", "n", "F", "f", "0"}) {
        checks.equal(text, xml::truth_of(text), std::optional{false});
    }
    for (const std::string_view text :
         {"", " ", "Ye", "Yess", "10", "2", "-1", "on", "OK"}) {
        checks.equal(text, xml::truth_of(text), std::nullopt);
    }
}

void names_read(Checks &checks)
{
    struct Sample {
        std::string base64;
        std::optional<std::string> wanted;
    };
    for (const auto &[text, wanted] : std::initializer_list<Sample>{
             {"QQBuAGEAIABSAHUAaQB6AAAAAAAAAAAAAAA=", "Ana Ruiz"},
             {"QgBvAA==", "Bo"},
             {"", ""},
             {base64("\0\0\0\0"sv), ""},
             {base64("A\0\0\0B\0"sv), "A"},
             {base64("A\0\0\0\0\xdc"sv), "A"},
             {base64("\xe9\0"sv), "\xc3\xa9"},
             {base64("\x2d\x4e"sv), "\xe4\xb8\xad"},
             {base64("\x3d\xd8\0\xde"sv), "\xf0\x9f\x98\x80"},
             {base64("\xff\xdb\xff\xdf"sv), "\xf4\x8f\xbf\xbf"},
             {base64("A"sv), {}},
             {base64("A\0\0"sv), {}},
             {base64("\0\xdc"sv), {}},
             {base64("\x3d\xd8"sv), {}},
             {base64("\x3d\xd8"
                     "A\0"sv),
              {}},
             {"Ana Ruiz!", {}},
             {"*", {}}}) {
        checks.about(text);
        checks.equal("name", xml::decode_name(text), wanted);
    }
}

void names_written(Checks &checks)
{
    checks.equal("as terminals pad it", xml::encode_name("Ana Ruiz"),
                 "QQBuAGEAIABSAHUAaQB6AAAAAAAAAAAAAAA=");
    checks.equal("none", xml::encode_name("", 1), base64("\0\0\0\0"sv));
    checks.equal("cut", xml::decode_name(xml::encode_name("123456789012345")),
                 "123456789012");
    checks.equal("cut at 2", xml::encode_name("abc", 2),
                 base64("a\0b\0\0\0"sv));
    checks.equal("not within a character",
                 xml::encode_name("a\xf0\x9f\x98\x80", 2),
                 base64("a\0\0\0\0\0"sv));
    checks.equal("no NUL, no stray byte",
                 xml::encode_name("a\0\xff\xc3"
                                  "b"sv,
                                  2),
                 base64("a\0b\0\0\0"sv));
    for (const std::string_view name :
         {"Zo\xc3\xab", "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x98\x80",
          "\xf4\x8f\xbf\xbf", "\xef\xbf\xbd"}) {
        checks.equal(name, xml::decode_name(xml::encode_name(name)), name);
    }
}

void cards(Checks &checks)
{
    struct Sample {
        std::string_view text;
        std::optional<std::uint32_t> card;
    };
    for (const auto &[text, card] :
         std::initializer_list<Sample>{{"koRRAA==", 0x00518492},
                                       {"AQAAAA==", 1},
                                       {"/////w==", 0xffffffff},
                                       {"AAAAAA==", 0},
                                       {"5342354", 5342354},
                                       {"0001234567", 1234567},
                                       {"123456", 123456},
                                       {"12345678", 12345678},
                                       {"4294967295", 4294967295},
                                       {"4294967296", {}},
                                       {"-1", {}},
                                       {"", {}},
                                       {"koRRAA", {}},
                                       {"koRR", {}},
                                       {"koRRAAA=", {}},
                                       {"!!!!!!==", {}},
                                       {"AQAA AA==", {}},
                                       {"12 34", {}}}) {
        checks.equal(text, xml::decode_card(text), card);
    }
    for (const std::uint32_t card : {0U, 1U, 255U, 5342354U, 0xffffffffU}) {
        checks.equal("again", xml::decode_card(xml::encode_card(card)),
                     std::optional{card});
    }
    checks.equal("written", xml::encode_card(0x00518492), "koRRAA==");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<truth>),
        cmocka_unit_test(test::unit<names_read>),
        cmocka_unit_test(test::unit<names_written>),
        cmocka_unit_test(test::unit<cards>),
    };
    return cmocka_run_group_tests_name("xml_values", tests, nullptr, nullptr);
}
