// Which message a cloud terminal sends, and what is set for that terminal.
#include "proto/cloud_operations.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace wac::cloud
{

namespace
{

struct NamedVerb {
    std::string_view cmd;
    Verb verb;
};

// clang-format off
constexpr std::array kVerbs{
    NamedVerb{"reg",          Verb::reg},
    NamedVerb{"sendlog",      Verb::sendlog},
    NamedVerb{"sendrtlog",    Verb::sendlog},
    NamedVerb{"rtlog",        Verb::sendlog},
    NamedVerb{"pushlog",      Verb::sendlog},
    NamedVerb{"senduser",     Verb::senduser},
    NamedVerb{"sendimage",    Verb::senduser},
    NamedVerb{"senduserpic",  Verb::senduser},
    NamedVerb{"senduserinfo", Verb::senduser},
    NamedVerb{"sendqrcode",   Verb::sendqrcode},
    NamedVerb{"sendpin",      Verb::sendqrcode},
    NamedVerb{"checklive",    Verb::checklive},
    NamedVerb{"heartbeat",    Verb::checklive},
    NamedVerb{"ping",         Verb::checklive},
    NamedVerb{"sendgps",      Verb::sendgps},
    NamedVerb{"otacheck",     Verb::declined},
    NamedVerb{"otaget",       Verb::declined},
    NamedVerb{"talkcall",     Verb::declined},
};
// clang-format on

std::optional<bool> flag(const json_t *options, const char *key)
{
    return truth_of(json_object_get(options, key));
}

} // namespace

Verb verb_of(std::string_view cmd) noexcept
{
    const auto at = std::find_if(
        kVerbs.begin(), kVerbs.end(), [cmd](const NamedVerb &named) {
            return equals_ignoring_case(named.cmd, cmd);
        });
    return at == kVerbs.end() ? Verb::other : at->verb;
}

TerminalOptions TerminalOptions::read(std::string_view json_text)
{
    TerminalOptions options;
    const Json json = load_json(json_text);
    if (!json) {
        return options;
    }
    options.nosenduser = flag(json.get(), "nosenduser").value_or(true);
    options.minimal_reg = flag(json.get(), "minimal_reg").value_or(false);
    options.always_string = flag(json.get(), "always_string").value_or(false);
    options.profile = profile_named(json_string(json.get(), "profile"));
    options.tryseconds = integer_of(json_object_get(json.get(), "tryseconds"));
    if (options.tryseconds) {
        options.tryseconds =
            std::clamp<std::int64_t>(*options.tryseconds, 5, 300);
    }
    return options;
}

Profile profile_of(const DeviceIdentity &identity,
                   const TerminalOptions &options) noexcept
{
    if (options.profile) {
        return *options.profile;
    }
    TerminalTraits traits;
    traits.sn = identity.sn;
    traits.model = identity.model;
    traits.firmware = identity.firmware;
    traits.has_faces = identity.has_faces;
    traits.has_cpusn = !identity.cpusn.empty();
    return profile_of(traits);
}

} // namespace wac::cloud
