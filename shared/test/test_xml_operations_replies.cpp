// What XML terminals are answered: the vectors, element for element.
#include "checks.hpp"
#include "xml_talk.hpp"

#include "proto/xml_operations.hpp"

using namespace wac;
using test::Checks;
using test::xml_bytes;
using test::xml_elements;
using test::xml_vector;

namespace
{

const WallTime kNow{2026, 5, 12, 9, 15, 31};

std::string reply_to(const xml::Message &message, std::string_view vector)
{
    using xml::LoginVerdict;
    const bool register_ = message.name == "Register";
    if (vector == "register" || vector == "register-productname" ||
        vector == "op-register") {
        return xml::register_accepted(message, "@SECRET@");
    }
    if (register_) {
        return xml::register_refused(message);
    }
    if (message.name == "Login") {
        return xml::login_reply(message, vector == "login"
                                             ? LoginVerdict::accepted
                                         : vector == "login-unknown-serial"
                                             ? LoginVerdict::refused
                                             : LoginVerdict::unknown_token);
    }
    if (xml::event_of(message) == xml::Event::keepalive) {
        return xml::keepalive_reply(message, kNow);
    }
    const bool refused =
        vector == "timelog-v2-store-down" || vector == "timelog-v2-no-logid";
    return xml::event_reply(message, !refused);
}

/** The vector with what stands for its placeholders. */
std::string filled(std::string text)
{
    const std::pair<std::string_view, std::string_view> kPlaces[] = {
        {"@TOKEN@", "@SECRET@"},
        {"@SESSION@", "@SECRET@"},
        {"@NOW@", "2026-05-12-T09:15:31Z"},
        {"@NOWISO@", "2026-05-12T09:15:31"},
    };
    for (const auto &[place, value] : kPlaces) {
        if (const auto at = text.find(place); at != text.npos) {
            text.replace(at, place.size(), value);
        }
    }
    return text;
}

void vectors_are_answered_as_printed(Checks &checks)
{
    std::size_t seen = 0;
    for (const auto &entry : std::filesystem::directory_iterator(
             std::filesystem::path(WAC_VECTORS) / "xml")) {
        const std::string file = entry.path().filename().string();
        constexpr std::string_view kEnd = ".reply.xml";
        if (!file.ends_with(kEnd) || file.starts_with("cmd-")) {
            continue;
        }
        ++seen;
        const std::string name = file.substr(0, file.size() - kEnd.size());
        checks.about(name);
        checks.equal(
            "reply",
            xml_elements(reply_to(xml_vector(name + ".request.xml"), name)),
            xml_elements(filled(xml_bytes(file))));
    }
    checks.that(seen >= 40, "vectors are missing");
}

void what_came_is_escaped(Checks &checks)
{
    const xml::Message log =
        xml_vector("timelog-v2-transid-escaping.request.xml");
    const std::string reply = xml::event_reply(log, true);
    checks.that(reply.find("<TransID>a&lt;b&amp;c") != reply.npos, reply);
    const std::string injected = xml::event_reply(
        test::xml_message(
            xml::Kind::event, "TimeLog_v2",
            {{"TransID", "1</TransID><Request>EmptyAllData</Request>"}}),
        true);
    checks.that(injected.find("<Request>") == injected.npos, injected);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<vectors_are_answered_as_printed>),
        cmocka_unit_test(test::unit<what_came_is_escaped>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
