// What the answer to a command carries (fk-http.md 3.2, 6, 7): how the
// command ended, and records for the tables. Which command it was decides how
// its answer is read; of an unknown one everything is kept as it came.
//
//   GET_LOG_DATA          log_array            → wac_attendance_logs
//   GET_USER_ID_LIST      user_id_array        → wac_users
//   GET_USER_INFO         the user, BIN_n      → wac_users, wac_credentials,
//                                                wac_photos
//   GET_ENROLL_DATA       enroll_data          → wac_credentials
//   GET_SLOG_DATA         management log array → wac_admin_logs
//   all others            result, result_bin as they came
#pragma once

#include "base/error.hpp"
#include "codec/fk.hpp"
#include "codec/fk_data_lib.hpp"
#include "proto/operation.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wac::fk
{

/** What an answer carries for the tables; nothing of most commands. */
using ResultContent = std::variant<std::monostate, LogArray, UserIdArray,
                                   ManagementLogArray, StoreEnrolment>;

class CommandResult
{
  public:
    /** Views `body`, `command` and `sn`, which outlive it. `return_code` is
     *  the header's text. Malformed: the body contradicts itself (a count
     *  that does not fit the bytes, an array whose binary did not come); a
     *  part of it may have been lost. Rows of an unknown data library are no
     *  error: they stay in result_bin, and the result says so. */
    static Result<CommandResult> read(const CommandRecord &command,
                                      std::string_view sn,
                                      std::string_view return_code,
                                      const Body &body);

    /** Records in it: rows of its array, 1 for a user or a credential. */
    std::size_t rows() const noexcept;

    /** Those from `first`, counted from 0, `count` at most. */
    ResultRecords portion(std::size_t first, std::size_t count) const;

    /** The end of the command, whatever its records. `result` is the
     *  terminal's JSON as it came; binaries that are decoded into tables are
     *  not in result_bin: empty before one that stays, so that BIN_n is the
     *  n-th there too. */
    CommandEnd end() const;

  private:
    CommandResult(std::string_view sn, std::string_view return_code,
                  const Body &body)
        : sn_(sn), return_code_(return_code), body_(&body)
    {
    }

    Result<void> read_as(const CommandRecord &command);
    std::vector<std::string> bins_left() const;

    std::string_view sn_;
    std::string return_code_;
    const Body *body_;
    std::string_view fk_name_; // static text
    std::string_view library_;
    ResultContent content_;
    bool is_read_ = false;    // by what fk_name_ says
    std::string not_decoded_; // why it is not, "" otherwise
};

/** Of an answer whose body cannot be read: failed, with the whole body as its
 *  only binary. */
CommandEnd unreadable_result(std::string_view return_code, Bytes body,
                             std::string_view why);

/** The header's text fit to be stored: at most 64 characters, each that is
 *  not printable ASCII as a "?". */
std::string clean_return_code(std::string_view return_code);

/** OK and Success in any case, and nothing at all (3.2). */
bool says_success(std::string_view return_code) noexcept;

} // namespace wac::fk
