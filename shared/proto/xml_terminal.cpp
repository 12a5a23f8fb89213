// Which message an XML terminal sends, what it says of itself, and what all
// messages have in common: ids, secrets, their form in the database.
#include "proto/xml_operations.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "proto/cloud_command_values.hpp"
#include "proto/xml_fields.hpp"

#include <algorithm>
#include <array>

namespace wac::xml
{

namespace
{

// as VD spells them; a log of a request's answer may hold any of them
constexpr std::array<std::string_view, 19> kSecrets{
    "PWD",      "Password", "Card",         "CardNo",   "QR",
    "QRCode",   "FaceData", "FingerData",   "LogImage", "PhotoData",
    "IconData", "TrIcon",   "CommPassword", "Key",      "Token",
    "CloudId",  "Session",  "FingerPrint",  "Template"};

constexpr std::size_t kLongestWord = 200;

bool is_printable(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c <= '~'; });
}

std::string word(const Message &message, std::string_view field)
{
    const std::string_view text = message.value(field);
    return text.size() <= kLongestWord ? std::string(text) : std::string();
}

} // namespace

Event event_of(const Message &message) noexcept
{
    const std::string_view name = message.name;
    if (name == "TimeLog_v2" || name == "TimeLog") {
        return Event::timelog;
    }
    if (name == "AdminLog_v2" || name == "AdminLog") {
        return Event::adminlog;
    }
    return name == "KeepAlive" ? Event::keepalive : Event::other;
}

bool is_secret(std::string_view field) noexcept
{
    return std::any_of(kSecrets.begin(), kSecrets.end(),
                       [field](std::string_view secret) {
                           return equals_ignoring_case(secret, field);
                       });
}

bool valid_id(std::string_view id) noexcept
{
    constexpr std::size_t kLongest = 64;
    const auto alphanumeric = [](char c) {
        const char low = ascii_lower(c);
        return (c >= '0' && c <= '9') || (low >= 'a' && low <= 'z');
    };
    return !id.empty() && id.size() <= kLongest && alphanumeric(id.front()) &&
           std::all_of(id.begin(), id.end(), [&](char c) {
               return alphanumeric(c) || c == '.' || c == '_' || c == '-';
           });
}

std::optional<std::int64_t> number_of(std::string_view digits) noexcept
{
    return digits.starts_with('-') ? std::nullopt
                                   : parse_integer<std::int64_t>(digits);
}

std::optional<std::int64_t> log_number_of(const Message &message) noexcept
{
    return number_of(message.value("LogID"));
}

Result<std::string> log_id_of(const Message &message)
{
    if (message.dialect == Dialect::operation) {
        const std::string_view id = message.value("LogId");
        if (!is_printable(id)) {
            return failure(ErrorCode::malformed, "LogId is no id");
        }
        return std::string(id);
    }
    const std::string *id = message.find("LogID");
    if (!id) {
        return failure(ErrorCode::malformed, "LogID is missing");
    }
    if (!number_of(*id)) {
        return failure(ErrorCode::malformed,
                       "LogID is no number of 0 to 2^63 - 1");
    }
    return *id;
}

Result<std::string> person_of(const Message &message, std::string_view who)
{
    const bool operation = message.dialect == Dialect::operation;
    const std::string field = std::string(who) + (operation ? "Id" : "ID");
    std::string_view id = message.value(field + "_Base36");
    if (id.empty()) {
        id = message.value(field);
    }
    if (!id.empty() && !valid_id(id)) {
        return failure(ErrorCode::malformed, field + " is no id");
    }
    return std::string(id);
}

Result<LogTime> log_time_of(const Message &message, std::string_view field)
{
    const auto wall = parse_time(message.value(field));
    if (!wall) {
        return failure(ErrorCode::malformed,
                       std::string(field) + " is no time of the calendar");
    }
    const auto offset =
        message.dialect == Dialect::operation
            ? parse_gmt(message.value("GMT"))
            : parse_offset_minutes(message.value("UtcTimezoneMinutes"));
    LogTime time{*wall, std::nullopt};
    if (offset) {
        time.instant_us = wall->since_2000_us() -
                          static_cast<std::int64_t>(*offset) * 60 * 1000000;
    }
    return time;
}

std::string raw_of(const Message &message,
                   std::initializer_list<std::string_view> left_out)
{
    const Json raw(json_object());
    for (const Field &field : message.fields) {
        const bool kept = !is_secret(field.name) &&
                          std::find(left_out.begin(), left_out.end(),
                                    field.name) == left_out.end();
        if (kept) {
            cloud::set_member(raw.get(), field.name,
                              cloud::json_of(field.value));
        }
    }
    return json_text(raw.get());
}

std::optional<WallTime> device_time_of(const Message &message) noexcept
{
    return parse_time(message.value("DevTime"));
}

Contact contact_of(const Message &message, std::string sn, Enrolment policy,
                   std::string_view addr, std::string_view zone)
{
    Contact contact;
    contact.sn = std::move(sn);
    contact.protocol = Protocol::xml;
    contact.policy = policy;
    contact.addr = addr;
    contact.zone = zone;
    contact.model = word(message, "ProductName");
    if (contact.model.empty()) {
        contact.model = word(message, "TerminalType");
    }
    contact.firmware = word(message, "FWVersion");
    contact.devinfo = raw_of(message, {"DeviceSerialNo"});
    if (contact.devinfo == "{}") {
        contact.devinfo.clear();
    }
    return contact;
}

} // namespace wac::xml
