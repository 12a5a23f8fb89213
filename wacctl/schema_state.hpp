// What a database's schema is, beside what this build needs. The table
// wac_schema_migrations says which migrations a database has been through.
#pragma once

#include "database.hpp"
#include "db/migrations.hpp"

#include <vector>

namespace wac::ctl
{

struct SchemaState {
    int version = 0; // the newest applied; 0: none
    std::vector<const db::Migration *> missing;
};

/** Reads only. An error also for a schema this build must not touch: newer
 *  than it, or made by migrations that differ from its own. */
Result<SchemaState> read_schema_state(Database &database);

} // namespace wac::ctl
