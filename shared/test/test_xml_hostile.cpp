// Every hostile frame of t/vectors/xml, up to what a codec can say of it, and
// those that the README of the vectors wants made. After each the same
// decoder still reads a good message.
#include "checks.hpp"
#include "xml_frames.hpp"

#include <malloc.h>
#include <map>

using namespace wac;
using test::Checks;
using test::element;
using test::message;
using test::repeated;

namespace
{

const std::string kGood =
    message(element("Event", "KeepAlive") + element("DeviceSerialNo", "A1"));

/** What comes of each; "message" where a message's meaning is hostile. */
const std::map<std::string, std::string> kOutcomes{
    {"billion-laughs", "gate"},
    {"billion-laughs-attr", "gate"},
    {"quadratic-blowup", "gate"},
    {"xxe-file", "gate"},
    {"xxe-http", "gate"},
    {"external-dtd", "gate"},
    {"parameter-entity", "gate"},
    {"doctype-empty", "gate"},
    {"doctype-utf16", "gate"},
    {"doctype-utf7", "form"},
    {"unknown-encoding", "message"},
    {"deep-nesting", "gate"},
    {"nested-field", "gate"},
    {"many-attributes", "gate"},
    {"many-namespaces", "gate"},
    {"one-attribute", "gate"},
    {"many-children", "gate"},
    {"long-name", "gate"},
    {"xinclude", "gate"},
    {"pi-stylesheet", "gate"},
    {"invalid-utf8", "encoding"},
    {"overlong-utf8", "encoding"},
    {"embedded-nul", "gate"},
    {"control-charref", "form"},
    {"truncated", "form"},
    {"two-documents", "form"},
    {"trailing-garbage", "form"},
    {"raw-ampersand", "form"},
    {"undefined-entity", "form"},
    {"mismatched-typo", "form"},
    {"space-in-name", "gate"},
    {"wrong-root", "form"},
    {"root-lowercase", "form"},
    {"two-kinds", "form"},
    {"duplicate-field", "form"},
    {"comment-split", "message"},
    {"cdata-value", "message"},
    {"injection-transid", "form"},
    {"long-transid", "form"},
    {"log-injection", "form"},
    {"log-injection-newline", "form"},
    {"path-traversal-serial", "form"},
    {"sql-in-userid", "message"},
    {"csv-formula", "message"},
    {"number-overflow", "message"},
    {"number-negative", "message"},
    {"time-invalid", "message"},
    {"time-far-future", "message"},
    {"offset-absurd", "message"},
    {"bad-base64", "message"},
    {"photo-not-jpeg", "message"},
    {"serial-mismatch", "message"},
    {"relay-session", "gate"},
    {"browser-request", "message"},
    {"server-command-from-device", "message"},
    {"op-on-message-session", "message"},
    {"json-in-xml", "form"},
    {"html", "gate"},
    {"empty", "empty"},
    {"spaces", "empty"},
    {"bom-only", "empty"},
    {"ucs4", "encoding"},
};

void check(Checks &checks, xml::Decoder &decoder, const std::string &frame,
           const std::string &wanted)
{
    const auto decoded = decoder.decode(frame);
    checks.equal("the outcome", test::outcome(decoded), wanted);
    checks.that(decoded || !decoded.error().text.empty(), "it says why");
    checks.equal("the next frame", test::shown(decoder.decode(kGood)),
                 "event KeepAlive: DeviceSerialNo=A1");
}

void stored_frames_do_no_harm(Checks &checks)
{
    xml::Decoder decoder;
    std::size_t files = 0;
    for (const auto &row : test::xml_index("hostile/index.tsv")) {
        const std::string &name = row.at(0);
        checks.about(name);
        const auto wanted = kOutcomes.find(name);
        if (wanted == kOutcomes.end()) {
            checks.fail("there is no outcome for it");
            continue;
        }
        check(checks, decoder, test::xml_vector("hostile/" + name + ".xml"),
              wanted->second);
        ++files;
    }
    checks.equal("files", files, kOutcomes.size());
}

void accepted_ones_have_one_reading(Checks &checks)
{
    xml::Decoder decoder;
    const auto read = [&](const std::string &name) {
        return test::shown(
            decoder.decode(test::xml_vector("hostile/" + name + ".xml")));
    };
    checks.equal("a comment in a value", read("comment-split"),
                 "request Register: DeviceSerialNo=TST0000001 "
                 "CloudId=cloud-test-1");
    checks.equal("CDATA", read("cdata-value"),
                 "event KeepAlive: DeviceSerialNo=TST0000001");
    checks.that(read("unknown-encoding").find(" KeepAlive:") !=
                    std::string::npos,
                "the label is ignored");
}

void made_frames_do_no_harm(Checks &checks)
{
    std::string attributes;
    for (int i = 0; i < 50000; ++i) {
        attributes += " a" + std::to_string(i) + "=\"\"";
    }
    const std::string entity = "<!DOCTYPE Message [<!ENTITY a \"" +
                               std::string(100000, 'x') + "\">]>" +
                               message(element("Event", repeated("&a;", 2000)));
    const std::string huge = std::string(11000000, 'x');
    const std::pair<std::string, std::string> kFrames[] = {
        {"gate", message(element("LogImage", huge))},
        {"gate", "<Message" + attributes + "></Message>"},
        {"gate", entity},
        {"form", message(element("Event", repeated("&a;", 2000)))},
        {"form", message(element("Event", "x") +
                         element("Reason", std::string(5000, 'x')))},
        {"form", repeated("<!-- x -->", 5000)},
        {"form", "<Message><!--" + std::string(5000, '-')},
        {"form", "<Message><Event><![CDATA[" + std::string(5000, ']')},
        {"form",
         message(element("Event", "x") + "</Message>" + repeated("</a>", 70))},
        {"message", message(element("Event", "x") +
                            element("LogImage", std::string(500000, '/')))},
    };
    xml::Decoder decoder;
    int number = 0;
    for (const auto &[wanted, frame] : kFrames) {
        checks.about("frame " + std::to_string(number++));
        check(checks, decoder, frame, wanted);
    }
}

/** 70 fields with names nobody has met. */
std::string frame_of_fresh_names(std::size_t round)
{
    std::string fields = element("Event", "x");
    for (std::size_t i = 0; i < 70; ++i) {
        fields += element(
            "n" + std::to_string(round * 100 + i) + std::string(50, 'x'), "1");
    }
    return message(fields);
}

void names_do_not_pile_up(Checks &checks)
{
    constexpr std::size_t kRounds = 2000; // 140,000 names, some 13 MB of them
    constexpr std::size_t kMostGrowth = 2000000;
    xml::Decoder decoder;
    std::size_t read = 0;
    const std::size_t before = mallinfo2().uordblks;
    for (std::size_t round = 0; round < kRounds; ++round) {
        const auto decoded = decoder.decode(frame_of_fresh_names(round));
        read += decoded && decoded->fields.size() == 70;
    }
    const std::size_t after = mallinfo2().uordblks;
    checks.equal("messages", read, kRounds);
    checks.that(after < before + kMostGrowth, "memory is given back");

    std::size_t refused = 0;
    for (std::size_t round = 0; round < 150; ++round) {
        std::string fields;
        for (std::size_t i = 0; i < 5000; ++i) {
            fields += element("m" + std::to_string(round * 5000 + i), "1");
        }
        refused += test::outcome(decoder.decode(message(fields))) == "gate";
    }
    checks.equal("frames of 5,000 names refused", refused, 150U);
}

} // namespace

int main()
{
    xml::set_up_library();
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<stored_frames_do_no_harm>),
        cmocka_unit_test(test::unit<accepted_ones_have_one_reading>),
        cmocka_unit_test(test::unit<made_frames_do_no_harm>),
        cmocka_unit_test(test::unit<names_do_not_pile_up>),
    };
    return cmocka_run_group_tests_name("xml_hostile", tests, nullptr, nullptr);
}
