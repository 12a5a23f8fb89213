#include "table.hpp"

#include "column_types.hpp"
#include "terminal_text.hpp"

#include <algorithm>
#include <cstdio>

namespace wac::ctl
{

namespace
{

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12; // a text is not cut below this

using Widths = std::vector<std::size_t>;

std::size_t line_width(const Widths &widths)
{
    std::size_t width = 0;
    for (const std::size_t column : widths) {
        width += column + kGap;
    }
    return width - std::min(width, kGap);
}

/** What the widths may become: half a time or half an id says nothing. */
Widths narrowest(const Widths &natural,
                 const std::vector<std::string> &headings)
{
    Widths narrow = natural;
    for (std::size_t i = 0; i < narrow.size(); ++i) {
        const std::string_view name = headings[i];
        const bool rigid = name == "id" || name == "sn" ||
                           name.ends_with("_id") || name.ends_with("_at") ||
                           name.ends_with("_time");
        if (!rigid) {
            narrow[i] = std::min(narrow[i], kNarrowest);
        }
    }
    return narrow;
}

/** The widths of as many columns as the screen has room for, at least one. */
Widths fitted(Widths widths, Widths narrow, std::size_t screen)
{
    while (narrow.size() > 1 && line_width(narrow) > screen) {
        narrow.pop_back();
        widths.pop_back();
    }
    while (line_width(widths) > screen) {
        std::size_t widest = widths.size();
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (widths[i] > narrow[i] &&
                (widest == widths.size() || widths[i] > widths[widest])) {
                widest = i;
            }
        }
        if (widest == widths.size()) {
            break;
        }
        --widths[widest];
    }
    return widths;
}

void print_cells(const std::vector<std::string> &cells,
                 const std::vector<std::size_t> &widths)
{
    std::string line;
    std::size_t missing = 0; // spaces up to the next column
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::string text = shortened(cells[i], widths[i]);
        line.append(missing, ' ');
        line += text;
        missing = widths[i] - display_width(text) + kGap;
    }
    std::puts(line.c_str());
}

/** "2024-01-31 08:00:00.123456+00" without the fraction. */
std::string whole_seconds(std::string_view time)
{
    const auto dot = time.find('.');
    if (dot == std::string_view::npos) {
        return std::string(time);
    }
    const auto zone = time.find_first_not_of("0123456789", dot + 1);
    return std::string(time.substr(0, dot)) +
           std::string(time.substr(std::min(zone, time.size())));
}

} // namespace

void Table::add(std::vector<std::string> cells)
{
    for (std::string &text : cells) {
        text = escaped(text);
    }
    lines_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::natural_widths() const
{
    Widths widths;
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        std::size_t width = display_width(headings_[i]);
        for (const auto &line : lines_) {
            width = std::max(width, display_width(line[i]));
        }
        widths.push_back(width);
    }
    return widths;
}

void Table::print() const
{
    Widths widths = natural_widths();
    if (const auto screen = terminal_columns()) {
        widths = fitted(widths, narrowest(widths, headings_), *screen);
    }
    print_cells(headings_, widths);
    for (const auto &line : lines_) {
        print_cells(line, widths);
    }
    if (widths.size() < headings_.size()) {
        std::string names;
        for (std::size_t i = widths.size(); i < headings_.size(); ++i) {
            names += " " + headings_[i];
        }
        std::printf("(no room for:%s)\n", names.c_str());
    }
}

std::string cell(const Rows &rows, int row, const char *column)
{
    const auto value = rows.value(row, column);
    if (!value) {
        return "-";
    }
    switch (kind_of(rows, column)) {
    case ColumnKind::boolean:
        return *value == "t" ? "yes" : "no";
    case ColumnKind::time:
    case ColumnKind::instant:
        return whole_seconds(*value);
    case ColumnKind::integer:
    case ColumnKind::real:
    case ColumnKind::json:
    case ColumnKind::bytes:
    case ColumnKind::text:
        return std::string(*value);
    }
    return std::string(*value);
}

std::string time_with_age(const Rows &rows, int row, const char *column)
{
    const std::string age = std::string(column) + "_age_s";
    if (!rows.value(row, age.c_str())) {
        return cell(rows, row, column);
    }
    return cell(rows, row, column) + " (" +
           age_text(rows.real(row, age.c_str())) + ")";
}

void print_rows(const Rows &rows, const std::vector<const char *> &columns,
                const char *none)
{
    if (rows.empty()) {
        print_line(none);
        return;
    }
    Table table({columns.begin(), columns.end()});
    for (int row = 0; row < rows.size(); ++row) {
        std::vector<std::string> cells;
        cells.reserve(columns.size());
        for (const char *column : columns) {
            cells.push_back(cell(rows, row, column));
        }
        table.add(std::move(cells));
    }
    table.print();
}

void Sheet::add(std::string name, const std::string &value)
{
    lines_.emplace_back(std::move(name), escaped(value));
}

void Sheet::print() const
{
    std::size_t width = 0;
    for (const auto &[name, value] : lines_) {
        width = std::max(width, display_width(name));
    }
    for (const auto &[name, value] : lines_) {
        const std::string gap(width - display_width(name) + kGap, ' ');
        std::printf("%s%s%s\n", name.c_str(), gap.c_str(), value.c_str());
    }
}

void print_line(const std::string &text)
{
    std::puts(escaped(text).c_str());
}

} // namespace wac::ctl
