// The form of XML messages: roots, kinds, fields and their bounds
// (biometric-xml.md 2.1, 6.2).
#include "checks.hpp"
#include "xml_frames.hpp"

using namespace wac;
using test::Checks;
using test::element;
using test::message;

namespace
{

struct Sample {
    std::string frame;
    std::string wanted; // as test::shown writes it, or a kind of fault
};

void check_all(Checks &checks, const std::vector<Sample> &samples,
               xml::Sender sender = xml::Sender::terminal)
{
    xml::Decoder decoder(sender);
    for (const Sample &sample : samples) {
        checks.about(sample.frame.substr(0, 100));
        const auto decoded = decoder.decode(sample.frame);
        checks.equal("it",
                     decoded ? test::shown(decoded) : test::outcome(decoded),
                     sample.wanted);
    }
    checks.about("");
}

void roots_and_kinds(Checks &checks)
{
    check_all(
        checks,
        {
            {"<Message/>", "none :"},
            {"<Message></Message>", "none :"},
            {"<Message><A>1</A></Message>", "none : A=1"},
            {"<Message><Request>Login</Request></Message>", "request Login:"},
            {"<Message><Reuqest>Login</Reuqest></Message>", "request Login:"},
            {"<Message><Event>X</Event></Message>", "event X:"},
            {"<Message><A>1</A><Response>X</Response><B/></Message>",
             "response X: A=1 B="},
            {"<Message><Request>a</Request><Event>b</Event></Message>", "form"},
            {"<Message><Request>a</Request><Reuqest>a</Reuqest></Message>",
             "form"},
            {"<Message><Event>a</Event><Event>a</Event></Message>", "form"},
            {"<Message><Event>a</Event><Response/></Message>", "form"},
            {"<Message><Event></Event></Message>", "form"},
            {"<Message><Event> \r\n</Event></Message>", "form"},
            {"<Message><Operation>a</Operation></Message>",
             "none : Operation=a"},
            {"<Request><Operation>a</Operation><Event>b</Event></Request>",
             "O event a: Event=b"},
            {"<Request><A>1</A></Request>", "form"},
            {"<Request><Operation/></Request>", "form"},
            {"<Request/>", "form"},
            {"<Response><Result>success</Result></Response>", "form"},
            {"<message/>", "form"},
            {"<Messages/>", "form"},
        });
}

void frames_of_a_server(Checks &checks)
{
    check_all(checks,
              {
                  {"<Response><Result>success</Result></Response>",
                   "O response : Result=success"},
                  {"<Response><Operation>a</Operation></Response>",
                   "O response : Operation=a"},
                  {"<Message><Request>GetTime</Request></Message>",
                   "request GetTime:"},
                  {"<Request><Operation>a</Operation></Request>", "form"},
              },
              xml::Sender::server);
}

void texts_are_taken_as_they_are_meant(Checks &checks)
{
    const std::string kBegin = "<Message><Event>X</Event>";
    const std::string kEnd = "</Message>";
    const auto with = [&](std::string_view text) {
        return kBegin + element("A", text) + kEnd;
    };
    check_all(checks,
              {
                  {with(" \t\r\n a  b \n"), "event X: A=a  b"},
                  {with("&#32;a&#x20;"), "event X: A=a"},
                  {with("&lt;&gt;&amp;&apos;&quot;"), "event X: A=<>&'\""},
                  {with("1<!-- < -->2"), "event X: A=12"},
                  {with("<!-- a --> <!-- b -->c"), "event X: A=c"},
                  {with("a<!-- --> <!-- -->b"), "event X: A=a b"},
                  {with("<![CDATA[<b>&amp;]]>"), "event X: A=<b>&amp;"},
                  {with("012345"), "event X: A=012345"},
                  {with("\xc3\xa9&#233;&#x1F600;"),
                   "event X: A=\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80"},
                  {with("a\r\nb"), "event X: A=a\nb"},
                  {kBegin + "<!-- c -->\r\n\t<A>1</A> " + kEnd, "event X: A=1"},
                  {"<!-- c -->" + with("1") + "<!-- c -->\n", "event X: A=1"},
                  {kBegin + "x" + kEnd, "form"},
                  {kBegin + "<![CDATA[x]]>" + kEnd, "form"},
                  {kBegin + "&#65;" + kEnd, "form"},
                  {with("&#0;"), "form"},
                  {with("&#xFFFE;"), "form"},
                  {with("\xef\xbf\xbf"), "form"},
                  {with("\x01"), "form"},
                  {with("&x;"), "form"},
                  {with("a]]>b"), "form"},
                  {kBegin + "<a:b>1</a:b>" + kEnd, "gate"},
                  {kBegin + "<A/><A/><a:b/>" + kEnd, "gate"},
                  {kBegin + "<1>1</1>" + kEnd, "form"},
                  {kBegin + "<A B>1</A>" + kEnd, "form"},
                  {kBegin + "<>1</>" + kEnd, "form"},
              });
}

void fields_have_bounds(Checks &checks)
{
    xml::Decoder decoder;
    struct Bound {
        std::string_view field;
        std::size_t most; // 0: none
    };
    for (const auto &[field, most] :
         std::initializer_list<Bound>{{"TransID", 64},
                                      {"LogID", 64},
                                      {"Action", 64},
                                      {"DeviceSerialNo", 64},
                                      {"CloudId", 64},
                                      {"Token", 64},
                                      {"Unheard", 64},
                                      {"Card", 64},
                                      {"Name", 256},
                                      {"Reason", 256},
                                      {"Error", 256},
                                      {"ProductName", 256},
                                      {"Value", 256},
                                      {"Value1", 256},
                                      {"Value5", 256},
                                      {"LogImage", 0},
                                      {"Photo", 0},
                                      {"FaceData", 0},
                                      {"FingerData", 0},
                                      {"PhotoData", 0},
                                      {"Data", 0},
                                      {"QR", 0},
                                      {"IconData", 0},
                                      {"UserMessage", 0},
                                      {"center_screen_message", 0}}) {
        checks.about(field);
        const auto outcome = [&](std::size_t length) {
            const std::string value(length, 'x');
            return test::outcome(decoder.decode(
                message("<Event>X</Event>" + element(field, value))));
        };
        checks.equal("at the bound", outcome(most ? most : 300000), "message");
        checks.equal("beyond", outcome(most + 1), most ? "form" : "message");
    }
    checks.about("a kind's name");
    check_all(checks,
              {{message(element("Request", std::string(64, 'x'))),
                "request " + std::string(64, 'x') + ":"},
               {message(element("Request", std::string(65, 'x'))), "form"},
               {message(element("Request", std::string(99, ' ') + "a" +
                                               std::string(99, '\n'))),
                "request a:"}});
}

void serials_that_can_be_one(Checks &checks)
{
    for (const std::string_view serial :
         {"A", "TST0000001", "a-b_c.9", "..",
          "0123456789012345678901234567890123456789012345678901234567890123"}) {
        checks.that(xml::valid_serial(serial), serial);
    }
    const std::string long_one(65, 'A');
    xml::Decoder decoder;
    for (const std::string_view serial :
         {"", "A B", "A/B", "A\nB", "\xc3\xa9", "A'", "A:", "A@", "A[", "A`",
          "A{", "../x", long_one.c_str()}) {
        checks.about(serial);
        checks.that(!xml::valid_serial(serial), "it is none");
        checks.equal(
            "in a message",
            test::outcome(decoder.decode(message(
                "<Event>X</Event>" + element("DeviceSerialNo", serial)))),
            "form");
    }
    checks.about("");
    checks.that(!xml::valid_serial(std::string_view("A\0B", 3)), "a NUL");
}

struct Told {
    std::string_view event;
    std::string_view trans_id;
    std::string frame;
};

void a_faulty_event_can_be_told_fail(Checks &checks)
{
    const std::string kEvent = "<Event> TimeLog_v2</Event>";
    const std::string kTrans = "<TransID>7 </TransID>";
    const std::string kLong = element("Action", std::string(65, 'x'));
    const std::string kLog = "TimeLog_v2";
    const std::string kLongId(256, '7'); // too long, but it can be echoed
    const Told kSamples[] = {
        {kLog, "7", message(kEvent + kLong + kTrans)},
        {kLog, "7", message(kLong + kTrans + kEvent)},
        {kLog, "7", message(kEvent + "<A>1</A><A>1</A>" + kTrans)},
        {kLog, "7", message(kEvent + "text" + kTrans)},
        {kLog, "7", "<Message>" + kEvent + kTrans + "<A>&x;</A></Message>"},
        {kLog, "7", "<Message>" + kEvent + kTrans + "<A>"},
        {kLog, "", message(kEvent + kLong)},
        {kLog, "", "<Message>" + kEvent + "<TransID>7"},
        {kLog, "", message(kEvent + "<TransID>7&x;8</TransID>")},
        {kLog, "", "<Message>" + kEvent + "<A>&x;</A>" + kTrans + "</Message>"},
        {kLog, "", message(kEvent + kTrans + kTrans)},
        {kLog, kLongId, message(kEvent + element("TransID", kLongId))},
        {kLog, "", message(kEvent + element("TransID", kLongId + "7"))},
        {"", "", "<Message>" + kTrans + "<Event>TimeLog"},
        {"", "", message(element("Event", std::string(65, 'x')) + kTrans)},
        {"", "", message(kEvent + "<Request>a</Request>" + kTrans)},
        {"", "", message("<Request>a</Request>" + kLong + kTrans)},
        {"", "", message(kLong + kTrans)},
        {"", "",
         "<Request><Operation>a</Operation>" + kLong + kTrans + "</Request>"},
    };
    xml::Decoder decoder;
    for (const Told &sample : kSamples) {
        checks.about(sample.frame);
        const auto decoded = decoder.decode(sample.frame);
        if (decoded) {
            checks.fail("it has no fault");
            continue;
        }
        checks.equal("kind", test::outcome(decoded), "form");
        checks.equal("event", decoded.error().event, sample.event);
        checks.equal("TransID", decoded.error().trans_id, sample.trans_id);
    }
}

void faults_name_fields_and_no_values(Checks &checks)
{
    xml::Decoder decoder;
    const auto text_of = [&](const std::string &fields) {
        const auto decoded = decoder.decode(message(fields));
        return decoded ? "" : decoded.error().text;
    };
    checks.equal("long", text_of(element("PWD", std::string(65, '7'))),
                 "PWD is too long");
    checks.equal("twice", text_of("<PWD>7</PWD><PWD>7</PWD>"),
                 "PWD is there twice");
    checks.equal("serial", text_of("<DeviceSerialNo>\n</DeviceSerialNo>"),
                 "DeviceSerialNo is no serial number");
    checks.equal(
        "the first counts",
        text_of("<A>1</A><A>1</A>" + element("PWD", std::string(65, '7'))),
        "A is there twice");
}

} // namespace

int main()
{
    xml::set_up_library();
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<roots_and_kinds>),
        cmocka_unit_test(test::unit<frames_of_a_server>),
        cmocka_unit_test(test::unit<texts_are_taken_as_they_are_meant>),
        cmocka_unit_test(test::unit<fields_have_bounds>),
        cmocka_unit_test(test::unit<serials_that_can_be_one>),
        cmocka_unit_test(test::unit<a_faulty_event_can_be_told_fail>),
        cmocka_unit_test(test::unit<faults_name_fields_and_no_values>),
    };
    return cmocka_run_group_tests_name("xml_decode", tests, nullptr, nullptr);
}
