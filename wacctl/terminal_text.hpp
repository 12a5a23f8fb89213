// Text from devices and databases made fit for people's eyes: nothing in it
// can steer a terminal, and its width on the screen is known.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wac::ctl
{

/** Control characters, marks that turn the direction of writing and bytes
 *  that are not UTF-8 come out as \n, \x1b, \u202e and the like; all other
 *  characters stay as they are. */
std::string escaped(std::string_view text);

/** The same for finished JSON text, where \u escapes are part of the
 *  language; such characters can stand only inside its strings. */
std::string escaped_json(std::string_view json);

/** Columns that escaped text takes on a terminal. */
std::size_t display_width(std::string_view text);

/** At most `width` columns of escaped text, ending with … if it was cut. */
std::string shortened(std::string_view text, std::size_t width);

/** "12 s", "3 min", "5 h", "2 days". */
std::string duration_text(double seconds);

/** "12 s ago", "3 min ago", "5 h ago", "2 days ago", "in 40 s". */
std::string age_text(double seconds);

/** What a device's clock is, by its clock_skew_s: "right", "75 s fast",
 *  "7 h slow". */
std::string skew_text(double seconds);

/** "612 bytes", "26 kB", "9.6 MB". */
std::string size_text(long long bytes);

/** "1 punch", "2 punches". */
std::string counted(long long count, std::string_view one,
                    std::string_view many);

/** Columns of the terminal that standard output is, if it is one. */
std::optional<std::size_t> terminal_columns();

/** Whether standard output is a terminal. */
bool writes_to_terminal();

/** Makes display_width() know wide characters; once, at start. */
void prepare_terminal_text();

} // namespace wac::ctl
