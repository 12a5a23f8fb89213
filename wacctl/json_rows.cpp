#include "json_rows.hpp"

#include "base/text.hpp"
#include "column_types.hpp"
#include "terminal_text.hpp"

#include <cmath>
#include <cstdio>
#include <new>

namespace wac::ctl
{

namespace
{

/** jansson answers null when there is no memory. */
Json owned(json_t *value)
{
    if (!value) {
        throw std::bad_alloc();
    }
    return Json(value);
}

/** PostgreSQL's "2024-01-31 08:00:00.5+00" as 2024-01-31T08:00:00.5+00:00;
 *  "infinity" stays as it is. */
std::string iso_8601(std::string_view time, bool with_zone)
{
    std::string text(time);
    if (text.size() < 19 || text[10] != ' ') {
        return text;
    }
    text[10] = 'T';
    const char sign = text[text.size() - 3];
    if (with_zone && (sign == '+' || sign == '-')) {
        text += ":00";
    }
    return text;
}

Json json_number(std::string_view text)
{
    const double number = std::strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(number) ? owned(json_real(number)) : json_of(text);
}

Json json_parsed(std::string_view text)
{
    Json parsed(json_loadb(text.data(), text.size(),
                           JSON_DECODE_ANY | JSON_ALLOW_NUL, nullptr));
    return parsed ? std::move(parsed) : json_of(text);
}

Json json_value(const Rows &rows, int row, int column)
{
    const auto value = rows.value(row, column);
    if (!value) {
        return owned(json_null());
    }
    switch (const ColumnKind kind = kind_of(rows.type(column)); kind) {
    case ColumnKind::boolean:
        return owned(json_boolean(*value == "t"));
    case ColumnKind::integer:
        return owned(
            json_integer(parse_integer<json_int_t>(*value).value_or(0)));
    case ColumnKind::real:
        return json_number(*value);
    case ColumnKind::json:
        return json_parsed(*value);
    case ColumnKind::bytes:
        return json_of(value->starts_with("\\x") ? value->substr(2) : *value);
    case ColumnKind::time:
    case ColumnKind::instant:
        return json_of(iso_8601(*value, kind == ColumnKind::instant));
    case ColumnKind::text:
        return json_of(*value);
    }
    return json_of(*value);
}

} // namespace

Json json_of(std::string_view text)
{
    json_t *value = json_stringn(text.data(), text.size());
    // null also for what is not UTF-8, as a SQL_ASCII database may hold
    return value ? Json(value) : owned(::json_string(escaped(text).c_str()));
}

Json json_row(const Rows &rows, int row)
{
    Json object = owned(json_object());
    for (int i = 0; i < rows.columns(); ++i) {
        set_member(object, rows.name(i), json_value(rows, row, i));
    }
    return object;
}

Json json_rows(const Rows &rows)
{
    Json array = owned(json_array());
    for (int row = 0; row < rows.size(); ++row) {
        append(array, json_row(rows, row));
    }
    return array;
}

void set_member(const Json &object, const char *name, Json value)
{
    if (json_object_set_new(object.get(), name, value.release()) != 0) {
        throw std::bad_alloc();
    }
}

void set_member(const Json &object, const char *name, std::string_view text)
{
    set_member(object, name, json_of(text));
}

void append(const Json &array, Json value)
{
    if (json_array_append_new(array.get(), value.release()) != 0) {
        throw std::bad_alloc();
    }
}

void print_json(const Json &value)
{
    struct Release {
        void operator()(char *text) const noexcept { std::free(text); }
    };
    const std::unique_ptr<char, Release> text(
        json_dumps(value.get(),
                   JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)));
    if (!text) {
        throw std::bad_alloc();
    }
    std::puts(escaped_json(text.get()).c_str());
}

} // namespace wac::ctl
