#include "device_cloud.hpp"

#include "base/text.hpp"
#include "codec/cloud_values.hpp"
#include "json_rows.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace wac::ctl
{

namespace
{

/** The value as JSON; null if the key does not take it. */
using Reader = Json (*)(const std::string &value);

struct Key {
    std::string_view name;
    std::string_view values;
    Reader read;
};

Json read_flag(const std::string &value)
{
    return value == "true" || value == "false"
               ? Json(json_boolean(value == "true"))
               : Json();
}

Json read_profile(const std::string &value)
{
    return cloud::profile_named(value) ? json_of(value) : Json();
}

Json read_seconds(const std::string &value)
{
    const auto seconds = parse_integer<int>(value);
    return seconds && *seconds >= 5 && *seconds <= 300
               ? Json(json_integer(*seconds))
               : Json();
}

constexpr std::array<Key, 5> kKeys{{
    {"nosenduser", "true|false", read_flag},
    {"minimal_reg", "true|false", read_flag},
    {"always_string", "true|false", read_flag},
    {"profile", "wac|ai|th|generic", read_profile},
    {"tryseconds", "5…300", read_seconds},
}};

tl::unexpected<Error> misused(const std::string &text)
{
    return failure(ErrorCode::misused, "device set: --cloud-option " + text);
}

Result<void> take(CloudOptions &options, const std::string &text)
{
    const std::size_t sign = text.find('=');
    const std::string name = text.substr(0, sign);
    const auto *const key =
        std::find_if(kKeys.begin(), kKeys.end(),
                     [&name](const Key &known) { return known.name == name; });
    if (sign == text.npos || key == kKeys.end()) {
        return misused("\"" + text + "\" is none of " + known_cloud_options());
    }
    if (json_object_get(options.set.get(), name.c_str()) ||
        std::count(options.removed.begin(), options.removed.end(), name) > 0) {
        return misused(name + " is given twice");
    }
    const std::string value = text.substr(sign + 1);
    if (value.empty()) {
        options.removed.push_back(name);
        return {};
    }
    Json read = key->read(value);
    if (!read) {
        return misused("\"" + text + "\": " + name + " takes " +
                       std::string(key->values));
    }
    set_member(options.set, name.c_str(), std::move(read));
    return {};
}

} // namespace

Result<CloudOptions> read_cloud_options(const std::vector<std::string> &texts)
{
    CloudOptions options{Json(json_object()), {}};
    for (const std::string &text : texts) {
        if (auto taken = take(options, text); !taken) {
            return tl::make_unexpected(taken.error());
        }
    }
    return options;
}

std::string known_cloud_options()
{
    std::string text;
    for (const Key &key : kKeys) {
        text += (text.empty() ? "" : ", ") + std::string(key.name) + "=" +
                std::string(key.values);
    }
    return text;
}

} // namespace wac::ctl
