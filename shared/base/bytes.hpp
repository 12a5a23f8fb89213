// Views of raw bytes and the little-endian integers of the FK dialect.
// Owns nothing: whoever makes a view keeps the memory alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wac
{

using Bytes = std::span<const unsigned char>;

inline Bytes as_bytes(std::string_view text) noexcept
{
    return {reinterpret_cast<const unsigned char *>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) noexcept
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/** The first four bytes, least significant first; `bytes` holds at least 4. */
inline std::uint32_t load_le32(Bytes bytes) noexcept
{
    return static_cast<std::uint32_t>(bytes[0]) |
           static_cast<std::uint32_t>(bytes[1]) << 8 |
           static_cast<std::uint32_t>(bytes[2]) << 16 |
           static_cast<std::uint32_t>(bytes[3]) << 24;
}

} // namespace wac
