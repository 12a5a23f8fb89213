// One message of an XML terminal talked through with the exchange: what it
// wishes, and the outcomes it is told. Random bytes and the clock stand still.
#pragma once

#include "fk_talk.hpp"
#include "xml_talk.hpp"

#include "base/sha256.hpp"
#include "flow/xml_exchange.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac::test
{

inline constexpr std::string_view kSerial = "TST0000001";
inline constexpr std::string_view kToken =
    "7d1c9a40-52f3-4e8b-b6a1-90c3f27e5d18";
/** What `always_seven` makes. */
inline constexpr std::string_view kNewToken =
    "07070707-0707-0707-0707-070707070707";
inline constexpr std::string_view kNewSession =
    "HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH";

inline bool always_seven(std::span<unsigned char> bytes) noexcept
{
    std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>(7));
    return true;
}

inline bool no_entropy(std::span<unsigned char>) noexcept
{
    return false;
}

/** 2026-05-12 01:15:31 in UTC, which is 09:15:31 where the terminal is. */
inline constexpr WallTime kXmlNow{2026, 5, 12, 1, 15, 31};
inline constexpr WallTime kXmlLocal{2026, 5, 12, 9, 15, 31};
inline std::int64_t stopped_xml_clock() noexcept
{
    return kXmlNow.since_2000_us();
}

inline std::string xml_hash(std::string_view token)
{
    const Sha256 hash = sha256(as_bytes(token));
    return std::string(as_text(hash));
}

/** What the database knows of the vectors' terminal. */
inline DeviceIdentity xml_terminal(std::string_view token = kToken)
{
    DeviceIdentity identity;
    identity.sn = kSerial;
    identity.protocol = Protocol::xml;
    identity.seen = true;
    identity.token_hash = token.empty() ? "" : xml_hash(token);
    identity.now = kXmlLocal;
    return identity;
}

inline Result<Outcome>
xml_identified(DeviceIdentity identity,
               DeviceState device_state = DeviceState::approved)
{
    Outcome outcome;
    outcome.state = device_state;
    outcome.detail =
        std::make_shared<const Outcome::Detail>(std::move(identity));
    return outcome;
}

struct XmlTalk {
    explicit XmlTalk(std::string_view frame,
                     Enrolment policy = Enrolment::approve,
                     std::string_view cloud_id = {})
        : text(frame)
    {
        origin.policy = policy;
        origin.addr = "192.0.2.9";
        origin.worker = "here-1";
        origin.cloud_id = cloud_id;
    }

    XmlTalk &logged_in(xml::Dialect dialect = xml::Dialect::message)
    {
        registration.dialect = dialect;
        registration.adopt(xml_terminal(), stopped_xml_clock());
        registration.epoch = 7;
        return *this;
    }

    xml::Step start()
    {
        exchange.emplace(origin, registration, stopped_xml_clock, random);
        return exchange->start(xml_decoded(text), as_bytes(text));
    }

    xml::Step resume(const Result<Outcome> &outcome)
    {
        return exchange->resume(outcome);
    }

    /** A terminal that `identity` is of: found, introduced, found again. */
    xml::Step admit(const DeviceIdentity &identity)
    {
        start();
        resume(xml_identified(identity));
        resume(state(DeviceState::approved));
        return resume(xml_identified(identity));
    }

    std::string text;
    xml::Origin origin;
    xml::Registration registration;
    xml::Random random = always_seven;
    std::optional<xml::Exchange> exchange;
};

template <typename Kind>
const Kind *wish(const xml::Step &step)
{
    const auto *const run = std::get_if<Run>(&step);
    return run ? std::get_if<Kind>(run->operation) : nullptr;
}

/** The answer's elements, in one line: "Response=Login Result=OK". */
inline std::string heard(const xml::Step &step)
{
    const auto *const answer = std::get_if<xml::Answer>(&step);
    if (!answer) {
        return "(no answer yet)";
    }
    const std::string &body = answer->body;
    std::string line;
    std::size_t at = body.find("?>");
    at = body.find('>', at == body.npos ? 0 : at + 2);
    while (at != body.npos && body.compare(at + 1, 2, "</") != 0) {
        const std::size_t end = body.find('>', at + 1);
        const std::size_t close = body.find("</", end);
        line += line.empty() ? "" : " ";
        line += body.substr(at + 2, end - at - 2) + "=" +
                body.substr(end + 1, close - end - 1);
        at = body.find('>', close);
    }
    return line;
}

/** The code by which it ends the connection; 0: it does not. */
inline unsigned closes(const xml::Step &step)
{
    const auto *const answer = std::get_if<xml::Answer>(&step);
    return answer && answer->close ? static_cast<unsigned>(*answer->close) : 0;
}

inline std::string note(const xml::Step &step)
{
    const auto *const answer = std::get_if<xml::Answer>(&step);
    return answer ? answer->note : "(no answer yet)";
}

inline std::optional<Sighting> sighting(const xml::Step &step)
{
    const auto *const answer = std::get_if<xml::Answer>(&step);
    return answer ? answer->sighting : std::nullopt;
}

} // namespace wac::test
