// What one request sees while a simulated XML terminal executes it. The
// requests are in xml_user_requests.cpp, xml_log_requests.cpp and
// xml_device_requests.cpp.
#pragma once

#include "base/text.hpp"
#include "xml_execute.hpp"

#include <span>

namespace wac::sim
{

struct XmlRequest {
    XmlTerminal &terminal;
    const xml::Message &message;
    std::int64_t host_now_s;

    std::string text(std::string_view field) const
    {
        return std::string(message.value(field));
    }
    bool has(std::string_view field) const { return message.find(field); }
    std::optional<std::int64_t> number(std::string_view field) const
    {
        return parse_integer<std::int64_t>(message.value(field));
    }
    bool truth(std::string_view field, bool otherwise) const
    {
        return xml::truth_of(message.value(field)).value_or(otherwise);
    }
    std::int64_t now_s() const { return host_now_s + terminal.clock_offset_s; }

    /** The person that UserID names, if the terminal holds him. */
    XmlUser *user() const
    {
        const auto id = number("UserID");
        const auto found = id ? terminal.users.find(*id) : terminal.users.end();
        return found == terminal.users.end() ? nullptr : &found->second;
    }
};

struct XmlRequestRow {
    std::string_view name;
    XmlOutcome (*execute)(const XmlRequest &);
};

std::span<const XmlRequestRow> xml_user_requests();
std::span<const XmlRequestRow> xml_credential_requests();
std::span<const XmlRequestRow> xml_log_requests();
std::span<const XmlRequestRow> xml_device_requests();

/** Requests that only keep what they are given, and those that give it back. */
std::optional<XmlOutcome> execute_document(const XmlRequest &request);

inline XmlOutcome xml_failed(std::string error = "")
{
    XmlOutcome outcome;
    outcome.result = "Fail";
    outcome.error = std::move(error);
    return outcome;
}

/** With UserID, and other fields that the reply repeats. */
inline XmlOutcome repeating(const XmlRequest &request,
                            std::initializer_list<const char *> names,
                            XmlOutcome outcome)
{
    XmlFields repeated;
    for (const char *name : names) {
        repeated.emplace_back(name, request.text(name));
    }
    outcome.fields.insert(outcome.fields.begin(), repeated.begin(),
                          repeated.end());
    return outcome;
}

inline std::string yes_no(bool value)
{
    return value ? "Yes" : "No";
}

} // namespace wac::sim
