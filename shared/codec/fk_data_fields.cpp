// Packed dates and ids of binary rows, both ways (fk-http.md 7.1).
#include "codec/fk_data_fields.hpp"

#include "codec/fk.hpp"

namespace wac::fk
{

namespace
{

/** The vendor's code lets hour 24, minute 60 and second 60 pass. They are
 *  carried over to the next day, minute and hour: no other moment can be
 *  meant, and a punch at a wrong second is worth more than none. */
std::optional<WallTime> carried(const WallTime &time) noexcept
{
    if (time.valid()) {
        return time;
    }
    if (time.hour > 24 || time.minute > 60 || time.second > 60 ||
        !WallTime{time.year, time.month, time.day}.valid()) {
        return std::nullopt;
    }
    const WallTime sum = WallTime::from_since_2000_us(time.since_2000_us());
    return sum.valid() ? std::optional(sum) : std::nullopt;
}

std::optional<WallTime> time_of(int year, std::uint32_t word,
                                unsigned second) noexcept
{
    return carried({year, word >> 12 & 0xf, word >> 16 & 0x1f,
                    word >> 21 & 0x1f, word >> 26, second});
}

std::uint32_t word_of(const WallTime &time) noexcept
{
    return time.month << 12 | time.day << 16 | time.hour << 21 |
           time.minute << 26;
}

} // namespace

std::string number_id(Bytes bytes)
{
    return std::to_string(load_le32(bytes));
}

std::string text_id(Bytes field)
{
    std::string_view text = as_text(field);
    text = text.substr(0, text.find('\0'));
    return is_clean_text(text) ? std::string(text) : std::string();
}

// Word A, of HS101 to HS105. Seconds are a byte of their own.
//
//   bits    name      meaning
//   0-1     valid     1 or 2 on real terminals; says nothing
//   2-11    year      - 1900
//   12-15   month     1-12
//   16-20   day       1-31
//   21-25   hour      0-23
//   26-31   minute    0-59
std::optional<WallTime> time_of_word_a(Bytes bytes, unsigned second) noexcept
{
    const std::uint32_t word = load_le32(bytes);
    return time_of(1900 + static_cast<int>(word >> 2 & 0x3ff), word, second);
}

// Word B, of HS100, HS200 and the management log: bits 0-11 are the year,
// the others as in word A. Sources disagree whether the year is absolute or
// counts from 1900; no real one is below 1900.
std::optional<WallTime> time_of_word_b(Bytes bytes, unsigned second) noexcept
{
    const std::uint32_t word = load_le32(bytes);
    const int year = static_cast<int>(word & 0xfff);
    return time_of(year < 1900 ? year + 1900 : year, word, second);
}

std::optional<std::uint32_t> word_a_of(const WallTime &time) noexcept
{
    if (!time.valid() || time.year < 1900 || time.year > 1900 + 0x3ff) {
        return std::nullopt;
    }
    return 1U | static_cast<std::uint32_t>(time.year - 1900) << 2 |
           word_of(time);
}

std::optional<std::uint32_t> word_b_of(const WallTime &time) noexcept
{
    if (!time.valid() || time.year < 1900 || time.year > 0xfff) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(time.year) | word_of(time);
}

} // namespace wac::fk
