// The binary rows of an FK terminal's data library (fk-http.md section 7):
// punches, people and management log, in the layouts FKDataHS100 to 105 and
// 200. An array is looked at where it lies; a row is decoded when asked for,
// so that a hundred thousand of them need not be in memory at once.
//
// The layout follows the library's name and the size of a row; where these
// disagree, the size decides (section 7). A size that no known layout has is
// refused, never guessed.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/wall_time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wac::fk
{

// ---- punches (7.2) ---------------------------------------------------------

/** One row of GET_LOG_DATA's log_array. */
struct LogRow {
    std::string user_id; // decimal, or text as the terminal holds it
    std::optional<WallTime> io_time; // nothing: no date of the calendar, or
                                     // no user id; the row is then invalid
    std::int64_t verify_mode = 0;
    std::int64_t io_mode = 0;
    std::optional<std::int32_t> backup_number; // HS100, HS200
    std::optional<std::int32_t> work_code;     // HS102, HS103, HS105
    Bytes bytes;                               // the row itself
};

enum class LogLayout { hs100, hs101, hs102, hs103, hs105, hs200 };

class LogArray
{
  public:
    /** `row_size` in bytes, as the terminal states it; 0 if it does not, then
     *  the library alone decides. Malformed: the bytes are not a whole number
     *  of rows. Refused: no layout is known for this library and size. */
    static Result<LogArray> open(std::string_view library, std::size_t row_size,
                                 Bytes bytes);

    std::size_t size() const noexcept { return bytes_.size() / row_size_; }
    std::size_t row_size() const noexcept { return row_size_; }
    LogLayout layout() const noexcept { return layout_; }
    Bytes bytes() const noexcept { return bytes_; }

    /** Row `index`, counted from 0; must exist. */
    LogRow at(std::size_t index) const;

  private:
    LogArray(LogLayout layout, std::size_t row_size, Bytes bytes)
        : layout_(layout), row_size_(row_size), bytes_(bytes)
    {
    }

    LogLayout layout_;
    std::size_t row_size_;
    Bytes bytes_;
};

// ---- people (7.3) ----------------------------------------------------------

/** One row of GET_USER_ID_LIST's user_id_array. */
struct UserIdRow {
    std::string user_id;
    std::int32_t privilege = 0;
    bool enabled = false;
    std::optional<std::int32_t> backup_number; // HS100, HS200: the row is one
                                               // credential, not one person
    std::optional<std::uint16_t> flags;        // the others: see UserFlags
    Bytes bytes;
};

/** What a person's flags count. */
struct UserFlags {
    bool password = false;
    bool card = false;
    bool face = false;
    unsigned fingers = 0;
    unsigned veins = 0;
    unsigned palms = 0;
};

UserFlags user_flags_of(std::uint16_t flags) noexcept;

enum class UserIdLayout { hs100, hs101, hs102, hs103 };

class UserIdArray
{
  public:
    /** As LogArray::open. */
    static Result<UserIdArray> open(std::string_view library,
                                    std::size_t row_size, Bytes bytes);

    std::size_t size() const noexcept { return bytes_.size() / row_size_; }
    std::size_t row_size() const noexcept { return row_size_; }
    UserIdLayout layout() const noexcept { return layout_; }
    Bytes bytes() const noexcept { return bytes_; }
    UserIdRow at(std::size_t index) const;

  private:
    UserIdArray(UserIdLayout layout, std::size_t row_size, Bytes bytes)
        : layout_(layout), row_size_(row_size), bytes_(bytes)
    {
    }

    UserIdLayout layout_;
    std::size_t row_size_;
    Bytes bytes_;
};

// ---- management log (7.4) --------------------------------------------------

/** One row of GET_SLOG_DATA's array; its minutes are its finest time. */
struct ManagementLogRow {
    std::int32_t kind = 0;
    std::string_view kind_name; // "enrol_user", "modify_user", …; empty:
                                // unknown
    std::int32_t backup_number = 0;
    std::int32_t item_code = 0;
    std::string_view item_name; // what modify_user changed, else empty
    std::string operator_id;
    std::string target_id;
    std::optional<WallTime> time;
    Bytes bytes;
};

class ManagementLogArray
{
  public:
    /** Rows of 16 (numeric ids) or 40 bytes (text ids). */
    static Result<ManagementLogArray> open(std::size_t row_size, Bytes bytes);

    std::size_t size() const noexcept { return bytes_.size() / row_size_; }
    std::size_t row_size() const noexcept { return row_size_; }
    Bytes bytes() const noexcept { return bytes_; }
    ManagementLogRow at(std::size_t index) const;

  private:
    ManagementLogArray(std::size_t row_size, Bytes bytes)
        : row_size_(row_size), bytes_(bytes)
    {
    }

    std::size_t row_size_;
    Bytes bytes_;
};

// ---- the other way, for the simulator and for tests ------------------------

/** The size of a row in this library's log, user or management-log arrays;
 *  nothing for an unknown library. Names compare ignoring case. */
std::optional<std::size_t> log_row_size(std::string_view library) noexcept;
std::optional<std::size_t> user_id_row_size(std::string_view library) noexcept;

/** Appends one row in the library's layout, which must be known. `io_time`
 *  must be set. Ids that the layout cannot hold (text in a numeric field, too
 *  long) fail as malformed. */
Result<void> append_log_row(std::string &out, std::string_view library,
                            const LogRow &row);
Result<void> append_user_id_row(std::string &out, std::string_view library,
                                const UserIdRow &row);

} // namespace wac::fk
