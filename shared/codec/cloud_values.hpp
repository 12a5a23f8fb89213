// What the numbers in a punch of the cloud dialect mean (cloud-json.md 4.2,
// 4.3): firmware families contradict each other, so a terminal's profile
// chooses the table. Original numbers are kept beside what is derived here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wac::cloud
{

enum class Profile {
    wac,     // 1: model or sn starts with WAC
    ai,      // 2: a face size in devinfo, or firmware that starts with "ai"
    th,      // 3: says a cpusn
    generic, // 4
};

/** What is known of a terminal that decides about its profile. */
struct TerminalTraits {
    std::string_view sn;
    std::string_view model;
    std::string_view firmware;
    bool has_faces = false; // devinfo names a facesize
    bool has_cpusn = false;
};

Profile profile_of(const TerminalTraits &traits) noexcept;

/** "wac", "ai", "th", "generic": how an operator pins one. */
std::optional<Profile> profile_named(std::string_view name) noexcept;

/** A word of wac_attendance_logs.method; empty if the table has none or only
 *  an uncertain one. */
std::string_view method_of(Profile profile, std::optional<std::int64_t> mode,
                           std::optional<std::int64_t> verifymode) noexcept;

/** A word of wac_attendance_logs.direction; empty if it has none. */
std::string_view direction_of(std::optional<std::int64_t> inout) noexcept;

/** Whether the record is of a door or system, not of a person: enrollid 0. */
bool is_door_event(std::string_view enrollid) noexcept;

/** 99999999: a person the terminal does not know. */
bool is_unknown_person(std::string_view enrollid) noexcept;

/** The words of wac_users.privilege: USER, MANAGER, SUPER; "" otherwise. */
std::string_view privilege_of(std::optional<std::int32_t> admin) noexcept;

} // namespace wac::cloud
