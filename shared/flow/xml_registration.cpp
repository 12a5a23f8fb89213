#include "flow/xml_registration.hpp"

#include "base/bytes.hpp"
#include "base/sha256.hpp"

#include <array>
#include <sys/random.h>

namespace wac::xml
{

namespace
{

constexpr std::int64_t kQuarterHourUs = 15LL * 60 * 1000000;

} // namespace

bool system_random(std::span<unsigned char> bytes) noexcept
{
    return getrandom(bytes.data(), bytes.size(), 0) ==
           static_cast<ssize_t>(bytes.size());
}

void Registration::adopt(const DeviceIdentity &as, std::int64_t now_us)
{
    identity = as;
    read_at_us = now_us;
}

WallTime Registration::wall_clock(std::int64_t now_us) const
{
    return WallTime::from_since_2000_us(identity.now.since_2000_us() + now_us -
                                        read_at_us);
}

bool Registration::is_stale(std::int64_t now_us) const noexcept
{
    return read_at_us / kQuarterHourUs != now_us / kQuarterHourUs;
}

std::string_view stray_reason(const Message &message,
                              const Registration &registration) noexcept
{
    if (registration.dialect && *registration.dialect != message.dialect) {
        return "another dialect";
    }
    const std::string *const sn = message.find("DeviceSerialNo");
    return sn && registration.known() && *sn != registration.identity.sn
               ? "another serial number"
               : "";
}

std::string make_token(Random random)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<unsigned char, 16> bytes{};
    if (!random(bytes)) {
        return {};
    }
    std::string token;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            token.push_back('-');
        }
        token.push_back(kDigits[bytes[i] >> 4]);
        token.push_back(kDigits[bytes[i] & 15]);
    }
    return token;
}

std::string make_session_id(Random random)
{
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "0123456789_-";
    static_assert(kLetters.size() == 64);
    std::array<unsigned char, 32> bytes{};
    if (!random(bytes)) {
        return {};
    }
    std::string id;
    for (const unsigned char byte : bytes) {
        id.push_back(kLetters[byte % kLetters.size()]);
    }
    return id;
}

bool same_cloud_id(std::string_view given, std::string_view wanted) noexcept
{
    const Sha256 hash = sha256(as_bytes(wanted));
    return token_matches(given, as_text(hash));
}

} // namespace wac::xml
