// Frames of the `type` dialect read: what kind each is, and the members that
// terminals write. What dashboards write is type_subscription's.
#include "codec/type.hpp"

#include "codec/cloud.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wac::type
{

namespace
{

struct NamedVerb {
    std::string_view type;
    Verb verb;
};

// clang-format off
constexpr std::array kVerbs{
    NamedVerb{"register",  Verb::register_},
    NamedVerb{"telemetry", Verb::telemetry},
    NamedVerb{"event",     Verb::event},
    NamedVerb{"ping",      Verb::ping},
    NamedVerb{"pong",      Verb::pong},
    NamedVerb{"subscribe", Verb::subscribe},
    NamedVerb{"command",   Verb::command},
};
// clang-format on

Verb verb_of(std::string_view type) noexcept
{
    const auto at = std::find_if(
        kVerbs.begin(), kVerbs.end(),
        [type](const NamedVerb &named) { return named.type == type; });
    return at == kVerbs.end() ? Verb::other : at->verb;
}

/** Of UTF-8: the controls of ASCII, and U+0080 to U+009F. */
bool holds_control(std::string_view text) noexcept
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        const bool pair = c == 0xc2 && at + 1 < text.size();
        if (c < 0x20 || c == 0x7f ||
            (pair && static_cast<unsigned char>(text[at + 1]) < 0xa0)) {
            return true;
        }
    }
    return false;
}

std::size_t characters_of(std::string_view text) noexcept
{
    const auto begins = [](char c) {
        return static_cast<unsigned char>(c) >> 6 != 2;
    };
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), begins));
}

} // namespace

Result<Message> decode_message(Bytes text)
{
    Result<Json> json = cloud::read_json(text);
    if (!json) {
        return tl::make_unexpected(std::move(json.error()));
    }
    if (!json_is_object(json->get())) {
        return failure(ErrorCode::malformed, "JSON is not an object");
    }
    Message message;
    message.object = std::move(*json);
    const json_t *type = json_object_get(message.object.get(), "type");
    if (!json_is_string(type)) {
        return failure(ErrorCode::malformed, "there is no type");
    }
    message.type = cloud::verbatim_of(type);
    message.verb = verb_of(message.type);
    return message;
}

bool valid_name(std::string_view name) noexcept
{
    constexpr std::size_t kLongest = 128;
    return !name.empty() && name.size() <= 4 * kLongest &&
           characters_of(name) <= kLongest && !holds_control(name);
}

Read<std::string> device_id_of(const Message &message)
{
    const json_t *value = json_object_get(message.object.get(), "device_id");
    if (!value) {
        return std::string();
    }
    const std::string_view id = cloud::verbatim_of(value);
    if (!cloud::valid_sn(id)) {
        return tl::make_unexpected(
            Fault{"malformed", "device_id is not 1 to 64 printable ASCII "
                               "characters without blanks, quotes and "
                               "backslashes"});
    }
    return std::string(id);
}

std::string_view token_of(const Message &message) noexcept
{
    return json_string(message.object.get(), "token");
}

std::string_view role_of(const Message &message) noexcept
{
    return json_string(message.object.get(), "role");
}

Read<std::string_view> event_type_of(const Message &message)
{
    const std::string_view name =
        json_string(message.object.get(), "event_type");
    if (!valid_name(name)) {
        return tl::make_unexpected(
            Fault{"malformed",
                  "event_type is not a text of 1 to 128 printable characters"});
    }
    return name;
}

const json_t *payload_of(const Message &message) noexcept
{
    return json_object_get(message.object.get(), "payload");
}

std::string payload_text(const Message &message)
{
    const json_t *payload = payload_of(message);
    return payload ? cloud::write_json(payload) : "{}";
}

} // namespace wac::type
