// XML written for terminals: what is read of it is what was given.
#include "checks.hpp"
#include "xml_frames.hpp"

using namespace wac;
using namespace std::string_view_literals;
using test::Checks;

namespace
{

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\"?>";

void a_document_on_one_line(Checks &checks)
{
    checks.equal("empty", xml::Writer("Message").encode(),
                 std::string(kDeclaration) + "<Message></Message>");
    checks.equal("in order",
                 xml::Writer("Response")
                     .text("Result", "success")
                     .number("B", -9223372036854775807 - 1)
                     .number("A", 0)
                     .text("Card", "")
                     .encode(),
                 std::string(kDeclaration) +
                     "<Response><Result>success</Result>"
                     "<B>-9223372036854775808</B><A>0</A><Card></Card>"
                     "</Response>");
}

std::string written(std::string_view value)
{
    std::string text = xml::Writer("M").text("A", value).encode();
    const std::size_t begin = kDeclaration.size() + 6;
    return text.substr(begin, text.size() - begin - 8);
}

void what_would_be_markup_is_escaped(Checks &checks)
{
    checks.equal("markup", written("<a b=\"c\" d='e'>&amp;]]>"),
                 "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;amp;]]&gt;");
    checks.equal("line ends", written("a\r\n\tb"), "a&#13;&#10;&#9;b");
    checks.equal("plain", written(" !#%/09AZaz[]`{|}~"), " !#%/09AZaz[]`{|}~");
}

void what_xml_has_no_place_for_is_left_out(Checks &checks)
{
    checks.equal("controls", written("a\0b\x01\x08\x0b\x0c\x0e\x1f\x7f"sv),
                 "ab\x7f");
    checks.equal("no UTF-8", written("a\xff\xc3(\xed\xa0\x80z\xc3"), "a(z");
    checks.equal("no characters", written("\xef\xbf\xbe\xef\xbf\xbf"), "");
    checks.equal("others", written("\xc3\xa9\xef\xbf\xbd\xf4\x8f\xbf\xbf"),
                 "\xc3\xa9\xef\xbf\xbd\xf4\x8f\xbf\xbf");
}

void what_is_written_is_read_again(Checks &checks)
{
    std::string all;
    for (int c = 1; c < 128; ++c) {
        all += static_cast<char>(c);
    }
    const std::string command =
        "1</TransID><Request>LockControl</Request><TransID>2";
    xml::Decoder decoder(xml::Sender::server);
    const auto read = decoder.decode(xml::Writer("Message")
                                         .text("Response", "TimeLog_v2")
                                         .text("TransID", command)
                                         .text("Data", "(" + all + ")")
                                         .encode());
    if (!read) {
        checks.fail(read.error().text);
        return;
    }
    checks.equal("name", read->name, "TimeLog_v2");
    checks.equal("fields", read->fields.size(), 2U);
    checks.equal("markup", read->value("TransID"), command);
    checks.equal("characters", read->value("Data"),
                 "(\t\n\r" + all.substr(31) + ")");
}

} // namespace

int main()
{
    xml::set_up_library();
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<a_document_on_one_line>),
        cmocka_unit_test(test::unit<what_would_be_markup_is_escaped>),
        cmocka_unit_test(test::unit<what_xml_has_no_place_for_is_left_out>),
        cmocka_unit_test(test::unit<what_is_written_is_read_again>),
    };
    return cmocka_run_group_tests_name("xml_write", tests, nullptr, nullptr);
}
