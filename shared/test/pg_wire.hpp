// What a played PostgreSQL server reads and writes: values in binary format, in
// rows and parameters, and the parts of messages that hold them.
#pragma once

#include "db/pg_parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace wac::test
{

/** A value in binary format; nothing: NULL. */
using PgValue = std::optional<std::string>;
using PgRow = std::vector<PgValue>;

template <typename Integer>
PgValue binary(Integer value)
{
    std::string bytes;
    db::append_big_endian(bytes,
                          static_cast<std::make_unsigned_t<Integer>>(value));
    return bytes;
}

inline std::int64_t integer(std::string_view bytes)
{
    std::uint64_t value = 0;
    for (const char byte : bytes) {
        value = value << 8 | static_cast<unsigned char>(byte);
    }
    return static_cast<std::int64_t>(value);
}

/** One statement with its parameters. */
struct Execution {
    std::string name; // of one that is not prepared: its text
    PgRow parameters;

    std::string text(std::size_t n) const
    {
        return parameters.at(n).value_or("");
    }
    std::int64_t int8(std::size_t n) const { return integer(text(n)); }

    /** The elements of an array; NULL has none. */
    std::vector<std::string> array(std::size_t n) const
    {
        std::vector<std::string> elements;
        const std::string bytes = text(n);
        std::size_t at = db::kPgArrayHead;
        while (at < bytes.size()) {
            const auto length = static_cast<std::size_t>(
                integer(std::string_view(bytes).substr(at, 4)));
            elements.push_back(bytes.substr(at + 4, length));
            at += 4 + length;
        }
        return elements;
    }
};

// ---- parts of messages ----------------------------------------------------

inline std::string zero_ended(std::string_view text)
{
    return std::string(text) + '\0';
}

/** The description of so many columns of any type. */
inline std::string columns_of(std::size_t count)
{
    std::string columns;
    db::append_big_endian(columns, static_cast<std::uint16_t>(count));
    for (std::size_t n = 0; n < count; ++n) {
        columns += zero_ended("c") + std::string(17, '\0') + '\1'; // binary
    }
    return columns;
}

inline std::string values_of(const PgRow &row)
{
    std::string values;
    db::append_big_endian(values, static_cast<std::uint16_t>(row.size()));
    for (const PgValue &value : row) {
        db::append_big_endian(values, static_cast<std::uint32_t>(
                                          value ? value->size() : 0xffffffffU));
        values += value.value_or("");
    }
    return values;
}

// Each takes what it returns from the front.

inline std::string take_bytes(std::string_view &from, std::size_t count)
{
    std::string bytes(from.substr(0, count));
    from.remove_prefix(count);
    return bytes;
}

inline std::string take_text(std::string_view &from)
{
    std::string text = take_bytes(from, from.find('\0'));
    from.remove_prefix(1);
    return text;
}

inline std::size_t take_count(std::string_view &from)
{
    return static_cast<std::size_t>(integer(take_bytes(from, 2)));
}

inline PgRow take_parameters(std::string_view &from)
{
    PgRow parameters;
    for (auto left = take_count(from); left > 0; --left) {
        const auto length =
            static_cast<std::uint32_t>(integer(take_bytes(from, 4)));
        parameters.push_back(length == 0xffffffffU ? PgValue()
                                                   : take_bytes(from, length));
    }
    return parameters;
}

} // namespace wac::test
