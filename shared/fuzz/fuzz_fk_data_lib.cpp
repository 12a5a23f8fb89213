// libFuzzer over binary rows: the first byte is the data library, the second
// the size of a row, the rest an array. Beyond the sanitizers: an array that
// opens has all of its bytes in rows, and a valid row that is written again
// reads the same.
// Seeds: fuzz/make_corpus.sh.
#include "codec/fk.hpp"
#include "codec/fk_data_lib.hpp"

#include <array>
#include <string>

using namespace wac;

namespace
{

// make_corpus.sh knows their order
constexpr std::array<std::string_view, 11> kLibraries{
    "",
    "FKDataHS001",
    "FKDataHS100",
    "FKDataHS101",
    "FKDataHS102",
    "FKDataHS103",
    "FKDataHS104",
    "FKDataHS105",
    "FKDataHS200",
    "M50",
    "M60",
};

void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

template <typename Array>
bool opened(const Result<Array> &array, Bytes bytes)
{
    if (!array) {
        require(array.error().code == ErrorCode::malformed ||
                array.error().code == ErrorCode::refused);
        return false;
    }
    require(array->row_size() > 0);
    require(array->size() * array->row_size() == bytes.size());
    return true;
}

/** A library whose rows have this layout. */
std::string_view library_of(fk::LogLayout layout)
{
    switch (layout) {
    case fk::LogLayout::hs100:
        return "FKDataHS100";
    case fk::LogLayout::hs101:
        return "FKDataHS101";
    case fk::LogLayout::hs102:
        return "FKDataHS102";
    case fk::LogLayout::hs103:
        return "FKDataHS103";
    case fk::LogLayout::hs105:
        return "FKDataHS105";
    case fk::LogLayout::hs200:
        return "FKDataHS200";
    }
    return {};
}

std::string_view library_of(fk::UserIdLayout layout)
{
    switch (layout) {
    case fk::UserIdLayout::hs100:
        return "FKDataHS200";
    case fk::UserIdLayout::hs101:
        return "FKDataHS105";
    case fk::UserIdLayout::hs102:
        return "FKDataHS102";
    case fk::UserIdLayout::hs103:
        return "FKDataHS103";
    }
    return {};
}

/** Hour 24 of the last day that a word can hold is in a year that it cannot
 *  hold; no other valid row cannot be written. */
bool fits(const fk::LogRow &row, fk::LogLayout layout)
{
    const bool word_b =
        layout == fk::LogLayout::hs100 || layout == fk::LogLayout::hs200;
    return row.io_time->year < (word_b ? 4096 : 2924);
}

void check_log(const fk::LogRow &row, fk::LogLayout layout)
{
    require(fk::is_clean_text(row.user_id) && row.user_id.size() <= 32);
    require(row.verify_mode >= 0 && row.io_mode >= 0);
    if (!row.io_time) {
        return;
    }
    require(row.io_time->valid() && !row.user_id.empty());
    const std::string_view library = library_of(layout);
    std::string bytes;
    const auto appended = fk::append_log_row(bytes, library, row);
    require(appended.has_value() == fits(row, layout));
    if (!appended) {
        require(bytes.empty());
        return;
    }
    const auto array = fk::LogArray::open(library, 0, as_bytes(bytes));
    require(array && array->size() == 1 && array->layout() == layout);
    const fk::LogRow again = array->at(0);
    require(again.user_id == row.user_id);
    require(again.io_time == row.io_time);
    require(again.verify_mode == row.verify_mode);
    require(again.io_mode == row.io_mode);
    require(again.backup_number == row.backup_number);
    // the 16 bytes of HS104 are read, never written
    require(again.work_code == row.work_code || layout == fk::LogLayout::hs101);
}

void check_user(const fk::UserIdRow &row, fk::UserIdLayout layout)
{
    require(fk::is_clean_text(row.user_id) && row.user_id.size() <= 32);
    require(row.flags.has_value() != row.backup_number.has_value());
    static_cast<void>(fk::user_flags_of(row.flags.value_or(0)));
    std::string bytes;
    const std::string_view library = library_of(layout);
    const auto appended = fk::append_user_id_row(bytes, library, row);
    require(appended.has_value() == !row.user_id.empty());
    if (!appended) {
        return;
    }
    const auto array = fk::UserIdArray::open(library, 0, as_bytes(bytes));
    require(array && array->size() == 1 && array->layout() == layout);
    const fk::UserIdRow again = array->at(0);
    require(again.user_id == row.user_id);
    require(again.privilege == row.privilege);
    require(again.enabled == row.enabled);
    require(again.backup_number == row.backup_number);
    require(again.flags == row.flags);
}

void check_management_log(const fk::ManagementLogRow &row)
{
    require(!row.time || row.time->valid());
    require(fk::is_clean_text(row.operator_id));
    require(fk::is_clean_text(row.target_id));
    require(row.item_name.empty() || row.kind_name == "modify_user");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    if (size < 2) {
        return 0;
    }
    const std::string_view library = kLibraries[data[0] % kLibraries.size()];
    const std::size_t row_size = data[1];
    const Bytes bytes{data + 2, size - 2};

    const auto logs = fk::LogArray::open(library, row_size, bytes);
    for (std::size_t i = 0; opened(logs, bytes) && i < logs->size(); ++i) {
        check_log(logs->at(i), logs->layout());
    }
    const auto users = fk::UserIdArray::open(library, row_size, bytes);
    for (std::size_t i = 0; opened(users, bytes) && i < users->size(); ++i) {
        check_user(users->at(i), users->layout());
    }
    const auto changes = fk::ManagementLogArray::open(row_size, bytes);
    for (std::size_t i = 0; opened(changes, bytes) && i < changes->size();
         ++i) {
        check_management_log(changes->at(i));
    }
    return 0;
}
