// Answers for machines: rows as JSON objects whose keys are the names of the
// database's columns.
#pragma once

#include "codec/json.hpp"
#include "database.hpp"

namespace wac::ctl
{

/** One row as an object: numbers, booleans and jsonb as themselves, times as
 *  ISO 8601, bytea as hexadecimal digits, NULL as null. */
Json json_row(const Rows &rows, int row);

/** All rows as an array of objects. */
Json json_rows(const Rows &rows);

Json json_of(std::string_view text);

/** Takes the value over. */
void set_member(const Json &object, const char *name, Json value);
void set_member(const Json &object, const char *name, std::string_view text);
void append(const Json &array, Json value);

/** Indented, and harmless on a terminal. Numbers with a fraction are rounded
 *  to 15 digits, which is what people and JSON readers make of them. */
void print_json(const Json &value);

} // namespace wac::ctl
