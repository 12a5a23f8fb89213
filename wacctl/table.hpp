// Tables for people: aligned columns under the names of the database's
// columns, the important ones first. On a terminal a line fits: long texts are
// cut, and if that is not enough the last columns are left out, and named.
// Elsewhere nothing is cut, so that the output can be searched.
#pragma once

#include "database.hpp"

#include <string>
#include <vector>

namespace wac::ctl
{

class Table
{
  public:
    explicit Table(std::vector<std::string> headings)
        : headings_(std::move(headings))
    {
    }

    /** Cells as they came; they are escaped here. */
    void add(std::vector<std::string> cells);
    void print() const;

  private:
    std::vector<std::size_t> natural_widths() const;

    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> lines_;
};

/** A value as people read it: NULL as "-", booleans as yes and no, times
 *  without fractions of a second. */
std::string cell(const Rows &rows, int row, const char *column);

/** "2024-01-31 08:00:00+00 (12 s ago)", by a second column <column>_age_s. */
std::string time_with_age(const Rows &rows, int row, const char *column);

/** All rows, these columns of them; `none` instead of an empty table. */
void print_rows(const Rows &rows, const std::vector<const char *> &columns,
                const char *none);

/** "name  value" lines under each other. */
class Sheet
{
  public:
    void add(std::string name, const std::string &value);
    void print() const;

  private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

/** One line of text on standard output, escaped. */
void print_line(const std::string &text);

} // namespace wac::ctl
