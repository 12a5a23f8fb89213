// What dashboards write: which part of the live feed they want to see, and
// what a terminal is to do.
#include "codec/type.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace wac::type
{

namespace
{

constexpr std::size_t kLongestId = 1024; // bytes of JSON

tl::unexpected<Fault> fault(std::string_view code, std::string message)
{
    return tl::make_unexpected(Fault{code, std::move(message)});
}

/** A member that means nothing if it is null, as programs write what they do
 *  not set. */
const json_t *member(const Message &message, const char *name) noexcept
{
    const json_t *value = json_object_get(message.object.get(), name);
    return json_is_null(value) ? nullptr : value;
}

/** A filter: how many it may name, and what. */
struct Filter {
    const char *name;
    std::size_t most;
    bool (*valid)(std::string_view) noexcept;
};

constexpr Filter kDevices{"devices", kMostDevices, cloud::valid_sn};
constexpr Filter kTypes{"types", kMostTypes, valid_name};

/** Sorted, each once. */
Read<std::vector<std::string>> read_filter(const Message &message,
                                           const Filter &filter)
{
    std::vector<std::string> names;
    const json_t *value = member(message, filter.name);
    const bool lone = json_is_string(value);
    if (!value) {
        return names;
    }
    const std::size_t count = lone ? 1 : json_array_size(value);
    if ((!lone && !json_is_array(value)) || count > filter.most) {
        return fault("bad_filter", std::string(filter.name) +
                                       " is not a text or an array of at "
                                       "most " +
                                       std::to_string(filter.most));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view name =
            cloud::verbatim_of(lone ? value : json_array_get(value, i));
        if (!filter.valid(name)) {
            return fault("bad_filter", std::string(filter.name) +
                                           " holds what can be none of them");
        }
        names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

bool lets_pass(const std::vector<std::string> &names,
               std::string_view name) noexcept
{
    return std::binary_search(names.begin(), names.end(), name, std::less<>());
}

/** Of a second: what stands behind the point of a time, to the microsecond. */
std::int64_t fraction_us(std::string_view time) noexcept
{
    std::int64_t us = 0;
    std::int64_t digit_us = 100000;
    for (std::size_t at = time.find('.'); at < time.size() - 1 && digit_us > 0;
         digit_us /= 10) {
        const char digit = time[++at];
        if (digit < '0' || digit > '9') {
            break;
        }
        us += (digit - '0') * digit_us;
    }
    return us;
}

std::optional<Since> since_of(const json_t *value)
{
    if (!json_is_integer(value)) {
        return parse_since(cloud::verbatim_of(value));
    }
    const std::int64_t id = json_integer_value(value);
    return id < 0 ? std::nullopt : std::optional(Since{id, {}});
}

} // namespace

bool Subscription::takes(std::string_view device_id, std::string_view type,
                         std::string_view event_type) const noexcept
{
    return (devices.empty() || lets_pass(devices, device_id)) &&
           (types.empty() || lets_pass(types, type) ||
            (!event_type.empty() && lets_pass(types, event_type)));
}

std::optional<Since> parse_since(std::string_view text) noexcept
{
    constexpr std::int64_t kMicroseconds = 1000000;
    if (const auto id = parse_integer<std::int64_t>(text)) {
        return *id < 0 ? std::nullopt : std::optional(Since{id, {}});
    }
    const auto time = cloud::parse_time(text);
    if (!time) {
        return std::nullopt;
    }
    return Since{{},
                 time->wall.since_2000_us() + fraction_us(text) -
                     time->utc_offset_s.value_or(0) * kMicroseconds};
}

Read<Subscription> read_subscription(const Message &message)
{
    Subscription wanted;
    if (role_of(message) != "admin") {
        return fault("bad_role", "the only role is admin");
    }
    auto devices = read_filter(message, kDevices);
    auto types = read_filter(message, kTypes);
    if (!devices || !types) {
        return tl::make_unexpected(!devices ? devices.error() : types.error());
    }
    if (const json_t *value = member(message, "since")) {
        const auto since = since_of(value);
        if (!since) {
            return fault("bad_since", "since is neither an id of the feed nor "
                                      "an ISO 8601 time");
        }
        wanted.since_id = since->id;
        wanted.since_us = since->us;
    }
    wanted.token = token_of(message);
    wanted.devices = std::move(*devices);
    wanted.types = std::move(*types);
    return wanted;
}

Read<Order> read_order(const Message &message)
{
    const json_t *object = message.object.get();
    auto device_id = device_id_of(message);
    if (!device_id) {
        return tl::make_unexpected(std::move(device_id.error()));
    }
    if (device_id->empty()) {
        return fault("malformed", "there is no device_id");
    }
    Order order;
    order.device_id = std::move(*device_id);
    order.command = json_string(object, "command");
    if (!valid_name(order.command)) {
        return fault("malformed",
                     "command is not a text of 1 to 128 printable characters");
    }
    order.id = cloud::write_json(json_object_get(object, "id"));
    if (order.id.size() > kLongestId) {
        return fault("malformed", "id is longer than " +
                                      std::to_string(kLongestId) + " bytes");
    }
    const json_t *payload = payload_of(message);
    order.payload = Json(payload ? json_incref(const_cast<json_t *>(payload))
                                 : json_object());
    order.native = json_is_true(json_object_get(object, "native"));
    return order;
}

} // namespace wac::type
