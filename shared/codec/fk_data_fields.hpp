// What the rows of an FK data library are made of: packed dates and ids
// (fk-http.md 7.1). For fk_data_lib's own files only; whoever reads rows
// includes fk_data_lib.hpp.
#pragma once

#include "base/bytes.hpp"
#include "base/wall_time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wac::fk
{

inline std::uint16_t load_le16(Bytes bytes) noexcept
{
    return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
}

/** A number of four bytes as decimal text. */
std::string number_id(Bytes bytes);

/** Text up to its first NUL; empty if that is no clean text. */
std::string text_id(Bytes field);

/** Four bytes and a second of their own; nothing if that is no date and time
 *  of the calendar. Hour 24, minute 60 and second 60 are carried over. */
std::optional<WallTime> time_of_word_a(Bytes bytes, unsigned second) noexcept;
std::optional<WallTime> time_of_word_b(Bytes bytes, unsigned second) noexcept;

/** The inverse, with valid = 1 and an absolute year; nothing if the word
 *  cannot hold the year. */
std::optional<std::uint32_t> word_a_of(const WallTime &time) noexcept;
std::optional<std::uint32_t> word_b_of(const WallTime &time) noexcept;

} // namespace wac::fk
