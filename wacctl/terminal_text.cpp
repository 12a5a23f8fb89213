#include "terminal_text.hpp"

#include <clocale>
#include <cmath>
#include <cstdio>
#include <cwchar>
#include <sys/ioctl.h>
#include <unistd.h>

namespace wac::ctl
{

namespace
{

struct Character {
    char32_t code;
    std::size_t bytes; // 0: these bytes are not UTF-8
};

/** The first character of `text`, which is not empty. */
Character first_character(std::string_view text)
{
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(text[i]);
    };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
        return {0, 0};
    }
    char32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) {
            return {0, 0};
        }
        code = code << 6 | (byte(i) & 0x3FU);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < smallest[length] || code > 0x10FFFF || surrogate) {
        return {0, 0};
    }
    return {code, length};
}

/** Characters that do something to a terminal instead of standing on it. */
bool steers(char32_t c)
{
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool line_end = c == 0x2028 || c == 0x2029;
    const bool direction = c == 0x061C || c == 0x200E || c == 0x200F ||
                           (c >= 0x202A && c <= 0x202E) ||
                           (c >= 0x2066 && c <= 0x2069);
    return control || line_end || direction || c == 0xFEFF;
}

std::string hexadecimal(const char *format, unsigned value)
{
    char text[16];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string escape_of(char32_t c)
{
    switch (c) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return hexadecimal(c < 0x80 ? "\\x%02x" : "\\u%04x", c);
    }
}

std::size_t width_of(char32_t c)
{
    const int width = wcwidth(static_cast<wchar_t>(c));
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const Character c = first_character(text);
        if (c.bytes == 0) {
            safe += hexadecimal("\\x%02x",
                                static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
            continue;
        }
        if (steers(c.code)) {
            safe += escape_of(c.code);
        } else {
            safe += text.substr(0, c.bytes);
        }
        text.remove_prefix(c.bytes);
    }
    return safe;
}

std::string escaped_json(std::string_view json)
{
    std::string safe;
    safe.reserve(json.size());
    while (!json.empty()) {
        const Character c = first_character(json);
        const std::size_t bytes = c.bytes ? c.bytes : 1;
        if (c.bytes && c.code >= 0x20 && steers(c.code)) {
            safe += hexadecimal("\\u%04x", c.code);
        } else {
            safe += json.substr(0, bytes);
        }
        json.remove_prefix(bytes);
    }
    return safe;
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    while (!text.empty()) {
        const Character c = first_character(text);
        width += c.bytes ? width_of(c.code) : 1;
        text.remove_prefix(c.bytes ? c.bytes : 1);
    }
    return width;
}

std::string shortened(std::string_view text, std::size_t width)
{
    if (display_width(text) <= width) {
        return std::string(text);
    }
    std::string kept;
    std::size_t used = 1; // the ellipsis
    while (!text.empty()) {
        const Character c = first_character(text);
        const std::size_t bytes = c.bytes ? c.bytes : 1;
        used += c.bytes ? width_of(c.code) : 1;
        if (used > width) {
            break;
        }
        kept += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    return kept + "…";
}

std::string duration_text(double seconds)
{
    std::string amount = std::to_string(std::lround(seconds)) + " s";
    if (seconds >= 48 * 3600) {
        amount = std::to_string(std::lround(seconds / 86400)) + " days";
    } else if (seconds >= 120 * 60) {
        amount = std::to_string(std::lround(seconds / 3600)) + " h";
    } else if (seconds >= 120) {
        amount = std::to_string(std::lround(seconds / 60)) + " min";
    }
    return amount;
}

std::string age_text(double seconds)
{
    const std::string amount = duration_text(std::fabs(seconds));
    return seconds < 0 ? "in " + amount : amount + " ago";
}

std::string skew_text(double seconds)
{
    if (std::fabs(seconds) < 1) {
        return "right";
    }
    return duration_text(std::fabs(seconds)) +
           (seconds > 0 ? " fast" : " slow");
}

std::string size_text(long long bytes)
{
    if (bytes < 10000) {
        return counted(bytes, "byte", "bytes");
    }
    const double amount = static_cast<double>(bytes);
    char text[32];
    if (bytes < 1000000) {
        std::snprintf(text, sizeof text, "%.0f kB", amount / 1e3);
    } else {
        std::snprintf(text, sizeof text, "%.1f MB", amount / 1e6);
    }
    return text;
}

std::string counted(long long count, std::string_view one,
                    std::string_view many)
{
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

bool writes_to_terminal()
{
    return isatty(STDOUT_FILENO) == 1;
}

std::optional<std::size_t> terminal_columns()
{
    winsize size{};
    if (!writes_to_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col == 0) {
        return std::nullopt;
    }
    return size.ws_col;
}

void prepare_terminal_text()
{
    // the tables of widths alone; whatever the user's locale, we write UTF-8
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

} // namespace wac::ctl
