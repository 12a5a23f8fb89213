// PostgreSQL's bytea as text: "\x" and pairs of hexadecimal digits.
#pragma once

#include "base/bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wac::ctl
{

/** The bytes of such a text, as the database writes it. */
inline std::string bytes_of(std::string_view bytea)
{
    const auto nibble = [](char digit) {
        return static_cast<unsigned>(digit <= '9' ? digit - '0'
                                                  : digit - 'a' + 10);
    };
    std::string bytes;
    bytes.reserve(bytea.size() / 2);
    for (std::size_t i = 2; i + 1 < bytea.size(); i += 2) {
        bytes +=
            static_cast<char>(nibble(bytea[i]) << 4 | nibble(bytea[i + 1]));
    }
    return bytes;
}

/** Two digits a byte, without the "\x". */
inline std::string hexadecimal(Bytes bytes)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0xF];
    }
    return text;
}

/** A parameter for a bytea[]. */
inline std::string bytea_array(const std::vector<std::string> &binaries)
{
    std::string text = "{";
    for (const std::string &binary : binaries) {
        text += text.size() > 1 ? ",\"\\\\x" : "\"\\\\x";
        text += hexadecimal(as_bytes(binary));
        text += '"';
    }
    return text + "}";
}

} // namespace wac::ctl
