#include "proto/xml_command_request.hpp"

#include "proto/xml_fields.hpp"

#include <algorithm>
#include <array>

namespace wac::xml
{

namespace
{

constexpr std::array<std::string_view, 6> kKeys{
    "UserID", "FingerNo", "ParamName", "DeptNo", "ProxyNo", "TimeZoneNo"};

/** "7" and "007" are the same number. */
bool agree(std::string_view asked, std::string_view told) noexcept
{
    const auto asked_number = number_of(asked);
    return asked.empty() || told.empty() || asked == told ||
           (asked_number && asked_number == number_of(told));
}

/** It is asked for the person behind the one it names. */
bool names_another(std::string_view request) noexcept
{
    return request == "GetNextUserDataExt";
}

} // namespace

std::string_view Request::value(std::string_view field) const noexcept
{
    const auto at =
        std::find_if(fields.begin(), fields.end(), [field](const Field &known) {
            return known.name == field;
        });
    return at == fields.end() ? std::string_view{} : at->value;
}

Request &Request::add(std::string_view field, std::string_view value)
{
    fields.push_back({std::string(field), std::string(value)});
    return *this;
}

Request &Request::add(std::string_view field, std::int64_t value)
{
    return add(field, std::to_string(value));
}

std::string encode(const Request &request)
{
    Writer writer("Message");
    writer.text("Request", request.name);
    for (const Field &field : request.fields) {
        writer.text(field.name, field.value);
    }
    return writer.encode();
}

bool answers(const Message &message, const Request &request)
{
    if (message.dialect != Dialect::message || message.kind != Kind::response ||
        message.name != request.name) {
        return false;
    }
    return std::all_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
        return (key == "UserID" && names_another(request.name)) ||
               agree(request.value(key), message.value(key));
    });
}

} // namespace wac::xml
