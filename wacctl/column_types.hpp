// What kind of value a column of an answer holds. The numbers are the OIDs of
// PostgreSQL's built-in types, which never change (its pg_type.dat).
#pragma once

#include "database.hpp"

namespace wac::ctl
{

enum class ColumnKind {
    text, // and every type not named below
    boolean,
    integer,
    real,
    json,
    bytes,
    time,    // timestamp: a wall clock
    instant, // timestamptz
};

inline ColumnKind kind_of(Oid type) noexcept
{
    switch (type) {
    case 16: // bool
        return ColumnKind::boolean;
    case 20: // int8
    case 21: // int2
    case 23: // int4
        return ColumnKind::integer;
    case 700: // float4
    case 701: // float8
        return ColumnKind::real;
    case 114:  // json
    case 3802: // jsonb
        return ColumnKind::json;
    case 17: // bytea
        return ColumnKind::bytes;
    case 1114: // timestamp
        return ColumnKind::time;
    case 1184: // timestamptz
        return ColumnKind::instant;
    default:
        return ColumnKind::text;
    }
}

inline ColumnKind kind_of(const Rows &rows, std::string_view column) noexcept
{
    for (int i = 0; i < rows.columns(); ++i) {
        if (column == rows.name(i)) {
            return kind_of(rows.type(i));
        }
    }
    return ColumnKind::text;
}

} // namespace wac::ctl
