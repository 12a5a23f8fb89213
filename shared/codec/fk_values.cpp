// The value tables of fk-http.md section 8. Where makers contradict each
// other the answer is empty, never a guess: the raw number is stored anyway.
#include "codec/fk_values.hpp"

#include "base/text.hpp"

#include <array>
#include <utility>

namespace wac::fk
{

namespace
{

constexpr std::int64_t kLargestU32 = 0xffffffff;

/** Values without add-on flags, HS100, HS101, HS104, HS200. */
std::string_view method_of_small(std::int64_t value) noexcept
{
    switch (value) {
    case 1:
        return "finger";
    case 2:
        return "password";
    case 3:
        return "card";
    case 20:
        return "face";
    case 40:
        return "palm";
    case 8: // job number
        return "other";
    case 0x89: // password and card
        return "combined";
    default:
        break;
    }
    if ((value >= 4 && value <= 9) || (value >= 21 && value <= 25)) {
        return "combined";
    }
    const bool door_event = value >= 10 && value <= 17;
    return door_event ? "other" : "";
}

/** Firmware adds to the value that the door was opened, or opened under
 *  duress: +64 and +128 on newer, +32 and +48 on older machines. */
std::string_view method_of_flagged(std::int64_t value) noexcept
{
    const std::string_view exact = method_of_small(value);
    if (!exact.empty()) {
        return exact;
    }
    if (value >= 64) {
        return method_of_small(value % 64);
    }
    if (value == 52) { // 32 + face, or 48 + finger and password
        return {};
    }
    if (value >= 33 && value <= 41) {
        return method_of_small(value - 32);
    }
    if (value >= 49 && value <= 57) {
        return method_of_small(value - 48);
    }
    return {};
}

std::string_view method_of_m50(std::int64_t value) noexcept
{
    constexpr std::array<std::string_view, 5> kMethods{"", "finger", "password",
                                                       "card", "face"};
    const auto index = static_cast<std::size_t>(value);
    return index < kMethods.size() ? kMethods[index] : std::string_view{};
}

std::string_view method_of_nibble(unsigned nibble) noexcept
{
    switch (nibble) {
    case 1:
        return "finger";
    case 2:
        return "password";
    case 3:
        return "card";
    case 4:
    case 9: // by visible light
        return "face";
    case 7:
        return "palm";
    default: // 5 finger vein, 6 iris, 8 voice
        return "other";
    }
}

/** Each nibble from the top is one step of the verification; 0 ends them. */
std::string_view method_of_nibbles(std::uint32_t value) noexcept
{
    const unsigned first = value >> 28;
    if (first == 0) {
        return {};
    }
    for (std::uint32_t rest = value << 4; rest >> 28 != 0; rest <<= 4) {
        if (rest >> 28 != first) {
            return "combined";
        }
    }
    return method_of_nibble(first);
}

} // namespace

std::string_view method_of(std::int64_t verify_mode,
                           std::string_view library) noexcept
{
    if (verify_mode <= 0 || verify_mode > kLargestU32) {
        return {};
    }
    if (verify_mode > 255) {
        return method_of_nibbles(static_cast<std::uint32_t>(verify_mode));
    }
    if (equals_ignoring_case(library, "M50") ||
        equals_ignoring_case(library, "M60")) {
        return method_of_m50(verify_mode);
    }
    return method_of_flagged(verify_mode);
}

std::string_view method_of_name(std::string_view name) noexcept
{
    using Row = std::pair<std::string_view, std::string_view>;
    static constexpr std::array<Row, 10> kNames{{
        {"FP", "finger"},
        {"FINGER", "finger"},
        {"PASSWORD", "password"},
        {"PWD", "password"},
        {"IDCARD", "card"},
        {"CARD", "card"},
        {"FACE", "face"},
        {"PALMVEIN", "palm"},
        {"PALM", "palm"},
        {"QR", "qr"},
    }};
    for (const auto &[known, method] : kNames) {
        if (equals_ignoring_case(name, known)) {
            return method;
        }
    }
    return {};
}

std::string_view direction_of(std::int64_t io_mode) noexcept
{
    if (io_mode < 0x01000000 || io_mode > kLargestU32) {
        return {};
    }
    const auto top = static_cast<unsigned>(io_mode >> 24);
    if (top >> 4 == 1) {
        return "in";
    }
    constexpr std::array<std::string_view, 7> kKeys{
        "",          "in",          "out",         "break_in",
        "break_out", "overtime_in", "overtime_out"};
    const unsigned key = top & 0xf;
    return key < kKeys.size() ? kKeys[key] : std::string_view{};
}

Privilege privilege_of(std::string_view text)
{
    constexpr std::array<std::string_view, 4> kNames{"USER", "MANAGER",
                                                     "OPERATOR", "REGISTER"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (equals_ignoring_case(text, kNames[i])) {
            return {std::string(kNames[i]), static_cast<std::int32_t>(i)};
        }
    }
    if (equals_ignoring_case(text, "REGISTOR")) {
        return {std::string(kNames[3]), 3};
    }
    const auto number = parse_integer<std::int32_t>(text);
    if (number && *number >= 0 &&
        static_cast<std::size_t>(*number) < kNames.size()) {
        return {std::string(kNames[static_cast<std::size_t>(*number)]), number};
    }
    return {std::string(text), number};
}

} // namespace wac::fk
