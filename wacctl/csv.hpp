// CSV by RFC 4180, made harmless for spreadsheets.
#pragma once

#include "database.hpp"

namespace wac::ctl
{

enum class CsvTarget {
    file,     // values exactly as stored
    terminal, // control characters escaped
};

/** The names of the columns, with the line's end. */
std::string csv_header(const Rows &rows);

/** One row, with the line's end; NULL is an empty field. A text that a
 *  spreadsheet would run as a formula gets a ' before it; numbers and times
 *  cannot be formulas and stay as they are. */
std::string csv_record(const Rows &rows, int row, CsvTarget target);

} // namespace wac::ctl
