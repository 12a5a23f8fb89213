#include "doctor_checks.hpp"

#include "schema_state.hpp"
#include "terminal_text.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

constexpr int kShown = 10; // devices named one by one

/** One check: asks the database and appends what it found. */
using Check = Result<void> (*)(Database &, Findings &);

void add(Findings &findings, Level level, std::string text)
{
    findings.push_back({level, std::move(text)});
}

Result<void> check_server(Database &database, Findings &findings)
{
    const auto row =
        database.query("SELECT current_database() AS database, current_user,"
                       " current_setting('server_version') AS version,"
                       " pg_is_in_recovery() AS standby,"
                       " current_setting('default_transaction_read_only')::bool"
                       "     AS read_only");
    if (!row) {
        return tl::make_unexpected(row.error());
    }
    add(findings, Level::ok,
        "connected to database " + row->text(0, "database") + " as " +
            row->text(0, "current_user"));
    const bool old = database.server_version() < 150000;
    add(findings, old ? Level::problem : Level::ok,
        "PostgreSQL " + row->text(0, "version") +
            (old ? ": too old, 15 or newer is needed" : ""));
    if (row->boolean(0, "standby")) {
        add(findings, Level::problem,
            "this server is a standby, which takes no records: name the "
            "primary, or all servers with target_session_attrs=read-write");
    } else if (row->boolean(0, "read_only")) {
        add(findings, Level::problem,
            "default_transaction_read_only is on: no record can be stored");
    } else {
        add(findings, Level::ok, "this server is the primary and takes writes");
    }
    return {};
}

Result<void> check_durability(Database &database, Findings &findings)
{
    const auto row = database.query(
        "SELECT current_setting('fsync') AS fsync,"
        " current_setting('full_page_writes') AS full_page_writes,"
        " current_setting('synchronous_commit') AS synchronous_commit,"
        " current_setting('synchronous_standby_names') <> '' AS standbys");
    if (!row) {
        return tl::make_unexpected(row.error());
    }
    for (const char *setting :
         {"fsync", "full_page_writes", "synchronous_commit"}) {
        const std::string value = row->text(0, setting);
        const std::string text = std::string(setting) + " is " + value;
        if (value == "off") {
            add(findings, Level::problem,
                text + ": punches that terminals were told are stored may be "
                       "lost in a crash; turn it on");
        } else if (value == "local" && row->boolean(0, "standbys")) {
            add(findings, Level::warning,
                text + ": punches may be lost when a standby takes over");
        } else {
            add(findings, Level::ok, text);
        }
    }
    return {};
}

Result<void> check_schema(Database &database, Findings &findings)
{
    const auto state = read_schema_state(database);
    if (!state) {
        if (state.error().code == ErrorCode::refused) { // not ours to read
            add(findings, Level::problem, state.error().text);
            return {};
        }
        return tl::make_unexpected(state.error());
    }
    const std::string needed = std::to_string(db::schema_version());
    if (state->missing.empty()) {
        add(findings, Level::ok,
            "schema is at version " + needed + ", as this build needs it");
    } else {
        add(findings, Level::problem,
            (state->version
                 ? "schema is at version " + std::to_string(state->version) +
                       ", this build needs " + needed
                 : std::string("there is no schema")) +
                ": run \"wacctl migrate\"");
    }
    return {};
}

/** What keeps this role from working with a table, or others from not. */
std::optional<Finding> fault_of_table(const Rows &tables, int row)
{
    const std::string name = tables.text(row, "name");
    const std::string owner = tables.text(row, "owner");
    if (!tables.boolean(row, "allowed")) {
        return Finding{Level::problem,
                       "no right to read and write " + name + ": connect as " +
                           owner + ", or grant select, insert and update"};
    }
    if (tables.boolean(row, "hidden")) {
        return Finding{Level::problem, "row level security hides " + name +
                                           " from this role: connect as " +
                                           owner + ", or make a policy"};
    }
    if (!tables.boolean(row, "protected")) {
        return Finding{Level::warning,
                       "row level security of " + name +
                           " is off: whoever is granted the table sees all "
                           "of it"};
    }
    return std::nullopt;
}

Result<void> check_rights(Database &database, Findings &findings)
{
    const auto tables = database.query(
        "SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner,"
        "    has_table_privilege(c.oid, 'SELECT')"
        "    AND (c.relname = 'wac_schema_migrations'"
        "        OR has_table_privilege(c.oid, 'INSERT')"
        "        AND has_table_privilege(c.oid, 'UPDATE')) AS allowed,"
        "    row_security_active(c.oid)"
        "    AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
        "        AS hidden,"
        "    c.relrowsecurity AS protected"
        "  FROM pg_class c WHERE c.relname LIKE 'wac\\_%'"
        "   AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"
        " ORDER BY c.relname");
    if (!tables) {
        return tl::make_unexpected(tables.error());
    }
    const std::size_t before = findings.size();
    for (int row = 0; row < tables->size(); ++row) {
        if (const auto fault = fault_of_table(*tables, row)) {
            findings.push_back(*fault);
        }
    }
    if (findings.size() == before && !tables->empty()) {
        add(findings, Level::ok,
            "this role can read and write all " +
                std::to_string(tables->size()) + " tables");
    }
    return {};
}

