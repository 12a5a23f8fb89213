// The management log of an FK terminal (fk-http.md 7.4): who changed what at
// its menu. Known from one server's source only; its layout does not depend
// on the data library.
#include "codec/fk_data_fields.hpp"
#include "codec/fk_data_lib.hpp"

#include <array>

namespace wac::fk
{

namespace
{

constexpr std::size_t kNumericSize = 16;
constexpr std::size_t kTextSize = 40;
constexpr std::size_t kTextIdSize = 16;
constexpr std::int32_t kModifyUser = 18;

std::string_view name_of_kind(std::int32_t kind) noexcept
{
    constexpr std::int32_t kFirst = 3;
    static constexpr std::array<std::string_view, 17> kNames{
        "enrol_user",    "enrol_manager",
        "delete_finger", "delete_password",
        "delete_card",   "delete_all_logs",
        "system_setup",  "time",
        "log_setup",     "communication",
        "pass_time",     "door",
        "face",          "palm",
        "photo",         "modify_user",
        "delete_user",
    };
    const auto index = static_cast<std::size_t>(kind - kFirst);
    return kind >= kFirst && index < kNames.size() ? kNames[index]
                                                   : std::string_view{};
}

std::string_view name_of_item(std::int32_t item) noexcept
{
    switch (item) {
    case 0x80:
        return "validity_id";
    case 0x81:
        return "name";
    case 0x82:
        return "password";
    case 0x83:
        return "shift";
    case 0x84:
        return "privilege";
    case 0x85:
        return "enabled";
    case 0x86:
        return "card";
    case 0x90:
        return "valid_dates";
    case 0x91:
        return "time_group";
    default:
        return {};
    }
}

/** Whether there is text, and text_id could not read it. */
bool is_garbled(Bytes field, const std::string &id) noexcept
{
    return id.empty() && field[0] != 0;
}

} // namespace

Result<ManagementLogArray> ManagementLogArray::open(std::size_t row_size,
                                                    Bytes bytes)
{
    if (row_size != kNumericSize && row_size != kTextSize) {
        return failure(ErrorCode::refused,
                       "no layout is known for management log rows of " +
                           std::to_string(row_size) + " bytes");
    }
    if (bytes.size() % row_size != 0) {
        return failure(ErrorCode::malformed,
                       std::to_string(bytes.size()) +
                           " bytes are not a whole number of rows of " +
                           std::to_string(row_size));
    }
    return ManagementLogArray(row_size, bytes);
}

// 16 bytes with numeric ids, 40 with ids of text:
//
//   offset  size      name           meaning
//   0       1         valid          1; says nothing
//   1       1         kind           3-19, see name_of_kind
//   2       1         backup number  of the credential, 8.4
//   3       1         item           second backup number; of kind 18 what
//                                    was changed, see name_of_item
//   4       4 or 16   operator       who did it
//   8, 20   4 or 16   target         to whom
//   12, 36  4         time           word B, year - 1900, no seconds
ManagementLogRow ManagementLogArray::at(std::size_t index) const
{
    ManagementLogRow row;
    row.bytes = bytes_.subspan(index * row_size_, row_size_);
    row.kind = row.bytes[1];
    row.kind_name = name_of_kind(row.kind);
    row.backup_number = row.bytes[2];
    row.item_code = row.bytes[3];
    if (row.kind == kModifyUser) {
        row.item_name = name_of_item(row.item_code);
    }
    row.time = time_of_word_b(row.bytes.last(4), 0);
    if (row_size_ == kNumericSize) {
        row.operator_id = number_id(row.bytes.subspan(4));
        row.target_id = number_id(row.bytes.subspan(8));
        return row;
    }
    const Bytes who = row.bytes.subspan(4, kTextIdSize);
    const Bytes whom = row.bytes.subspan(4 + kTextIdSize, kTextIdSize);
    row.operator_id = text_id(who);
    row.target_id = text_id(whom);
    // An absent id is fine: not every change has a target.
    if (is_garbled(who, row.operator_id) || is_garbled(whom, row.target_id)) {
        row.time.reset();
    }
    return row;
}

} // namespace wac::fk
