// The tables of cloud-json.md 4.2 and 4.3. Where firmware of one profile
// contradicts itself the answer is empty, never a guess: the raw number is
// stored anyway.
#include "codec/cloud_values.hpp"

#include "base/text.hpp"

#include <array>
#include <utility>

namespace wac::cloud
{

namespace
{

constexpr std::int64_t kQrCode = 13;
constexpr std::int64_t kUnknownPerson = 99999999;

bool begins_ignoring_case(std::string_view text, std::string_view beginning)
{
    return equals_ignoring_case(text.substr(0, beginning.size()), beginning);
}

/** Of verifymode; mode says nothing on these. */
std::string_view method_of_wac(std::int64_t verifymode) noexcept
{
    switch (verifymode) {
    case 0:
        return "finger";
    case 1:
        return "card";
    case 2:
        return "password";
    case 8:
        return "face";
    default:
        return {};
    }
}

/** 0, 2, 4, 5 and 6 are uncertain: two makers' tables for the same firmware
 *  disagree about them. */
std::string_view method_of_ai(std::int64_t mode) noexcept
{
    switch (mode) {
    case 1:
        return "finger";
    case 3:
    case 8:
    case 50:
        return "face";
    default:
        return {};
    }
}

/** 0 is uncertain. */
std::string_view method_of_th(std::int64_t mode) noexcept
{
    switch (mode) {
    case 1:
        return "finger";
    case 2:
        return "password";
    case 3:
        return "card";
    case 8:
        return "face";
    default:
        return {};
    }
}

std::string_view method_of_generic(std::int64_t mode) noexcept
{
    return mode == 50 ? "face" : method_of_th(mode);
}

} // namespace

Profile profile_of(const TerminalTraits &traits) noexcept
{
    if (begins_ignoring_case(traits.model, "wac") ||
        begins_ignoring_case(traits.sn, "wac")) {
        return Profile::wac;
    }
    if (traits.has_faces || begins_ignoring_case(traits.firmware, "ai")) {
        return Profile::ai;
    }
    return traits.has_cpusn ? Profile::th : Profile::generic;
}

std::optional<Profile> profile_named(std::string_view name) noexcept
{
    static constexpr std::array<std::pair<std::string_view, Profile>, 4> kNames{
        {
            {"wac", Profile::wac},
            {"ai", Profile::ai},
            {"th", Profile::th},
            {"generic", Profile::generic},
        }};
    for (const auto &[known, profile] : kNames) {
        if (equals_ignoring_case(name, known)) {
            return profile;
        }
    }
    return std::nullopt;
}

std::string_view method_of(Profile profile, std::optional<std::int64_t> mode,
                           std::optional<std::int64_t> verifymode) noexcept
{
    if (verifymode == kQrCode) {
        return "qr";
    }
    const auto deciding = profile == Profile::wac ? verifymode : mode;
    if (!deciding) {
        return {};
    }
    switch (profile) {
    case Profile::wac:
        return method_of_wac(*deciding);
    case Profile::ai:
        return method_of_ai(*deciding);
    case Profile::th:
        return method_of_th(*deciding);
    case Profile::generic:
        return method_of_generic(*deciding);
    }
    return {};
}

std::string_view direction_of(std::optional<std::int64_t> inout) noexcept
{
    constexpr std::array<std::string_view, 6> kDirections{
        "in", "out", "break_out", "break_in", "overtime_in", "overtime_out"};
    const auto index = static_cast<std::size_t>(inout.value_or(-1));
    return index < kDirections.size() ? kDirections[index] : std::string_view{};
}

bool is_door_event(std::string_view enrollid) noexcept
{
    return parse_integer<std::int64_t>(enrollid) == 0;
}

bool is_unknown_person(std::string_view enrollid) noexcept
{
    return parse_integer<std::int64_t>(enrollid) == kUnknownPerson;
}

std::string_view privilege_of(std::optional<std::int32_t> admin) noexcept
{
    constexpr std::array<std::string_view, 3> kPrivileges{"USER", "MANAGER",
                                                          "SUPER"};
    const auto index = static_cast<std::size_t>(admin.value_or(-1));
    return index < kPrivileges.size() ? kPrivileges[index] : std::string_view{};
}

} // namespace wac::cloud
