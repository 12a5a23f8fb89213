// What never reaches the parser, and what of it does (biometric-xml.md 5,
// 6.2): codings, tags, depth.
#include "checks.hpp"
#include "xml_frames.hpp"

#include "codec/xml_characters.hpp"

using namespace wac;
using namespace std::string_view_literals;
using test::Checks;
using test::element;
using test::message;
using test::utf16;

namespace
{

const std::string kShort = "<Message><Event>X</Event></Message>";

std::string outcome_of(std::string_view frame)
{
    xml::Decoder decoder;
    return test::outcome(decoder.decode(frame));
}

struct Sample {
    std::string frame;
    std::string_view wanted;
};

void check_all(Checks &checks, const std::vector<Sample> &samples)
{
    for (const Sample &sample : samples) {
        checks.about(sample.frame.substr(0, 100));
        checks.equal("it", outcome_of(sample.frame), sample.wanted);
    }
    checks.about("");
}

void markup_that_terminals_do_not_send(Checks &checks)
{
    const std::string kBegin = "<Message><Event>X</Event>";
    const std::string kEnd = "</Message>";
    const auto inside = [&](std::string_view text) {
        return kBegin + std::string(text) + kEnd;
    };
    check_all(checks,
              {
                  {"<!DOCTYPE a>" + kShort, "gate"},
                  {inside("<!ELEMENT a>"), "gate"},
                  {inside("<!"), "gate"},
                  {inside("<![INCLUDE["), "gate"},
                  {"<?xml version=\"1.0\"?>" + kShort, "message"},
                  {"<?xml\nversion='1.0'?>\n" + kShort, "message"},
                  {"<?xml version=\"1.0\"", "form"},
                  {"<?xml?>" + kShort, "gate"},
                  {"<?xml-stylesheet a?>" + kShort, "gate"},
                  {"<?a?>" + kShort, "gate"},
                  {kShort + "<?a?>", "gate"},
                  {"<!-- --><?xml version=\"1.0\"?>" + kShort, "gate"},
                  {inside("<?a?>"), "gate"},
                  {inside("<!-- <?a?> <!DOCTYPE a> <a b='c'> -->"), "message"},
                  {inside("<A><![CDATA[<?a?><a b='c'>]]></A>"), "message"},
                  {inside("<A b='1'>1</A>"), "gate"},
                  {inside("<A b=\"1\">1</A>"), "gate"},
                  {inside("<A =>1</A>"), "gate"},
                  {inside("<A &a;>1</A>"), "gate"},
                  {inside("<A <B>1</A>"), "gate"},
                  {inside("<A>1</A b='1'>"), "gate"},
                  {inside("< A>1</A>"), "gate"},
                  {inside("<\tA>1</A>"), "gate"},
                  {inside("<A >1</A\n>"), "message"},
                  {inside("<A/><B />"), "message"},
                  {inside("<A>\"=&apos;'</A>"), "message"},
                  {kBegin + "<A", "form"},
                  {"<", "form"},
                  {"<!", "gate"},
                  {"x", "form"},
              });
}

void depth_and_numbers(Checks &checks)
{
    const auto fields = [](int count) {
        std::string all = "<Event>X</Event>";
        for (int i = 1; i < count; ++i) {
            all += element("n" + std::to_string(i), "1");
        }
        return message(all);
    };
    const std::string name(77, 'n'); // its end tag has 80 bytes
    const std::string longer(78, 'n');
    check_all(checks, {
                          {fields(79), "message"},
                          {fields(80), "gate"},
                          {message(test::repeated("<A/>", 80)), "gate"},
                          {message(test::repeated("<A/>", 79)), "form"},
                          {message(element(name, "1")), "message"},
                          {message(element(longer, "1")), "gate"},
                          {message("<" + name + "/>"), "message"},
                          {message("<" + name + " />"), "gate"},
                          {message("<" + longer + ">"), "form"},
                          {message("<" + longer + "n>"), "gate"},
                          {message("<" + longer), "gate"},
                          {message("<A><B></B></A>"), "gate"},
                          {message("<A><B/></A>"), "gate"},
                          {message("</A></A><A><B><C></C></B></A>"), "gate"},
                      });
}

void codings(Checks &checks)
{
    const std::string nul(1, '\0');
    const std::string little = utf16(kShort);
    const std::string big = utf16(kShort, true);
    check_all(
        checks,
        {
            {"\xef\xbb\xbf" + kShort, "message"},
            {"\xef\xbb\xbf \r\n" + kShort, "message"},
            {"\xff\xfe" + little, "message"},
            {"\xfe\xff" + big, "message"},
            {"\xff\xfe" + utf16("\r\n ") + little + utf16(" "), "message"},
            {little, "message"},
            {big, "message"},
            {kShort + nul, "message"},
            {kShort + "\r\n" + nul + nul, "message"},
            {little + nul + nul, "message"},
            {" \t\r\n" + kShort + " \t\r\n", "message"},
            {little + nul, "encoding"},
            {"\xff\xfe" + little.substr(1), "encoding"},
            {"\xff\xfe" + utf16("<") + "\x01\xdc", "encoding"},
            {"\xff\xfe" + utf16("<") + "\x01\xd8", "encoding"},
            {"\xff\xfe" + utf16("<") + "\x01\xd8" + utf16("<"), "encoding"},
            {"\xff\xfe" + nul + nul + utf16(utf16(kShort)), "encoding"},
            {nul + nul + kShort, "encoding"},
            {utf16("{}"), "form"},
            {utf16("{}", true), "form"},
            {utf16(" ") + little, "gate"},
            {message("<A>1" + nul + "</A>"), "gate"},
            {message("<A>\xff</A>"), "encoding"},
            {message("<A>\xc1\x81</A>"), "encoding"},
            {message("<A>\xed\xa0\x80</A>"), "encoding"},
            {"\xff", "encoding"},
            {"", "empty"},
            {nul, "empty"},
            {" \r\n\t" + nul, "empty"},
            {"\xef\xbb\xbf", "empty"},
            {"\xff\xfe", "empty"},
            {"\xfe\xff" + utf16(" \n", true), "empty"},
        });
    xml::Decoder decoder;
    checks.equal("a character beyond 16 bits",
                 test::shown(decoder.decode(
                     "\xff\xfe" + utf16("<Message><A>") + "\x3d\xd8" +
                     std::string("\0\xde", 2) + utf16("</A></Message>"))),
                 "none : A=\xf0\x9f\x98\x80");
}

void a_connection_that_begins_as_xml(Checks &checks)
{
    for (const std::string &frame :
         {std::string("<"), std::string(" \t\r\n<"), kShort,
          "\xef\xbb\xbf" + kShort, "\xef\xbb\xbf\n" + kShort, utf16("<"),
          utf16("<", true), "\xff\xfe" + utf16(" \n<"),
          "\xfe\xff" + utf16(" <", true), std::string("<!DOCTYPE a>")}) {
        checks.that(xml::begins_as_xml(frame), frame);
    }
    for (const std::string_view frame :
         {""sv, " "sv, "{\"a\":\"<\"}"sv, "[<"sv, "x<"sv, "\0\0\0<"sv,
          "\xef\xbb\xbf"sv, "\xef\xbb<"sv, "\xff\xfe"sv, "\xff\xfe<"sv,
          "\xff\xfe\0\0<\0\0\0"sv, "{\0<\0"sv, "\0{\0<"sv, "\xff\xfe<\1"sv,
          "\xff\xfe \0{\0"sv, "\xfe\xff\1<"sv}) {
        checks.that(!xml::begins_as_xml(frame), frame);
    }
}

void characters_of_utf8(Checks &checks)
{
    struct Length {
        std::string_view text;
        std::size_t length;
    };
    for (const auto &[text, length] :
         std::initializer_list<Length>{{"", 0},
                                       {"a", 1},
                                       {"\x7f", 1},
                                       {"\x80", 0},
                                       {"\xc1\xbf", 0},
                                       {"\xc2\x80", 2},
                                       {"\xc2", 0},
                                       {"\xdf\xbf", 2},
                                       {"\xdf\xc0", 0},
                                       {"\xe0\x9f\xbf", 0},
                                       {"\xe0\xa0\x80", 3},
                                       {"\xed\x9f\xbf", 3},
                                       {"\xed\xa0\x80", 0},
                                       {"\xef\xbf\xbf", 3},
                                       {"\xef\xbf", 0},
                                       {"\xf0\x8f\xbf\xbf", 0},
                                       {"\xf0\x90\x80\x80", 4},
                                       {"\xf4\x8f\xbf\xbf", 4},
                                       {"\xf4\x90\x80\x80", 0},
                                       {"\xf5\x80\x80\x80", 0}}) {
        checks.equal("length", xml::character_length(text), length);
    }
    checks.that(xml::code_point_of("\xf4\x8f\xbf\xbf") == 0x10ffff, "the last");
    checks.that(xml::code_point_of("\xc2\x80") == 0x80, "the first of two");
    checks.that(xml::code_point_of("\xe0\xa0\x80") == 0x800, "of three");
}

/** At every place in a run of ASCII, as this is read eight bytes at a time. */
void odd_bytes_are_found_wherever_they_are(Checks &checks)
{
    const std::string ascii(40, '\x7f');
    checks.that(xml::find_nul_or_foreign(ascii) == ascii.npos, "none");
    for (std::size_t at = 0; at < ascii.size(); ++at) {
        for (const char odd : {'\0', '\x80', '\xff'}) {
            std::string text = ascii;
            text[at] = odd;
            checks.equal("place", xml::find_nul_or_foreign(text), at);
        }
        std::string text = ascii.substr(0, at) + "\xc3\xa9" + ascii;
        checks.that(xml::find_nul_or_foreign(text) == text.npos, "good UTF-8");
        checks.equal("cut", xml::find_nul_or_foreign(text.substr(0, at + 1)),
                     at);
    }
}

} // namespace

int main()
{
    xml::set_up_library();
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<markup_that_terminals_do_not_send>),
        cmocka_unit_test(test::unit<depth_and_numbers>),
        cmocka_unit_test(test::unit<codings>),
        cmocka_unit_test(test::unit<a_connection_that_begins_as_xml>),
        cmocka_unit_test(test::unit<characters_of_utf8>),
        cmocka_unit_test(test::unit<odd_bytes_are_found_wherever_they_are>),
    };
    return cmocka_run_group_tests_name("xml_gate", tests, nullptr, nullptr);
}
