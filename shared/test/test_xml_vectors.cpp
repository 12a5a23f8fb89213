// Every good frame of t/vectors/xml, decoded, beside a reader that is too
// simple to be wrong: what stands between <name> and </name>.
#include "checks.hpp"
#include "xml_frames.hpp"

#include "base/text.hpp"

using namespace wac;
using test::Checks;
using xml::Sender;

namespace
{

void replace_all(std::string &text, const std::string &what,
                 const std::string &by)
{
    for (auto at = text.find(what); at != text.npos;
         at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

/** Marks and every second byte of UTF-16 off: the vectors are ASCII. */
std::string plain(std::string frame)
{
    std::erase_if(frame, [](char c) {
        return c == '\0' || static_cast<unsigned char>(c) >= 0x80;
    });
    return frame;
}

std::string unescaped(std::string text)
{
    replace_all(text, "&#48;", "0");
    replace_all(text, "&lt;", "<");
    replace_all(text, "&gt;", ">");
    replace_all(text, "&quot;", "\"");
    replace_all(text, "&apos;", "'");
    replace_all(text, "&amp;", "&");
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == text.npos
               ? ""
               : text.substr(first,
                             text.find_last_not_of(" \t\r\n") - first + 1);
}

/** What stands between <name> and </name>, without a tag in between. */
std::vector<xml::Field> simple_fields(const std::string &text)
{
    std::vector<xml::Field> fields;
    for (auto at = text.find('<'); at != text.npos;
         at = text.find('<', at + 1)) {
        const auto end = text.find('>', at);
        const auto next = text.find('<', at + 1);
        const std::string name = text.substr(at + 1, end - at - 1);
        if (next != text.npos && end < next &&
            text.substr(next, name.size() + 3) == "</" + name + ">") {
            const std::string value = text.substr(end + 1, next - end - 1);
            fields.push_back({name, unescaped(value)});
        }
    }
    return fields;
}

/** As test::shown writes it. */
std::string simply_read(const std::string &frame)
{
    const std::string text = plain(frame);
    const bool message = text.find("<Message>") != text.npos;
    const bool answer = text.find("</Response>") != text.npos;
    std::string kind = message ? "none " : answer ? "O response " : "";
    std::string fields;
    for (const auto &[name, value] : simple_fields(text)) {
        if (message &&
            (name == "Request" || name == "Event" || name == "Response")) {
            kind = ascii_lower(name[0]) + name.substr(1) + ' ' + value;
        } else if (!message && name == "Operation") {
            kind = "O event " + value;
        } else {
            fields += ' ' + name + '=' + value;
        }
    }
    return kind + ':' + fields;
}

struct Sides {
    xml::Decoder terminal{Sender::terminal};
    xml::Decoder server{Sender::server};
    int frames = 0;
};

void check_file(Checks &checks, Sides &sides, const std::string &file,
                bool from_terminal)
{
    checks.about(file);
    const std::string frame = test::xml_vector(file);
    auto &decoder = from_terminal ? sides.terminal : sides.server;
    checks.equal("it", test::shown(decoder.decode(frame)), simply_read(frame));
    checks.that(xml::begins_as_xml(frame), "it begins as XML");
    ++sides.frames;
}

void good_frames_decode_to_what_they_are(Checks &checks)
{
    Sides sides;
    for (const auto &row : test::xml_index("index.tsv")) {
        const std::string &name = row.at(0);
        const bool by_terminal = row.at(1) == "device";
        check_file(checks, sides, name + ".request.xml", by_terminal);
        if (row.at(4) == "reply") {
            check_file(checks, sides, name + ".reply.xml", !by_terminal);
        }
    }
    checks.about("");
    checks.equal("frames", sides.frames, 180);
}

void fields_are_found_by_name(Checks &checks)
{
    xml::Decoder decoder;
    const auto message =
        decoder.decode(test::xml_vector("timelog-v2-unpadded-tz.request.xml"));
    if (!message) {
        checks.fail(message.error().text);
        return;
    }
    checks.equal("Time", message->value("Time"), "2026-9-6-T8:5:7Z");
    checks.equal("LogID", message->value("LogID"), "101");
    checks.that(message->find("Action") != nullptr, "there is an Action");
    checks.that(!message->find("action"), "names are case-sensitive");
    checks.that(!message->find("Event"), "the kind is no field");
    checks.equal("what is absent", message->value("LogImage"), "");
    checks.equal("fields", message->fields.size(), 15U);
}

} // namespace

int main()
{
    xml::set_up_library();
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<good_frames_decode_to_what_they_are>),
        cmocka_unit_test(test::unit<fields_are_found_by_name>),
    };
    return cmocka_run_group_tests_name("xml_vectors", tests, nullptr, nullptr);
}
