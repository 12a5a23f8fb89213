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
#include "proto/command.hpp"
#include "proto/device.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wac
{

/** Texts that views of an operation are of. They stay where they are, and most
 *  operations have none: an empty list, unlike a deque, allocates nothing. */
using Texts = std::list<std::string>;

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
    std::string cpusn;      // kept from the first contact that says one
    bool connected = false; // a live session decides about its status
    std::string token_hash; // SHA-256: kept if it makes the device approved
};

/** A message names a terminal: who is that? Reads only. */
struct Identify {
    std::string sn;   // found in another case, too, among `protocol`'s
    std::string zone; // IANA name, for a device without its own
    Protocol protocol = Protocol::cloud;
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
    std::optional<double> temperature;      // degrees Celsius
    std::optional<std::int64_t> instant_us; // since 2000 in UTC, where the
                                            // terminal says so itself
    std::string log_id;                     // the terminal's own number of it
    std::optional<double> latitude;         // degrees
    std::optional<double> longitude;
};

/** Records that cannot be understood, beside others that can. */
struct InvalidRecords {
    std::string request; // the message's name in its dialect
    std::string reason;  // of the first
    std::string frame;   // their bytes; empty: none
};

/** Moved only: a copy's views would be of the original's texts. */
struct StoreAttendance {
    StoreAttendance() = default;
    StoreAttendance(StoreAttendance &&) = default;
    StoreAttendance &operator=(StoreAttendance &&) = default;

    std::string sn;
    Protocol protocol = Protocol::fk;
    std::string zone;
    std::vector<AttendanceRecord> records; // one at least
    bool closes_upload = false;            // it came in parts, which may go now
    InvalidRecords invalid;
    Texts texts; // what the records view, if not the body
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
    bool closes_upload = false;
};

struct StoreEvent {
    std::string sn;
    std::string_view event_type; // the message's name, a view, too
    std::string_view payload;    // JSON text
    bool closes_upload = false;
};

/** What a terminal measures. */
struct StoreTelemetry {
    std::string sn;
    std::string_view payload; // JSON text
};

/** A record that cannot be understood, kept whole. */
struct Quarantine {
    std::string sn;
    Protocol protocol = Protocol::fk;
    std::string request; // the message's name in its dialect
    std::string reason;
    Bytes frame;
    std::string task_id; // parts that came under it go before `frame`
};

// ---- commands
// ----------------------------------------------------------------

/** One person of a terminal's list: wac_users and nothing else. */
struct ListedUser {
    std::string enrollid;
    std::string privilege; // USER, MANAGER, …; "" leaves it as it is
    std::optional<std::int32_t> admin;
    std::optional<bool> enabled;
    std::string raw; // JSON
};

/** One row of wac_admin_logs. */
struct AdminRecord {
    std::string log_id; // what tells it from others of the same minute
    std::string admin_id;
    std::string user_id;
    std::string action;
    WallTime record_time;
    std::string raw;                        // JSON
    std::optional<std::int64_t> instant_us; // as of AttendanceRecord
};

/** What managers did at a terminal. */
struct StoreAdminLogs {
    std::string sn;
    std::string zone;
    std::vector<AdminRecord> records;
};

/** A portion of the records that an answer carries. Moved only: a copy's
 *  views would be of the original's texts. */
struct ResultRecords {
    ResultRecords() = default;
    ResultRecords(ResultRecords &&) = default;
    ResultRecords &operator=(ResultRecords &&) = default;

    std::size_t rows = 0;               // looked at, the invalid included
    std::vector<AttendanceRecord> logs; // their raw: views of `texts`
    std::vector<ListedUser> users;
    std::vector<AdminRecord> admin_logs;
    std::optional<StoreEnrolment> enrolment; // its sn is set; a null `raw`
                                             // leaves that of the user
    std::size_t invalid_rows = 0;
    std::string invalid; // the invalid rows' bytes, for the quarantine
    std::string invalid_reason;
    Texts texts;
};

/** How a command ends. */
struct CommandEnd {
    CommandStatus status = CommandStatus::succeeded; // or failed
    std::string return_code;                         // as the terminal says it
    std::string failure;                             // in words, if it failed
    std::string result;                              // JSON text, "" for none
    std::vector<std::string> result_bin;
};

/** Gives out the device's next command, if one waits; what was given out
 *  before and has no answer goes back to the queue or fails. For FK. */
struct ClaimCommand {
    std::string sn;
    std::string zone;
    std::int64_t asked_at_us = 0; // Outcome's; what was sent after is not lost
    bool restart_only = false;    // while the terminal waits for another answer
};

/** A terminal's WebSocket is registered: its newest session, online. */
struct OpenSession {
    std::string sn;
    std::string worker; // the process that holds it
    std::string addr;
};

/** A token was handed out to a terminal, or it has shown that it holds it. */
struct KeepToken {
    std::string sn;
    std::string token_hash; // SHA-256
    bool proved = false;    // it showed it; until then the last one counts, too
};

/** For a terminal that holds a connection or polls: its next command, if one
 * waits and none is under way. */
struct ClaimNext {
    enum class Transport {
        socket, // a live session
        poll,   // a checklive over HTTP, while there is no live session
    };
    std::string sn;
    std::string zone;
    Transport transport = Transport::socket;
    std::int64_t epoch = 0; // of the live session
    bool fresh = false;     // it has just registered: what was given out to
                            // an earlier one has lost its answer
};

/** No answer came to a command that was given out: back to the queue, or
 *  failed, as its attempts allow. */
struct ReleaseCommand {
    std::string sn;
    std::string trans_id;
    bool was_sent = true; // false: it was only claimed, and that is undone
};

/** The command that a terminal has been given and answers now. For one that
 *  polls: a live session knows it. */
