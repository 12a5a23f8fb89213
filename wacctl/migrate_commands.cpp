// Brings a database to the schema of this build: each missing migration in a
// transaction of its own, under a lock that lets one migration run at a time.
#include "migrate_commands.hpp"

#include "json_rows.hpp"
#include "report.hpp"
#include "schema_state.hpp"
#include "table.hpp"

#include <chrono>
#include <cstdio>

namespace wac::ctl
{

namespace
{

// The key of the advisory lock: the bytes "wac_migr" as one number. Every
// program that ever changes the schema takes this lock of the database.
constexpr const char *kLockKey = "8602266024763025266";

constexpr const char *kMigrationsTable =
    "CREATE TABLE IF NOT EXISTS wac_schema_migrations ("
    "    version    integer PRIMARY KEY,"
    "    name       text NOT NULL,"
    "    checksum   text NOT NULL,"
    "    applied_at timestamptz NOT NULL DEFAULT now());"
    "ALTER TABLE wac_schema_migrations ENABLE ROW LEVEL SECURITY";

constexpr int kOldestServer = 150000; // UNIQUE NULLS NOT DISTINCT

/** Says what is under way: on standard output for people, beside it when
 *  that holds JSON. */
class Progress
{
  public:
    explicit Progress(bool json) : stream_(json ? stderr : stdout) {}

    void begin(const db::Migration &migration)
    {
        std::fprintf(stream_, "applying %s ... ",
                     std::string(migration.name).c_str());
        std::fflush(stream_);
        started_ = std::chrono::steady_clock::now();
    }
    void done()
    {
        const std::chrono::duration<double> took =
            std::chrono::steady_clock::now() - started_;
        std::fprintf(stream_, "done in %.2f s\n", took.count());
    }
    void failed() { std::fprintf(stream_, "failed\n"); }

  private:
    std::FILE *stream_;
    std::chrono::steady_clock::time_point started_;
};

/** Waits as long as another migration takes; ends with the session. */
Result<void> lock(Database &database)
{
    const auto free =
        database.query("SELECT pg_try_advisory_lock($1::text::bigint) AS mine",
                       {std::string(kLockKey)});
    if (!free) {
        return tl::make_unexpected(free.error());
    }
    if (free->boolean(0, "mine")) {
        return {};
    }
    std::fputs("wacctl: migrate: waiting for another migration to end\n",
               stderr);
    return database
        .query("SELECT pg_advisory_lock($1::text::bigint)",
               {std::string(kLockKey)})
        .map([](const Rows &) {});
}

Error in_migration(const db::Migration &migration, const Error &error)
{
    return {error.code, "migration " + std::string(migration.name) + ": " +
                            error.text + "; nothing of it was kept"};
}

Result<void> apply(Database &database, const db::Migration &migration)
{
    auto step = database.execute("BEGIN");
    if (step) {
        step = database.execute(std::string(migration.sql));
    }
    if (step) {
        step = database
                   .query("INSERT INTO wac_schema_migrations"
                          " (version, name, checksum) VALUES ($1, $2, $3)",
                          {std::to_string(migration.version),
                           std::string(migration.name),
                           std::string(migration.checksum)})
                   .map([](const Rows &) {});
    }
    if (step) {
        step = database.execute("COMMIT");
    }
    if (!step) {
        return tl::make_unexpected(in_migration(migration, step.error()));
    }
    return {};
}

Result<void> apply_all(Database &database,
                       const std::vector<const db::Migration *> &missing,
                       Progress &progress)
{
    for (const db::Migration *migration : missing) {
        progress.begin(*migration);
        if (auto applied = apply(database, *migration); !applied) {
            progress.failed();
            return applied;
        }
        progress.done();
    }
    return {};
}

Json json_migrations(const std::vector<const db::Migration *> &migrations)
{
    Json array(json_array());
    for (const db::Migration *migration : migrations) {
        Json entry(json_object());
        set_member(entry, "version", Json(json_integer(migration->version)));
        set_member(entry, "name", migration->name);
        set_member(entry, "checksum", migration->checksum);
        append(array, std::move(entry));
    }
    return array;
}

void print_state(int version, const char *list_name,
                 const std::vector<const db::Migration *> &list, bool json)
{
    if (json) {
        Json answer(json_object());
        set_member(answer, "version", Json(json_integer(version)));
        set_member(answer, list_name, json_migrations(list));
        print_json(answer);
    } else {
        print_line("schema is at version " + std::to_string(version));
    }
}

Result<Outcome> dry_run(Database &database, bool json)
{
    const auto state = read_schema_state(database);
    if (!state) {
        return tl::make_unexpected(state.error());
    }
    for (const db::Migration *migration : state->missing) {
        if (!json) {
            print_line("would apply " + std::string(migration->name));
        }
    }
    print_state(state->version, "missing", state->missing, json);
    return Outcome::done;
}

Result<Outcome> migrate(Database &database, bool json)
{
    if (database.server_version() < kOldestServer) {
        return failure(ErrorCode::refused,
                       "migrate: the server is PostgreSQL " +
                           std::to_string(database.server_version() / 10000) +
                           ", needed is 15 or newer");
    }
    if (const auto mine = lock(database); !mine) {
        return tl::make_unexpected(mine.error());
    }
    // read under the lock: another migration may have ended just now
    const auto state = read_schema_state(database);
    if (!state) {
        return tl::make_unexpected(state.error());
    }
    if (!state->missing.empty()) {
        if (const auto made = database.execute(kMigrationsTable); !made) {
            return tl::make_unexpected(made.error());
        }
    }
    Progress progress(json);
    const auto applied = apply_all(database, state->missing, progress);
    if (!applied) {
        return tl::make_unexpected(applied.error());
    }
    print_state(db::schema_version(), "applied", state->missing, json);
    return Outcome::done;
}

} // namespace

void add_migrate_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "migrate", "Bring the database to the schema of this build");
    auto dry = std::make_shared<bool>(false);
    command->add_flag("--dry-run", *dry,
                      "Only say what would be applied; changes nothing");
    command->footer(
        "Migrations go forward only, each in a transaction of its own: one "
        "that fails leaves\nthe database as it was before it. Any number of "
        "wacctl may be started at once; one works,\nthe others wait.\n\n"
        "Example: wacctl migrate --database "
        "\"host=/run/postgresql dbname=wac\"");
    on_database(*command, line, [&line, dry](Database &database) {
        return *dry ? dry_run(database, line.json)
                    : migrate(database, line.json);
    });
}

} // namespace wac::ctl
