// RAII and typed reading of libpq results. Everything is asked for in binary
// format, so reading is a matter of byte order.
#pragma once

#include "base/bytes.hpp"

#include <libpq-fe.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wac::db
{

struct PgResultRelease {
    void operator()(PGresult *result) const noexcept { PQclear(result); }
};

using PgResult = std::unique_ptr<PGresult, PgResultRelease>;

inline std::string_view text_at(const PGresult *rows, int row,
                                int column) noexcept
{
    return {PQgetvalue(rows, row, column),
            static_cast<std::size_t>(PQgetlength(rows, row, column))};
}

/** A binary int4, most significant byte first. */
inline std::int32_t int4_at(const PGresult *rows, int row, int column) noexcept
{
    const Bytes b = as_bytes(text_at(rows, row, column));
    if (b.size() != 4) {
        return 0;
    }
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(b[0]) << 24 |
                                     static_cast<std::uint32_t>(b[1]) << 16 |
                                     static_cast<std::uint32_t>(b[2]) << 8 |
                                     b[3]);
}

inline bool bool_at(const PGresult *rows, int row, int column) noexcept
{
    const Bytes b = as_bytes(text_at(rows, row, column));
    return b.size() == 1 && b[0] != 0;
}

/** A binary int8; 0 for NULL. */
inline std::int64_t int8_at(const PGresult *rows, int row, int column) noexcept
{
    const Bytes b = as_bytes(text_at(rows, row, column));
    std::uint64_t value = 0;
    for (const unsigned char byte : b.size() == 8 ? b : Bytes{}) {
        value = value << 8 | byte;
    }
    return static_cast<std::int64_t>(value);
}

inline bool null_at(const PGresult *rows, int row, int column) noexcept
{
    return PQgetisnull(rows, row, column) != 0;
}

/** The elements of a binary array of one dimension (see PgArray for its
 *  form), views into `rows`; a null element is an empty view. Empty for NULL
 *  and for anything else. */
std::vector<Bytes> array_at(const PGresult *rows, int row, int column);

/** Why a batch did not commit. */
struct PgFailure {
    bool session_lost = false; // whether it committed is not known
    std::string sqlstate;      // empty if the session was lost
    std::string message;       // the server's primary message: no row values

    /** The first two characters of the SQLSTATE. */
    std::string_view state_class() const noexcept
    {
        return std::string_view(sqlstate).substr(0, 2);
    }
};

} // namespace wac::db
