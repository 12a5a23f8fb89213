// One parameter's value: whether it may be sent for its kind, and as what.
// Values come from operators and from anyone who can write a row: texts have
// bounds and no control characters. Kinds that hold other parameters are
// fk_command_parameters'.
#pragma once

#include "codec/json.hpp"
#include "proto/fk_command_table.hpp"

#include <optional>
#include <string_view>

namespace wac::fk
{

/** The value as it is sent, or null if it is none of its kind. Not for
 *  object, objects and refused. */
Json value_to_send(Kind kind, const json_t *value);

/** What a value of the kind must be: "must be …". Refusals say only this and
 *  never the value, which may be a secret. */
std::string_view demand_of(Kind kind) noexcept;

/** 7 of "BIN_7", counted from 1; nothing if the text is no such reference. */
std::optional<std::size_t> bin_number(std::string_view text) noexcept;

/** Whether a credential of this number is text: password and card. */
bool is_text_credential(std::int64_t backup_number) noexcept;

std::string_view text_of(const json_t *value) noexcept;

/** A new string. Null if `text` is not UTF-8. */
Json json_of(std::string_view text);

} // namespace wac::fk
