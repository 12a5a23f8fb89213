// The schema's history, embedded at build time from schema/NNN_<what>.sql.
#pragma once

#include <string_view>
#include <vector>

namespace wac::db
{

struct Migration {
    int version;
    std::string_view name;     // file name without ".sql"
    std::string_view checksum; // SHA-256 of the file, hexadecimal
    std::string_view sql;      // several statements, run in one transaction
};

/** All migrations, version 1 first, without gaps. */
const std::vector<Migration> &migrations();

/** The schema that this build reads and writes. */
inline int schema_version()
{
    return migrations().back().version;
}

} // namespace wac::db
