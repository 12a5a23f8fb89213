// Rows of an FK terminal's data library, read where they lie (fk-http.md
// section 7): which layout an array has, and each row of it. A row that makes
// no sense is given back without a time or an id; whether it is kept, and
// where, is decided above. Dates and ids are fk_data_fields', the management
// log fk_management_log's, writing rows fk_data_lib_encode's.
#include "codec/fk_data_lib.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"
#include "codec/fk_data_fields.hpp"

#include <array>

namespace wac::fk
{

namespace
{

struct Library {
    std::string_view name;
    LogLayout log;
    UserIdLayout user_id;
};

constexpr std::string_view kHs104 = "FKDataHS104";

// clang-format off
constexpr std::array<Library, 8> kLibraries{{
    {"FKDataHS001", LogLayout::hs101, UserIdLayout::hs101}, // assumed (7.2)
    {"FKDataHS100", LogLayout::hs100, UserIdLayout::hs100},
    {"FKDataHS101", LogLayout::hs101, UserIdLayout::hs101},
    {"FKDataHS102", LogLayout::hs102, UserIdLayout::hs102},
    {"FKDataHS103", LogLayout::hs103, UserIdLayout::hs103},
    {kHs104,        LogLayout::hs101, UserIdLayout::hs101},
    {"FKDataHS105", LogLayout::hs105, UserIdLayout::hs101},
    {"FKDataHS200", LogLayout::hs200, UserIdLayout::hs100},
}};
// clang-format on

const Library *find_library(std::string_view name) noexcept
{
    for (const Library &library : kLibraries) {
        if (equals_ignoring_case(library.name, name)) {
            return &library;
        }
    }
    return nullptr;
}

/** Their rows were never seen, so no size says anything about them. */
bool has_rows_unknown(std::string_view library) noexcept
{
    return equals_ignoring_case(library, "M50") ||
           equals_ignoring_case(library, "M60");
}

std::size_t size_of(LogLayout layout) noexcept
{
    switch (layout) {
    case LogLayout::hs100:
    case LogLayout::hs101:
    case LogLayout::hs200:
        return 12;
    case LogLayout::hs105:
        return 20;
    case LogLayout::hs102:
        return 32;
    case LogLayout::hs103:
        return 48;
    }
    return 0;
}

std::size_t size_of(UserIdLayout layout) noexcept
{
    switch (layout) {
    case UserIdLayout::hs100:
    case UserIdLayout::hs101:
        return 8;
    case UserIdLayout::hs102:
        return 20;
    case UserIdLayout::hs103:
        return 36;
    }
    return 0;
}

// HS101's row with a work code behind it. A server has it for HS104, in code
// that is commented out: believed of that library, guessed of no other.
constexpr std::size_t kHs104LogSize = 16;

std::optional<LogLayout> log_layout_of(std::string_view name,
                                       std::size_t row_size) noexcept
{
    const Library *library = find_library(name);
    switch (row_size) {
    case 0:
        return library ? std::optional(library->log) : std::nullopt;
    case 12:
        return library && size_of(library->log) == 12 ? library->log
                                                      : LogLayout::hs101;
    case kHs104LogSize:
        return equals_ignoring_case(name, kHs104)
                   ? std::optional(LogLayout::hs101)
                   : std::nullopt;
    case 20:
        return LogLayout::hs105;
    case 32:
        return LogLayout::hs102;
    case 48:
        return LogLayout::hs103;
    default:
        return std::nullopt;
    }
}

std::optional<UserIdLayout> user_id_layout_of(std::string_view name,
                                              std::size_t row_size) noexcept
{
    const Library *library = find_library(name);
    switch (row_size) {
    case 0:
        return library ? std::optional(library->user_id) : std::nullopt;
    case 8:
        return library && size_of(library->user_id) == 8 ? library->user_id
                                                         : UserIdLayout::hs101;
    case 20:
        return UserIdLayout::hs102;
    case 36:
        return UserIdLayout::hs103;
    default:
        return std::nullopt;
    }
}

tl::unexpected<Error> no_layout(std::string_view what, std::string_view library,
                                std::size_t row_size)
{
    const bool printable =
        !library.empty() && library.size() <= 32 && is_clean_text(library);
    return failure(ErrorCode::refused,
                   std::string("no layout is known for ") + std::string(what) +
                       (row_size == 0
                            ? " of unstated size"
                            : " of " + std::to_string(row_size) + " bytes") +
                       (printable ? " of library " + std::string(library)
                                  : " of an unknown library"));
}

tl::unexpected<Error> not_whole(std::size_t bytes, std::size_t row_size)
{
    return failure(ErrorCode::malformed,
                   std::to_string(bytes) +
                       " bytes are not a whole number of rows of " +
                       std::to_string(row_size));
}

// HS100, 12 bytes:
//
//   offset  size  name           meaning
//   0       1     valid          1
//   1       1     verify, io     bits 0-5 verify kind, bits 6-7 in/out
//   2       1     backup number
//   3       1     second
//   4       4     user           number
//   8       4     time           word B
void read_hs100(LogRow &row, Bytes bytes)
{
    row.user_id = number_id(bytes.subspan(4));
    row.io_time = time_of_word_b(bytes.subspan(8), bytes[3]);
    row.verify_mode = bytes[1] & 0x3f;
    row.io_mode = bytes[1] >> 6;
    row.backup_number = bytes[2];
}

// HS200, 12 bytes:
//
//   offset  size  name           meaning
//   0       1     valid          1
//   1       1     second
//   2       2     verify, io     bits 0-5 verify kind, bits 6-10 in/out,
//                                bits 11-15 backup number
//   4       4     user           number
//   8       4     time           word B
void read_hs200(LogRow &row, Bytes bytes)
{
    const unsigned packed = load_le16(bytes.subspan(2));
    row.user_id = number_id(bytes.subspan(4));
    row.io_time = time_of_word_b(bytes.subspan(8), bytes[1]);
    row.verify_mode = packed & 0x3f;
    row.io_mode = packed >> 6 & 0x1f;
    row.backup_number = static_cast<std::int32_t>(packed >> 11);
}

// HS101, HS104 and HS001, 12 bytes, or 16 on some HS104:
//
//   offset  size  name           meaning
//   0       4     user           number
//   4       1     data version   1
//   5       1     io_mode
//   6       1     verify_mode
//   7       1     second
//   8       4     time           word A
//   12      1     work code      of the 16-byte variant; then 3 of padding
void read_hs101(LogRow &row, Bytes bytes)
{
    row.user_id = number_id(bytes);
    row.io_time = time_of_word_a(bytes.subspan(8), bytes[7]);
    row.verify_mode = bytes[6];
    row.io_mode = bytes[5];
    if (bytes.size() == kHs104LogSize) {
        row.work_code = bytes[12];
    }
}

// What HS102, HS103 and HS105 have behind the user, 16 bytes; HS105 packs
// door mode (24 bits) and io mode (8 bits) into its io_mode:
//
//   offset  size  name           meaning
//   0       1     data version   1
//   1       1     reserved
//   2       1     work code
//   3       1     second
//   4       4     time           word A
//   8       4     io_mode
//   12      4     verify_mode
void read_packed(LogRow &row, Bytes tail)
{
    row.work_code = tail[2];
    row.io_time = time_of_word_a(tail.subspan(4), tail[3]);
    row.io_mode = load_le32(tail.subspan(8));
    row.verify_mode = load_le32(tail.subspan(12));
}

// What HS101 to HS105 have in user rows behind the user, 4 bytes:
//
//   offset  size  name           meaning
//   0       1     privilege
//   1       1     enabled
//   2       2     flags          see user_flags_of
void read_flags(UserIdRow &row, Bytes tail) noexcept
{
    row.privilege = tail[0];
    row.enabled = tail[1] != 0;
    row.flags = load_le16(tail.subspan(2));
}

// HS100 and HS200, 8 bytes, one row for each credential:
//
//   offset  size  name           meaning
//   0       1     enabled
//   1       1     privilege
//   2       1     backup number
//   3       1     reserved
//   4       4     user           number
void read_hs100(UserIdRow &row, Bytes bytes)
{
    row.user_id = number_id(bytes.subspan(4));
    row.enabled = bytes[0] != 0;
    row.privilege = bytes[1];
    row.backup_number = bytes[2];
}

constexpr std::size_t kHs102IdSize = 16;
constexpr std::size_t kHs103IdSize = 32;

} // namespace

std::optional<std::size_t> log_row_size(std::string_view library) noexcept
{
    const Library *known = find_library(library);
    return known ? std::optional(size_of(known->log)) : std::nullopt;
}

std::optional<std::size_t> user_id_row_size(std::string_view library) noexcept
{
    const Library *known = find_library(library);
    return known ? std::optional(size_of(known->user_id)) : std::nullopt;
}

Result<LogArray> LogArray::open(std::string_view library, std::size_t row_size,
                                Bytes bytes)
{
    const auto layout = log_layout_of(library, row_size);
    if (!layout || has_rows_unknown(library)) {
        return no_layout("log rows", library, row_size);
    }
    const std::size_t size = row_size == 0 ? size_of(*layout) : row_size;
    if (bytes.size() % size != 0) {
        return not_whole(bytes.size(), size);
    }
    return LogArray(*layout, size, bytes);
}

LogRow LogArray::at(std::size_t index) const
{
    LogRow row;
    row.bytes = bytes_.subspan(index * row_size_, row_size_);
    switch (layout_) {
    case LogLayout::hs100:
        read_hs100(row, row.bytes);
        break;
    case LogLayout::hs101:
        read_hs101(row, row.bytes);
        break;
    case LogLayout::hs102:
        row.user_id = text_id(row.bytes.first(kHs102IdSize));
        read_packed(row, row.bytes.subspan(kHs102IdSize));
        break;
    case LogLayout::hs103:
        row.user_id = text_id(row.bytes.first(kHs103IdSize));
        read_packed(row, row.bytes.subspan(kHs103IdSize));
        break;
    case LogLayout::hs105:
        row.user_id = number_id(row.bytes);
        read_packed(row, row.bytes.subspan(4));
        break;
    case LogLayout::hs200:
        read_hs200(row, row.bytes);
        break;
    }
    if (row.user_id.empty()) {
        row.io_time.reset();
    }
    return row;
}

//   bits    meaning
//   0       password
//   1       card
//   2       face
//   3-6     number of fingers
//   7-12    number of veins
//   13-14   number of palms
//   15      reserved
UserFlags user_flags_of(std::uint16_t flags) noexcept
{
    UserFlags has;
    has.password = (flags & 1) != 0;
    has.card = (flags >> 1 & 1) != 0;
    has.face = (flags >> 2 & 1) != 0;
    has.fingers = flags >> 3 & 0xf;
    has.veins = flags >> 7 & 0x3f;
    has.palms = flags >> 13 & 0x3;
    return has;
}

Result<UserIdArray> UserIdArray::open(std::string_view library,
                                      std::size_t row_size, Bytes bytes)
{
    const auto layout = user_id_layout_of(library, row_size);
    if (!layout || has_rows_unknown(library)) {
        return no_layout("user rows", library, row_size);
    }
    const std::size_t size = row_size == 0 ? size_of(*layout) : row_size;
    if (bytes.size() % size != 0) {
        return not_whole(bytes.size(), size);
    }
    return UserIdArray(*layout, size, bytes);
}

UserIdRow UserIdArray::at(std::size_t index) const
{
    UserIdRow row;
    row.bytes = bytes_.subspan(index * row_size_, row_size_);
    switch (layout_) {
    case UserIdLayout::hs100:
        read_hs100(row, row.bytes);
        break;
    case UserIdLayout::hs101:
        row.user_id = number_id(row.bytes);
        read_flags(row, row.bytes.subspan(4));
        break;
    case UserIdLayout::hs102:
        row.user_id = text_id(row.bytes.first(kHs102IdSize));
        read_flags(row, row.bytes.subspan(kHs102IdSize));
        break;
    case UserIdLayout::hs103:
        row.user_id = text_id(row.bytes.first(kHs103IdSize));
        read_flags(row, row.bytes.subspan(kHs103IdSize));
        break;
    }
    return row;
}

} // namespace wac::fk
