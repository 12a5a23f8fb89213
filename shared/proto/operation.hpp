// What the database is asked to do for one message of a terminal. A message
// becomes one operation; an operation is carried out whole or not at all, and
// only for an approved device (except Contact, which is how devices come to
// be known).
//
// Short texts are owned. Bulk (raw JSON, photos, templates, frames) is a view
// of the request's body, which outlives the operation.
#pragma once

#include "base/bytes.hpp"
#include "base/wall_time.hpp"
#include "proto/device.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wac
{

/** A terminal asks whether something waits for it. Reads its state. */
struct Poll {
    std::string sn;
};

/** A terminal shows up, perhaps for the first time: keeps what it says of
 *  itself; makes the row that `policy` wants. */
struct Contact {
    std::string sn;
    Protocol protocol = Protocol::fk;
    Enrolment policy = Enrolment::approve;
    std::string addr; // peer address, "" if it has none
    std::string zone; // IANA name, for a device without its own
    std::optional<WallTime> device_time;
    std::string devinfo; // JSON object, "" if the message carries none
    std::string name;
    std::string firmware;
    std::string model;
};

/** One row of wac_attendance_logs. */
struct AttendanceRecord {
    std::string enrollid;
    std::string name;
    WallTime record_time;
    std::optional<std::int64_t> mode;
    std::optional<std::int64_t> inout;
    std::optional<std::int64_t> event;
    std::optional<std::int64_t> verifymode;
    std::string_view method;     // static text; empty is null
    std::string_view direction;  // likewise
    std::string_view m50_method; // replaces `method` for a device whose last
                                 // poll named library M50; empty: never
    std::string_view raw;        // JSON text as received
    Bytes photo;                 // empty: none
};

struct StoreAttendance {
    std::string sn;
    Protocol protocol = Protocol::fk;
    std::string zone;
    std::vector<AttendanceRecord> records;
};

struct StoredCredential {
    std::int32_t backupnum = 0;
    bool is_text = false; // goes to `record`, otherwise to `data`
    Bytes data;
};

/** A person at a terminal, with credentials and photo. */
struct StoreEnrolment {
    std::string sn;
    std::string enrollid;
    std::string name;
    std::string privilege;
    std::optional<std::int32_t> admin;
    std::optional<bool> enabled;
    Bytes photo;
    std::string_view raw;
    std::vector<StoredCredential> credentials;
};

struct StoreEvent {
    std::string sn;
    std::string_view event_type; // static text
    std::string_view payload;    // JSON text
};

/** A record that cannot be understood, kept whole. */
struct Quarantine {
    std::string sn;
    Protocol protocol = Protocol::fk;
    std::string request; // the message's name in its dialect
    std::string reason;
    Bytes frame;
};

using Operation = std::variant<Poll, Contact, StoreAttendance, StoreEnrolment,
                               StoreEvent, Quarantine>;

/** The answer to a committed operation: the device's state at that time, or
 *  nothing if there is no such device. The operation had its effect only if
 *  the device was approved. */
struct Outcome {
    std::optional<DeviceState> state;
};

/** What is written behind, outside of any request: a sign of life of a
 *  device, and whether it had to be refused. */
struct Sighting {
    std::string sn;
    std::string addr;
    std::string zone;
    std::optional<WallTime> device_time;
    std::string refusal; // why the request was refused; "" if it was not
};

} // namespace wac
