// Base64 of photos: hundreds of kilobytes in one string, so four characters
// at a time where nothing interrupts them.
#include "codec/cloud_records.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wac::cloud
{

namespace
{

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// beside the 64 values
constexpr std::uint8_t kPadding = 0x40;
constexpr std::uint8_t kBlank = 0x41;
constexpr std::uint8_t kForeign = 0x42;

constexpr auto kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kForeign);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<unsigned char>(kAlphabet[i])] =
            static_cast<std::uint8_t>(i);
    }
    for (const unsigned char c : {' ', '\t', '\r', '\n'}) {
        values[c] = kBlank;
    }
    values['='] = kPadding;
    return values;
}();

std::uint8_t value_at(std::string_view text, std::size_t at) noexcept
{
    return kValues[static_cast<unsigned char>(text[at])];
}

/** The text behind "data:image/jpeg;base64,", of any media type. */
std::string_view strip_scheme(std::string_view text) noexcept
{
    constexpr std::string_view kScheme = "data:";
    constexpr std::string_view kCoding = ";base64";
    constexpr std::size_t kLongest = 128;
    if (!equals_ignoring_case(text.substr(0, kScheme.size()), kScheme)) {
        return text;
    }
    const std::size_t comma = text.substr(0, kLongest).find(',');
    const bool coded =
        comma != text.npos && comma >= kCoding.size() &&
        equals_ignoring_case(
            text.substr(comma - kCoding.size(), kCoding.size()), kCoding);
    return coded ? text.substr(comma + 1) : text;
}

class Decoder
{
  public:
    std::optional<std::string> decode(std::string_view text)
    {
        out_.resize(text.size() / 4 * 3 + 3);
        for (std::size_t at = 0; at < text.size();) {
            if (pending_ == 0 && padding_ == 0) {
                at = take_fours(text, at);
            }
            if (at < text.size() && !take(value_at(text, at++))) {
                return std::nullopt;
            }
        }
        // Padding may be missing, but what there is must be right.
        const bool complete = padding_ == 0 || pending_ + padding_ == 4;
        if (pending_ == 1 || !complete) {
            return std::nullopt;
        }
        if (pending_ > 1) {
            bits_ <<= 6 * (4 - pending_);
            put(pending_ - 1);
        }
        out_.resize(size_);
        return std::move(out_);
    }

  private:
    /** From a multiple of four characters as far as there are no others than
     *  those of the alphabet; where it stopped. */
    std::size_t take_fours(std::string_view text, std::size_t at) noexcept
    {
        for (; text.size() - at >= 4; at += 4) {
            const std::uint32_t a = value_at(text, at);
            const std::uint32_t b = value_at(text, at + 1);
            const std::uint32_t c = value_at(text, at + 2);
            const std::uint32_t d = value_at(text, at + 3);
            if ((a | b | c | d) >= kPadding) {
                break;
            }
            bits_ = a << 18 | b << 12 | c << 6 | d;
            put(3);
        }
        return at;
    }

    bool take(std::uint8_t value) noexcept
    {
        if (value == kBlank) {
            return true;
        }
        if (value == kPadding) {
            return ++padding_ <= 2 && pending_ + padding_ <= 4;
        }
        if (value == kForeign || padding_ > 0) {
            return false;
        }
        bits_ = bits_ << 6 | value;
        if (++pending_ == 4) {
            put(3);
            pending_ = 0;
        }
        return true;
    }

    /** The first bytes of 24 bits. */
    void put(unsigned count) noexcept
    {
        for (unsigned i = 0; i < count; ++i) {
            out_[size_++] = static_cast<char>(bits_ >> (16 - 8 * i) & 0xff);
        }
    }

    std::string out_;
    std::size_t size_ = 0;
    std::uint32_t bits_ = 0;
    unsigned pending_ = 0; // characters of a group of four not yet complete
    unsigned padding_ = 0;
};

} // namespace

std::optional<std::string> decode_base64(std::string_view text)
{
    return Decoder().decode(strip_scheme(trim(text)));
}

std::string encode_base64(Bytes bytes)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < count ? bytes[at + i] : 0U);
        }
        for (unsigned i = 0; i < 4; ++i) {
            out += i <= count ? kAlphabet[bits >> (18 - 6 * i) & 0x3f] : '=';
        }
    }
    return out;
}

} // namespace wac::cloud
