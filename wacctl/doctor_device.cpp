#include "doctor_device.hpp"

#include "device_view.hpp"
#include "json_rows.hpp"
#include "report.hpp"
#include "table.hpp"
#include "terminal_text.hpp"

#include <cmath>

namespace wac::ctl
{

namespace
{

/** All that the database knows about the device. */
struct History {
    Rows device;
    Rows punches;
    Rows frames;
    Rows commands;
    Rows failures;
};

constexpr const char *kPunches =
    "SELECT id, record_time, enrollid, name, method, direction, resends,"
    "    created_at FROM wac_attendance_logs WHERE sn = $1"
    " ORDER BY id DESC LIMIT 5";

constexpr const char *kFrames =
    "SELECT id, received_at, request, reason, octet_length(frame) AS bytes,"
    "    resends FROM wac_quarantine WHERE sn = $1 ORDER BY id DESC LIMIT 5";

constexpr const char *kCommands =
    "SELECT trans_id, cmd_code, trans_status, attempts, max_attempts,"
    "    created_at, expires_at FROM wac_commands"
    " WHERE sn = $1 AND trans_status IN ('queued', 'sent')"
    " ORDER BY created_at LIMIT 20";

/** Those of the last day, with their number. */
constexpr const char *kFailures =
    "SELECT trans_id, cmd_code, trans_status, return_code, failure,"
    "    trans_status_update_time, count(*) OVER () AS failures"
    "  FROM wac_commands"
    " WHERE sn = $1 AND trans_status IN ('failed', 'expired')"
    "   AND created_at > now() - interval '31 days'"
    "   AND trans_status_update_time > now() - interval '1 day'"
    " ORDER BY trans_status_update_time DESC LIMIT 5";

Result<History> read_history(Database &database, const std::string &sn)
{
    auto device = find_device(database, sn);
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    auto punches = database.query(kPunches, {sn});
    if (!punches) {
        return tl::make_unexpected(punches.error());
    }
    auto frames = database.query(kFrames, {sn});
    if (!frames) {
        return tl::make_unexpected(frames.error());
    }
    auto commands = database.query(kCommands, {sn});
    if (!commands) {
        return tl::make_unexpected(commands.error());
    }
    auto failures = database.query(kFailures, {sn});
    if (!failures) {
        return tl::make_unexpected(failures.error());
    }
    return History{std::move(*device), std::move(*punches), std::move(*frames),
                   std::move(*commands), std::move(*failures)};
}

std::string on_state(const Rows &device)
{
    const std::string sn = device.text(0, "sn");
    const std::string state = device.text(0, "state");
    if (state == "pending") {
        return "It is pending, and refused until it is approved: run \"wacctl "
               "device approve " +
               sn + "\".";
    }
    if (state == "blocked") {
        return "It is blocked: everything it sends is refused. To let it in "
               "again, run \"wacctl device approve " +
               sn + "\".";
    }
    return "";
}

/** What keeps a terminal from being heard, by its dialect. */
std::string where_to_look(const std::string &protocol)
{
    std::string text = "check the server address and port in the terminal's "
                       "menu, the network between, and nginx's access log";
    if (protocol == "fk") {
        text += "; its location needs \"wac_fk on\", and proxies in front must "
                "pass the headers request_code and dev_id "
                "(underscores_in_headers)";
    } else if (protocol == "cloud") {
        text += "; its location needs \"wac_cloud on\" if it posts (HTTP), and "
                "a proxy_pass to a wac-worker that runs if it keeps a "
                "WebSocket";
    } else {
        text += "; its location needs a proxy_pass to a wac-worker that runs, "
                "and must pass the upgrade on (proxy_http_version 1.1, Upgrade "
                "and Connection)";
    }
    return text;
}

constexpr double kLongSilence = 600; // terminals poll every few seconds

/** Whether a process holds its socket: then it may be silent for hours. */
bool connected(const Rows &device)
{
    return device.value(0, "session_worker").has_value();
}

/** What it proves itself with. */
std::string on_token(const Rows &device)
{
    if (device.text(0, "protocol") != "type" ||
        device.text(0, "state") != "approved" ||
        device.value(0, "token_hash")) {
        return "";
    }
    return "It has no token, and cannot register without one: \"wacctl device "
           "token " +
           device.text(0, "sn") + "\" makes one.";
}

std::string on_contact(const Rows &device)
{
    if (connected(device)) {
        return "";
    }
    const std::string places = where_to_look(device.text(0, "protocol"));
    if (!device.value(0, "last_seen_age_s")) {
        return "Never heard: " + places + ".";
    }
    if (device.real(0, "last_seen_age_s") > kLongSilence) {
        return "Silent, last heard " + last_heard(device, 0) +
               ": it is off or cannot reach the server; " + places + ".";
    }
    return "";
}

std::string on_refusals(const Rows &device)
{
    if (!device.value(0, "last_refusal")) {
        return "";
    }
    const bool past = device.text(0, "state") == "approved";
    return "It was refused " +
           counted(device.integer(0, "refusals"), "time", "times") +
           (past ? ", perhaps all before its approval; the last time: "
                 : "; the last time: ") +
           device.text(0, "last_refusal") + ".";
}

std::string on_frames(const History &history)
{
    if (history.frames.empty()) {
        return "";
    }
    return counted(history.device.integer(0, "quarantined"), "frame",
                   "frames") +
           " could not be understood; the newest: " +
           history.frames.text(0, "reason") + " (\"wacctl quarantine show " +
           history.frames.text(0, "id") + "\").";
}

/** Of commands that wait although the terminal is there. */
std::string why_not_taken(const Rows &device)
{
    if (connected(device)) {
        return ", although its socket is open at " +
               device.text(0, "session_worker") +
               ": see the log of that wac-worker.";
    }
    const std::string protocol = device.text(0, "protocol");
    if (protocol == "type" || protocol == "xml") {
        return ", although the terminal was heard: it keeps no connection, "
               "without which it gets no command.";
    }
    return std::string(", although the terminal calls: it may not ask for "
                       "commands (") +
           (protocol == "fk" ? "receive_cmd" : "checklive") +
           " in nginx's access log).";
}

/** Why commands wait, if it takes longer than a few polls. */
std::string on_waiting_commands(const Rows &device)
{
    constexpr double kLongWait = 600;
    const long long queued = device.integer(0, "commands_queued");
    if (queued == 0) {
        return "";
    }
    const std::string text = counted(queued, "command waits", "commands wait");
    if (device.text(0, "state") != "approved") {
        return text + ": none is delivered to a device that is " +
               device.text(0, "state") + ".";
    }
    if (!device.value(0, "last_seen_age_s")) {
        return text + "; the terminal was never heard.";
    }
    if (!connected(device) &&
        device.real(0, "last_seen_age_s") > kLongSilence) {
        return text + "; the terminal was last heard " + last_heard(device, 0) +
               ".";
    }
    if (device.real(0, "queued_since_age_s") < kLongWait) {
        return "";
    }
    const std::string since = age_text(device.real(0, "queued_since_age_s"));
    if (device.integer(0, "commands_sent") > 0) {
        return text + ", the oldest made " + since +
               ": the terminal has not answered " +
               device.text(0, "sent_trans_id") + " yet.";
    }
    return text + ", the oldest made " + since + why_not_taken(device);
}

std::string on_failures(const Rows &failures)
{
    if (failures.empty()) {
        return "";
    }
    const std::string reason =
        failures.value(0, "failure")
            ? failures.text(0, "failure")
            : "the terminal says " + cell(failures, 0, "return_code");
    return counted(failures.integer(0, "failures"), "command", "commands") +
           " failed or expired in the last day; the newest: " +
           failures.text(0, "cmd_code") + " " +
           failures.text(0, "trans_status") + ", " + reason +
           " (\"wacctl command show " + failures.text(0, "trans_id") + "\").";
}

std::vector<std::string> conclusions(const History &history)
{
    const Rows &device = history.device;
    std::vector<std::string> found;
    const auto say = [&found](std::string text) {
        if (!text.empty()) {
            found.push_back(std::move(text));
        }
    };
    say(on_state(device));
    say(on_token(device));
    say(on_contact(device));
    say(on_refusals(device));
    if (std::fabs(device.real(0, "clock_skew_s")) > 60) {
        say("Its clock is " + skew_text(device.real(0, "clock_skew_s")) +
            ": set the clock, or its time zone here (\"wacctl device set " +
            device.text(0, "sn") + " --time-zone …\").");
    }
    say(on_frames(history));
    say(on_waiting_commands(device));
    say(on_failures(history.failures));
    if (found.empty()) {
        say("Nothing is wrong with it that the database could tell; " +
            (connected(device)
                 ? "its socket is open at " + device.text(0, "session_worker")
                 : "last heard " + last_heard(device, 0)) +
            ".");
    }
    return found;
}

void print_section(const char *heading, const Rows &rows,
                   const std::vector<const char *> &columns)
{
    std::printf("\n%s\n", heading);
    print_rows(rows, columns, "none");
}

void print_history(const History &history)
{
    const Rows &device = history.device;
    Sheet sheet;
    for (const char *column : {"sn", "protocol", "state", "status", "name",
                               "model", "firmware", "time_zone"}) {
        sheet.add(column, cell(device, 0, column));
    }
    sheet.add("last_seen", time_with_age(device, 0, "last_seen"));
    sheet.add("last_addr", cell(device, 0, "last_addr"));
    add_dialect_lines(sheet, device);
    sheet.add("clock", device.value(0, "clock_skew_s")
                           ? skew_text(device.real(0, "clock_skew_s"))
                           : "-");
    sheet.add("refusals", cell(device, 0, "refusals"));
    sheet.add("last_refusal", cell(device, 0, "last_refusal"));
    sheet.add("punches", cell(device, 0, "attendance_logs"));
    sheet.print();
    print_section("last punches", history.punches,
                  {"id", "record_time", "enrollid", "name", "method",
                   "direction", "resends", "created_at"});
    print_section(
        "last frames in quarantine", history.frames,
        {"id", "received_at", "request", "reason", "bytes", "resends"});
    print_section("waiting commands", history.commands,
                  {"trans_id", "cmd_code", "trans_status", "attempts",
                   "max_attempts", "created_at", "expires_at"});
    print_section("commands that failed or expired in the last day",
                  history.failures,
                  {"trans_id", "cmd_code", "trans_status", "return_code",
                   "failure", "trans_status_update_time"});
    std::puts("");
    for (const std::string &conclusion : conclusions(history)) {
        print_line(conclusion);
    }
}

void print_history_json(const History &history)
{
    const Json answer = json_row(history.device, 0);
    Json texts(json_array());
    for (const std::string &conclusion : conclusions(history)) {
        append(texts, json_of(conclusion));
    }
    set_member(answer, "last_attendance_logs", json_rows(history.punches));
    set_member(answer, "last_quarantine", json_rows(history.frames));
    set_member(answer, "waiting_commands", json_rows(history.commands));
    set_member(answer, "failed_commands", json_rows(history.failures));
    set_member(answer, "conclusions", std::move(texts));
    print_json(answer);
}

/** Its name spelt otherwise, or records of a time when it was known. */
Result<void> print_traces(Database &database, const std::string &sn)
{
    const auto alike = database.query(
        "SELECT sn FROM wac_devices"
        " WHERE ltrim(lower(sn), '0') = ltrim(lower($1), '0') LIMIT 5",
        {sn});
    if (!alike) {
        return tl::make_unexpected(alike.error());
    }
    for (int row = 0; row < alike->size(); ++row) {
        print_hint("there is a device " + alike->text(row, "sn"));
    }
    const auto records = database.query(
        "SELECT (SELECT count(*) FROM wac_attendance_logs WHERE sn = $1)"
        " + (SELECT count(*) FROM wac_users WHERE sn = $1)"
        " + (SELECT count(*) FROM wac_quarantine WHERE sn = $1) AS records",
        {sn});
    if (!records) {
        return tl::make_unexpected(records.error());
    }
    if (const auto count = records->integer(0, "records"); count > 0) {
        print_hint(counted(count, "record", "records") +
                   " of it are kept: it was known once, and removed");
    }
    return {};
}

Result<Outcome> advise_on_unknown(Database &database, const std::string &sn)
{
    report(no_device(sn));
    if (const auto traces = print_traces(database, sn); !traces) {
        return tl::make_unexpected(traces.error());
    }
    for (const char *hint :
         {"is it spelt as the terminal shows it? \"wacctl device list\"",
          "is wac_enrolment (of a wac-worker: --enrolment) \"closed\"? Then "
          "strangers leave no trace: "
          "\"wacctl device add SN\"",
          "is the server's address and port right in the terminal's menu, and "
          "can the terminal reach it?",
          "does nginx's access log show requests of it? For fk, the request "
          "must carry the headers request_code and dev_id; every proxy in "
          "front must pass names with underscores (nginx: "
          "\"underscores_in_headers on\")",
          "does it keep a WebSocket? Then a wac-worker must run, and nginx "
          "must pass the upgrade on to it (proxy_http_version 1.1, Upgrade and "
          "Connection)",
          "do a thousand others wait for approval? Then no more are taken in: "
          "\"wacctl device list --state pending\""}) {
        print_hint(hint);
    }
    return Outcome::failed;
}

} // namespace

Result<Outcome> examine_device(Database &database, const std::string &sn,
                               bool json)
{
    const auto history = read_history(database, sn);
    if (!history) {
        if (history.error().code == ErrorCode::refused) { // unknown
            return advise_on_unknown(database, sn);
        }
        return tl::make_unexpected(history.error());
    }
    if (json) {
        print_history_json(*history);
    } else {
        print_history(*history);
    }
    return Outcome::done;
}

} // namespace wac::ctl
