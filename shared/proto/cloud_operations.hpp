// What each message of a cloud terminal means: the operation that stores it.
// One handle_cloud_<verb>.cpp each; which verbs share one is in
// cloud_verb_of(). No I/O, no clock.
#pragma once

#include "codec/cloud.hpp"
#include "codec/cloud_records.hpp"
#include "codec/cloud_values.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac::cloud
{

/** What a terminal wants with its cmd (cloud-json.md 2). */
enum class Verb {
    reg,
    sendlog,    // and sendrtlog, rtlog, pushlog
    senduser,   // and sendimage, senduserpic, senduserinfo
    sendqrcode, // and sendpin: may this person in?
    checklive,
    sendgps,  // the one that gets no answer
    declined, // otacheck, otaget, talkcall: there is nothing of that here
    other,    // acknowledged, kept as an event
};

Verb verb_of(std::string_view cmd) noexcept;

/** The settings of one terminal: wac_devices.cloud_options, an object with any
 *  of these keys; others are ignored. */
struct TerminalOptions {
    bool nosenduser = true;     // it shall not push users by itself
    bool minimal_reg = false;   // the answer to reg: ret, result, cloudtime
    bool always_string = false; // PINs and cards go out as text
    std::optional<Profile> profile;
    std::optional<std::int64_t> tryseconds; // its interval, 5 to 300

    static TerminalOptions read(std::string_view json_text);
};

/** A punch for the database; its views are of `texts`. */
AttendanceRecord attendance_of(LogRecord record, Profile profile, Texts &texts);

/** All punches of a sendlog. What cannot be understood of it is in `invalid`.
 */
StoreAttendance handle_sendlog(const Message &message, Profile profile,
                               std::string sn, std::string_view zone);

/** One credential. Fails if it names nobody. */
Result<StoreEnrolment> handle_senduser(const Message &message, std::string sn,
                                       Texts &texts);

/** A message that is kept as it is; its payload is a view of `texts`. Secrets
 *  (PINs, codes, tokens) are left out. */
StoreEvent handle_other(const Message &message, std::string sn, Texts &texts);

/** What a registration says of the terminal. */
Contact contact_of(const Message &message, std::string sn, Enrolment policy,
                   std::string_view addr, std::string_view zone);

/** The traits by which a terminal's profile is chosen, views of `identity`.
 */
Profile profile_of(const DeviceIdentity &identity,
                   const TerminalOptions &options) noexcept;

} // namespace wac::cloud
