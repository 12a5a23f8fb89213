// Fingerprint templates of THbio firmware (cloud-json.md 4.4): hexadecimal
// text in which a run of zero bytes may stand as "(n)". The text itself is
// what is stored and sent back; this is only for comparing.
#include "codec/cloud_records.hpp"

#include "base/text.hpp"

namespace wac::cloud
{

namespace
{

constexpr std::size_t kMostBytes = 4096;
constexpr std::size_t kMostDigits = 2 * kMostBytes;

bool is_hex(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

} // namespace

std::optional<std::string> expand_template(std::string_view record)
{
    std::string digits;
    while (!record.empty() && digits.size() <= kMostDigits) {
        const char c = ascii_lower(record.front());
        if (is_hex(c)) {
            digits += c;
            record.remove_prefix(1);
            continue;
        }
        const std::size_t end = record.find(')');
        if (c != '(' || end == record.npos || digits.size() % 2 != 0) {
            return std::nullopt;
        }
        const auto zeros =
            parse_integer<std::size_t>(record.substr(1, end - 1));
        if (!zeros || *zeros > kMostBytes) {
            return std::nullopt;
        }
        digits.append(2 * *zeros, '0');
        record.remove_prefix(end + 1);
    }
    if (digits.empty() || digits.size() > kMostDigits ||
        digits.size() % 2 != 0) {
        return std::nullopt;
    }
    return digits;
}

} // namespace wac::cloud