struct FindCommand {
    std::string sn;
};

/** A command that was given out and cannot be put into bytes. */
struct RefuseCommand {
    std::string sn;
    std::string trans_id;
    std::string reason;
};

/** A part of a message, not the last. */
struct StoreBlock {
    std::string sn;
    std::string request_code;
    std::string task_id;
    std::uint32_t blk_no = 1;
    Bytes body;
};

/** With the last part: what came before it, and the command it answers. */
struct FindUpload {
    std::string sn;
    std::string request_code;
    std::string task_id;
    std::size_t join_bytes = 0; // longer ones are not joined
};

/** Forgets the parts that a device has sent. */
struct DropUpload {
    std::string sn;
};

/** Keeps a large answer whole, to be taken in later. */
struct ReceiveResult {
    std::string sn;
    std::string trans_id;
    std::string return_code;
    Bytes last_part;
};

/** A large answer to take in: that of `trans_id`, or the one that waits
 *  longest if it is empty. Nobody else gets it for a while. */
struct TakeResult {
    std::string trans_id;
};

/** Records of an answer, and with the last of them the command's end. */
struct StoreResult {
    std::string sn;
    std::string trans_id;
    std::string zone;
    std::optional<std::size_t> rows_before; // of the answer, stored already;
                                            // nothing: whatever they are
    ResultRecords records;
    std::optional<CommandEnd> end;
    bool closes_upload = false;
    Protocol protocol = Protocol::fk;
    std::string request = "send_cmd_result"; // of rows in the quarantine
    std::string goes_on_with; // progress of a command that goes on at the
                              // terminal's next poll: JSON text
};

/** An XML terminal's logs up to this LogID are all stored. */
struct KeepLogCursor {
    std::string sn;
    std::int64_t log_id = 0;
};

// ---- people and programs
// ----------------------------------------------------

/** Whose token is this? The outcome has a TokenHolder, or nothing. */
struct CheckToken {
    std::string token_hash; // SHA-256
};

/** Somebody with a token orders a command for a terminal that is there now. It
 *  is checked already, for the protocol and state that OrderedDevice told. */
struct OrderCommand {
    std::string sn;
    std::string token_hash; // of who orders it: must still be valid
    std::string cmd_code;   // "": asks for the OrderedDevice, orders nothing
    std::string cmd_param;  // JSON text, "" for none
    bool native = false;
    std::string requested_by;
    std::string request_id; // the orderer's own name for it: JSON text
};

using Operation =
    std::variant<Poll, Contact, StoreAttendance, StoreEnrolment, StoreEvent,
                 Quarantine, ClaimCommand, RefuseCommand, StoreBlock,
                 FindUpload, DropUpload, ReceiveResult, TakeResult, StoreResult,
                 Identify, OpenSession, ClaimNext, ReleaseCommand, FindCommand,
                 StoreTelemetry, StoreAdminLogs, KeepToken, KeepLogCursor,
                 CheckToken, OrderCommand>;

// ---- outcomes
// ----------------------------------------------------------------

enum class BlockVerdict {
    stored,   // or kept already: the terminal goes on
    refused,  // it does not follow what is kept
    too_long, // all parts together
};

/** What FindUpload found. */
struct FoundUpload {
    bool open = false;       // parts came before
    bool gap = false;        // and one that did not follow them
    std::uint64_t bytes = 0; // their length
    std::string joined;      // unless longer than asked for
    std::optional<CommandRecord> command;
    bool restart_waits = false;
};

/** The command after StoreResult or ReceiveResult. */
struct CommandState {
    CommandStatus status = CommandStatus::sent;
    bool restart_waits = false;
};

/** A large answer that is ours to take in. */
struct TakenResult {
    std::string sn;
    std::string zone; // the device's own, "" if it has none
    CommandRecord command;
    std::string return_code;
    std::string body;
    std::size_t rows_done = 0;
};

/** The session that OpenSession made. */
struct OpenedSession {
    std::int64_t epoch = 0; // larger than any before of this terminal
};

enum class Role { viewer, operator_, admin };

/** Who holds a token. */
struct TokenHolder {
    std::string name;
    Role role = Role::viewer;
};

/** What an order found, and the command it made. */
struct OrderedDevice {
    Protocol protocol = Protocol::cloud;
    bool online = false;
    bool may_order = false; // the token is valid, and not a viewer's
    std::string trans_id;   // "": nothing was ordered
};

/** The answer to a committed operation: the device's state at that time, or
 *  nothing if there is no such device. The operation had its effect only if
 *  the device was approved. */
struct Outcome {
    std::optional<DeviceState> state;
    bool command_waits = false;   // Poll, Contact, Identify, ClaimNext that
                                  // could not look; and if so
    std::int64_t asked_at_us = 0; // when they asked, since 2000 in UTC by the
                                  // database's clock

    using Detail = std::variant<ClaimedCommand, BlockVerdict, FoundUpload,
                                CommandState, TakenResult, DeviceIdentity,
                                OpenedSession, TokenHolder, OrderedDevice>;
    std::shared_ptr<const Detail> detail{}; // null: nothing of that kind

    template <typename Kind>
    const Kind *get() const noexcept
    {
        return detail ? std::get_if<Kind>(detail.get()) : nullptr;
    }
};

/** What is written behind, outside of any request: a sign of life of a
 *  device, and whether it had to be refused. */
struct Sighting {
    std::string sn;
    std::string addr;
    std::string zone;
    std::optional<WallTime> device_time;
    std::string refusal;    // why the request was refused; "" if it was not
    bool connected = false; // a live session decides about its status
    bool impostor = false;  // it was not the device: only the refusal counts
};

} // namespace wac
