// Binary rows of recorded answers, and their times as text; what the tests of
// fk_data_lib have in common.
#pragma once

#include "checks.hpp"
#include "vectors.hpp"

#include "codec/fk.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <string>

namespace wac::test
{

inline std::string shown(const std::optional<WallTime> &time)
{
    if (!time) {
        return "invalid";
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02u:%02u:%02u",
                  time->year, time->month, time->day, time->hour, time->minute,
                  time->second);
    return text.data();
}

inline std::string le32(std::uint32_t value)
{
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes.push_back(static_cast<char>(value >> shift & 0xff));
    }
    return bytes;
}

/** The first binary of a recorded answer. */
inline std::string array_of(std::string_view vector)
{
    const std::string bytes = fk_vector_body(vector);
    const auto body = fk::decode_body(as_bytes(bytes));
    return body && !body->bins.empty() ? std::string(as_text(body->bins[0]))
                                       : std::string();
}

} // namespace wac::test
