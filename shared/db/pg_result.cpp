#include "db/pg_result.hpp"

namespace wac::db
{

namespace
{

constexpr std::size_t kHeader = 12;   // dimensions, nulls, element type
constexpr std::size_t kDimension = 8; // elements, lower bound
constexpr std::uint32_t kNullLength = 0xffffffff;

std::uint32_t load_be32(Bytes bytes) noexcept
{
    return static_cast<std::uint32_t>(bytes[0]) << 24 |
           static_cast<std::uint32_t>(bytes[1]) << 16 |
           static_cast<std::uint32_t>(bytes[2]) << 8 |
           static_cast<std::uint32_t>(bytes[3]);
}

} // namespace

std::vector<Bytes> array_at(const PGresult *rows, int row, int column)
{
    std::vector<Bytes> elements;
    Bytes rest = as_bytes(text_at(rows, row, column));
    if (rest.size() < kHeader + kDimension || load_be32(rest) != 1) {
        return elements;
    }
    rest = rest.subspan(kHeader + kDimension);
    while (rest.size() >= 4) {
        const std::uint32_t length = load_be32(rest);
        rest = rest.subspan(4);
        if (length == kNullLength) {
            elements.emplace_back();
            continue;
        }
        if (length > rest.size()) {
            return {};
        }
        elements.push_back(rest.first(length));
        rest = rest.subspan(length);
    }
    return elements;
}

} // namespace wac::db
