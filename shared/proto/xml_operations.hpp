// What each message of an XML terminal means, in both dialects
// (biometric-xml.md 2): the operation that stores it, and what is answered
// once that is committed. A log that cannot be understood is an error here;
// its session keeps it whole in the quarantine. No I/O, no clock.
#pragma once

#include "base/error.hpp"
#include "codec/xml.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac::xml
{

/** What a terminal tells. */
enum class Event {
    timelog,  // TimeLog, TimeLog_v2
    adminlog, // AdminLog, AdminLog_v2
    keepalive,
    other, // acknowledged, kept as an event
};

/** Of a message of Kind::event. */
Event event_of(const Message &message) noexcept;

// ---- logs ------------------------------------------------------------------

/** A punch, a refused attempt or an event of the door, which is enrollid "0"
 *  or of nobody. Its views are of `texts`. Also of the answer that a terminal
 *  gives to GetFirstGlog and GetNextGlog. */
Result<AttendanceRecord> attendance_of(const Message &message, Texts &texts);

Result<StoreAttendance> handle_timelog(const Message &message, std::string sn,
                                       std::string_view zone);

Result<StoreAdminLogs> handle_adminlog(const Message &message, std::string sn,
                                       std::string_view zone);

/** LogID, where the message has one and it is a number. */
std::optional<std::int64_t> log_number_of(const Message &message) noexcept;

// ---- others ----------------------------------------------------------------

/** A message that is kept as it is, without secrets, photos and templates;
 *  its type and payload are views of `texts`. */
StoreEvent handle_event(const Message &message, std::string sn, Texts &texts);

/** What a Register or Login says of the terminal. */
Contact contact_of(const Message &message, std::string sn, Enrolment policy,
                   std::string_view addr, std::string_view zone);

/** The terminal's clock as a KeepAlive says it. */
std::optional<WallTime> device_time_of(const Message &message) noexcept;

// ---- values (section 2.7) --------------------------------------------------

/** A word of wac_attendance_logs.method. Empty for what a door does and for
 *  no action at all; "other" for a refused attempt, for duress and for what
 *  is unknown: they do not say how. */
std::string_view method_of(std::string_view action);

/** A word of wac_attendance_logs.direction: in, out, or what the terminal
 *  says in lower case, its words joined by underscores; "" for none. */
std::string direction_of(std::string_view attend_stat);

/** What may be known of a person or a log and must not be read by others:
 *  PINs, cards, templates, photos, tokens, keys. */
bool is_secret(std::string_view field) noexcept;

// ---- answers ---------------------------------------------------------------

/** To Register; in dialect O `token` is the session. */
std::string register_accepted(const Message &message, std::string_view token);
std::string register_refused(const Message &message);

enum class LoginVerdict {
    accepted,
    refused,
    unknown_token, // the terminal drops its token and registers again
};
std::string login_reply(const Message &message, LoginVerdict verdict);

/** To a log or another event: whether it is stored. */
std::string event_reply(const Message &message, bool stored);

/** `server_time`: the wall clock where the terminal is. */
std::string keepalive_reply(const Message &message,
                            const WallTime &server_time);

} // namespace wac::xml
