// What verify_mode, io_mode and user_privilege mean (fk-http.md section 8).
// The tables differ by data library; where the field disagrees about a
// value, it has no meaning here and only the raw number is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wac::fk
{

/** 'finger','card','password','face','palm','combined','other', or empty if
 *  the value says nothing. Values below 256 follow the small table (that of
 *  M50 machines when `library` says so), larger ones the nibble scheme. */
std::string_view method_of(std::int64_t verify_mode,
                           std::string_view library) noexcept;

/** The same for a name of the vendor text's array: FP, PASSWORD, IDCARD…;
 *  QR gives 'qr'. */
std::string_view method_of_name(std::string_view name) noexcept;

/** 'in','out','break_in','break_out','overtime_in','overtime_out' from the
 *  key in the top byte of a packed io_mode; empty for the small integers of
 *  HS100, HS101, HS104 and HS200, whose meaning is not uniform (8.2). */
std::string_view direction_of(std::int64_t io_mode) noexcept;

struct Privilege {
    std::string text;
    std::optional<std::int32_t> number;
};

/** From a name (any case, REGISTOR too) or a number as text (8.3). */
Privilege privilege_of(std::string_view text);

} // namespace wac::fk
