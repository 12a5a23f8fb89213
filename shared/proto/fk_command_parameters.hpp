// A command's parameters, read by its row of the table: the object that is
// sent, in the table's order and under the table's wire names, or the reason
// why not. What a word needs beyond renaming is fk_command_plan's.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"
#include "proto/fk_command_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wac::fk
{

/** Of an object or null. Refused: what is unknown, missing or wrong. */
Result<Json> read_parameters(Parameters known, const json_t *cmd_param);

/** Each binary that `checked`, read by these parameters, names. */
std::vector<std::size_t> named_bins(Parameters known, const json_t *checked);

/** Printable ASCII of a text of anyone's, cut at 40 bytes, in quotes. */
std::string quoted(std::string_view text);

/** A change of a JSON object or array; only exhausted memory stops it. */
void set_member(json_t *object, std::string_view name, Json value);
void append_item(json_t *array, Json value);

} // namespace wac::fk