Result<void> check_devices(Database &database, Findings &findings)
{
    const auto states = database.query(
        "SELECT count(*) AS devices,"
        "  count(*) FILTER (WHERE state = 'approved') AS approved,"
        "  count(*) FILTER (WHERE state = 'pending') AS pending,"
        "  count(*) FILTER (WHERE state = 'blocked') AS blocked,"
        "  count(*) FILTER (WHERE status = 'online') AS online"
        " FROM wac_devices");
    if (!states) {
        return tl::make_unexpected(states.error());
    }
    add(findings, Level::ok,
        counted(states->integer(0, "devices"), "device: ", "devices: ") +
            states->text(0, "approved") + " approved, " +
            states->text(0, "pending") + " pending, " +
            states->text(0, "blocked") + " blocked; " +
            states->text(0, "online") + " online");
    if (const auto pending = states->integer(0, "pending"); pending > 0) {
        add(findings, Level::warning,
            counted(pending, "device waits", "devices wait") +
                " for approval: \"wacctl device list --state pending\", then "
                "\"wacctl device approve SN\"");
    }
    return {};
}

/** Adds `and_more` after the first kShown of a query that asked for one
 *  more than that. */
void say_if_more(const Rows &rows, Findings &findings, const char *and_more)
{
    if (rows.size() > kShown) {
        add(findings, Level::warning, and_more);
    }
}

Result<void> check_refusals(Database &database, Findings &findings)
{
    const auto refused = database.query(
        "SELECT sn, last_refusal, refusals,"
        "    extract(epoch FROM now() - last_seen)::float8 AS age_s"
        "  FROM wac_devices"
        " WHERE last_refusal IS NOT NULL AND state <> 'approved'"
        "   AND last_seen > now() - interval '1 day'"
        " ORDER BY last_seen DESC LIMIT $1::text::bigint",
        {std::to_string(kShown + 1)});
    if (!refused) {
        return tl::make_unexpected(refused.error());
    }
    for (int row = 0; row < std::min(refused->size(), kShown); ++row) {
        add(findings, Level::warning,
            "device " + refused->text(row, "sn") + " was refused " +
                counted(refused->integer(row, "refusals"), "time", "times") +
                ", last heard " + age_text(refused->real(row, "age_s")) + ": " +
                refused->text(row, "last_refusal"));
    }
    say_if_more(*refused, findings,
                "more devices were refused: \"wacctl device list\"");
    if (refused->empty()) {
        add(findings, Level::ok, "no device was refused in the last day");
    }
    return {};
}

Result<void> check_quarantine(Database &database, Findings &findings)
{
    const auto frames = database.query(
        "SELECT sn, count(*) AS frames, max(id) AS newest,"
        "    (array_agg(reason ORDER BY id DESC))[1] AS reason"
        "  FROM wac_quarantine WHERE received_at > now() - interval '1 day'"
        " GROUP BY sn ORDER BY max(id) DESC LIMIT $1::text::bigint",
        {std::to_string(kShown + 1)});
    if (!frames) {
        return tl::make_unexpected(frames.error());
    }
    for (int row = 0; row < std::min(frames->size(), kShown); ++row) {
        add(findings, Level::warning,
            counted(frames->integer(row, "frames"), "frame", "frames") +
                " of device " + frames->text(row, "sn") +
                " could not be understood in the last day; the newest: " +
                frames->text(row, "reason") + " (\"wacctl quarantine show " +
                frames->text(row, "newest") + "\")");
    }
    say_if_more(*frames, findings,
                "frames of more devices: \"wacctl quarantine list\"");
    if (frames->empty()) {
        add(findings, Level::ok,
            "everything received in the last day was understood");
    }
    return {};
}

Result<void> check_clocks(Database &database, Findings &findings)
{
    const auto wrong = database.query(
        "SELECT sn, clock_skew_s FROM wac_devices"
        " WHERE state = 'approved' AND abs(clock_skew_s) > 60"
        " ORDER BY abs(clock_skew_s) DESC LIMIT $1::text::bigint",
        {std::to_string(kShown + 1)});
    if (!wrong) {
        return tl::make_unexpected(wrong.error());
    }
    for (int row = 0; row < std::min(wrong->size(), kShown); ++row) {
        add(findings, Level::warning,
            "the clock of device " + wrong->text(row, "sn") + " is " +
                skew_text(wrong->real(row, "clock_skew_s")));
    }
    say_if_more(*wrong, findings, "more devices have wrong clocks");
    if (wrong->empty()) {
        add(findings, Level::ok,
            "no device's clock is wrong by more than a minute");
    }
    return {};
}

/** Whether they found no problem. */
bool run(const std::vector<Check> &checks, Database &database,
         Findings &findings)
{
    const auto before = static_cast<std::ptrdiff_t>(findings.size());
    for (const Check check : checks) {
        if (const auto done = check(database, findings); !done) {
            add(findings, Level::problem, done.error().text);
        }
    }
    return std::none_of(
        findings.begin() + before, findings.end(),
        [](const Finding &f) { return f.level == Level::problem; });
}

} // namespace

Result<Findings> examine_system(const std::string &conninfo)
{
    Findings findings;
    auto database = Database::connect(conninfo);
    if (!database) {
        if (database.error().code == ErrorCode::misused) {
            return tl::make_unexpected(database.error());
        }
        add(findings, Level::problem, database.error().text);
        return findings;
    }
    run({check_server, check_durability}, *database, findings);
    // each of these is of use only if the one before found nothing wrong
    if (run({check_rights}, *database, findings) &&
        run({check_schema}, *database, findings)) {
        run({check_devices, check_refusals, check_quarantine, check_clocks},
            *database, findings);
    }
    return findings;
}

} // namespace wac::ctl
