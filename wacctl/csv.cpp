#include "csv.hpp"

#include "column_types.hpp"
#include "terminal_text.hpp"

namespace wac::ctl
{

namespace
{

std::string quoted(const std::string &text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string field = "\"";
    for (const char c : text) {
        field += c;
        if (c == '"') {
            field += '"';
        }
    }
    return field + '"';
}

/** Spreadsheets also skip a leading tab or line end before a formula. */
std::string guarded(std::string_view text)
{
    const bool formula =
        !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) !=
                             std::string_view::npos;
    return (formula ? "'" : "") + std::string(text);
}

} // namespace

std::string csv_header(const Rows &rows)
{
    std::string line;
    for (int i = 0; i < rows.columns(); ++i) {
        line += (i ? "," : "") + quoted(rows.name(i));
    }
    return line + "\r\n";
}

std::string csv_record(const Rows &rows, int row, CsvTarget target)
{
    std::string line;
    for (int i = 0; i < rows.columns(); ++i) {
        const auto value = rows.value(row, i).value_or("");
        const bool text = kind_of(rows.type(i)) == ColumnKind::text;
        std::string field = text ? guarded(value) : std::string(value);
        if (target == CsvTarget::terminal) {
            field = escaped(field);
        }
        line += (i ? "," : "") + quoted(field);
    }
    return line + "\r\n";
}

} // namespace wac::ctl
