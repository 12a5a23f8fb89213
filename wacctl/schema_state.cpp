#include "schema_state.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

Error newer(int version)
{
    return {ErrorCode::refused, "schema: the database is at version " +
                                    std::to_string(version) +
                                    ", this build knows only " +
                                    std::to_string(db::schema_version()) +
                                    ": use a wacctl as new as the database"};
}

Error changed(const db::Migration &migration)
{
    return {ErrorCode::refused,
            "schema: migration " + std::string(migration.name) +
                " was applied with another checksum than this build has: the "
                "file was changed after it was applied"};
}

const db::Migration *known(int version)
{
    const auto &all = db::migrations();
    const auto found =
        std::find_if(all.begin(), all.end(), [version](const auto &migration) {
            return migration.version == version;
        });
    return found == all.end() ? nullptr : &*found;
}

} // namespace

Result<SchemaState> read_schema_state(Database &database)
{
    SchemaState state;
    for (const db::Migration &migration : db::migrations()) {
        state.missing.push_back(&migration);
    }
    const auto table = database.query(
        "SELECT to_regclass('wac_schema_migrations') IS NOT NULL AS there");
    if (!table) {
        return tl::make_unexpected(table.error());
    }
    if (!table->boolean(0, "there")) {
        return state;
    }
    const auto applied = database.query(
        "SELECT version, checksum FROM wac_schema_migrations ORDER BY version");
    if (!applied) {
        return tl::make_unexpected(applied.error());
    }
    for (int row = applied->size() - 1; row >= 0; --row) { // newest first
        const int version = static_cast<int>(applied->integer(row, "version"));
        const db::Migration *migration = known(version);
        if (!migration) {
            return tl::make_unexpected(newer(version));
        }
        if (applied->text(row, "checksum") != migration->checksum) {
            return tl::make_unexpected(changed(*migration));
        }
        state.version = std::max(state.version, version);
        std::erase(state.missing, migration);
    }
    return state;
}

} // namespace wac::ctl
