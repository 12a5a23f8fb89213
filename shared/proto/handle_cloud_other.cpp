// Messages that are neither punches nor people (cloud-json.md 2.4, 2.5): kept
// as events. What opens doors or proves identities is not kept.
#include "proto/cloud_operations.hpp"

#include "base/text.hpp"

namespace wac::cloud
{

namespace
{

constexpr std::string_view kSecrets[] = {"token", "pin",    "pwd",
                                         "card",  "record", "password"};

bool is_secret(std::string_view key) noexcept
{
    for (const std::string_view secret : kSecrets) {
        if (equals_ignoring_case(key, secret)) {
            return true;
        }
    }
    return false;
}

} // namespace

StoreEvent handle_other(const Message &message, std::string sn, Texts &texts)
{
    const Json payload(json_object());
    const char *key = nullptr;
    json_t *value = nullptr;
    json_object_foreach(message.object.get(), key, value)
    {
        if (!is_secret(key)) {
            json_object_set(payload.get(), key, value);
        }
    }
    StoreEvent event;
    event.sn = std::move(sn);
    event.event_type = texts.emplace_back(message.name);
    event.payload = texts.emplace_back(write_json(payload.get()));
    return event;
}

} // namespace wac::cloud
