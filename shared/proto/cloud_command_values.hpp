// A cloud command's parameters, read by its row of the table: the object that
// is sent, in the table's order and under the table's names, or the reason
// why not. What a command needs beyond that is cloud_command_plan's.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"
#include "proto/cloud_command_table.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac::cloud
{

/** Of an object or null. Refused: what is missing or wrong, and what is
 *  unknown to a command that does not pass it on. Refusals never show a
 *  value: it may be a secret. */
Result<Json> read_parameters(const CommandRule &rule, const json_t *cmd_param);

/** One value as it is sent, or null if it is none of its kind. Not for arrays
 *  of objects. */
Json value_to_send(const Parameter &parameter, const json_t *value);

/** What a value must be: "must be …". */
std::string demand_of(const Parameter &parameter);

/** 7 of "BIN_7", counted from 1; nothing if the text is no such reference. */
std::optional<std::size_t> bin_number(std::string_view text) noexcept;

/** Whether a credential of this number is digits: PIN and card. */
bool is_number_credential(std::int64_t backupnum) noexcept;

/** A PIN or card as the terminal wants it: a number if it is all digits, fits
 *  32 bits and has no leading zero, otherwise text (3.1). */
Json number_or_text(const std::string &record, bool always_string);

/** Printable ASCII of a text of anyone's, cut at 40 bytes, in quotes. */
std::string quoted(std::string_view text);

/** A new string. Null if `text` is not UTF-8. */
Json json_of(std::string_view text);

/** A change of a JSON object or array; only exhausted memory stops it. */
void set_member(json_t *object, std::string_view name, Json value);
void append_item(json_t *array, Json value);

/** Another reference to a value, null for null. */
Json shared(const json_t *value) noexcept;

} // namespace wac::cloud
