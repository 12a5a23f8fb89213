// The one table of FK commands (fk-http.md 6.1, 6.2) and of the common words
// that become one of them (DESIGN section 6): for each its parameters, what
// each may be, under which name it is sent, and the class of the command.
// Reading parameters by this table is fk_command_parameters'.
#pragma once

#include <jansson.h>
#include <span>
#include <string_view>

namespace wac::fk
{

/** What a parameter may be; a number is accepted wherever it can only mean
 *  the text of its digits. fk_command_values says what is sent for it. */
enum class Kind {
    user_id,       // 1 to 32 bytes of text, or a number
    user_name,     // text, may be empty
    ascii_name,    // SET_FK_NAME
    text,          // 1 to 255 bytes
    text_or_empty, // up to 255 bytes
    number_text,   // text or a number, sent as text
    setting,       // text, may be empty, or a number, sent as text
    time,          // 14 digits of a real time
    time_or_empty,
    moment,        // a time in words' form: a date and a time of day
    moment_from,   // the same, or a date: its first second
    moment_to,     // the same, or a date: its last second
    hhmm,          // "0800"; 2400 is the end of the day
    backup_number, // 0 to 255, section 8.4
    privilege,     // section 8.3
    host,
    port,
    door_status,
    door, // an FK terminal has one
    enter_enroll,
    bin,     // "BIN_n", a binary that comes with the command
    record,  // of a common word: text, "BIN_n", or the next binary
    object,  // of `members`
    objects, // array of objects of `members`
    week,    // seven number_texts, Sunday first
    refused, // another dialect's; `why` says what to do instead
};

enum class Need {
    optional,
    required,
    or_lone_bin, // absent, it is the one binary that comes along
};

struct Parameter;
using Parameters = std::span<const Parameter>;

struct Parameter {
    std::string_view name;
    Kind kind = Kind::text;
    Need need = Need::optional;
    std::string_view sent_as = {}; // empty: as `name`
    const Parameters *members = nullptr;
    std::string_view why = {};

    std::string_view wire_name() const noexcept
    {
        return sent_as.empty() ? name : sent_as;
    }
};

enum class Care {
    none,
    urgent,      // given out once, within 120 seconds
    destructive, // asked for twice
};

struct CommandRule {
    std::string_view cmd_code;
    std::string_view fk_name; // what it is on the wire; empty: nothing
    std::string_view when;    // the row holds if this parameter is there
    std::string_view form;    // of the parameters; empty: there are none
    std::string_view summary;
    Parameters parameters;
    Care care = Care::none;
    std::string_view refusal = {}; // not to be had, and why

    bool common() const noexcept { return cmd_code != fk_name; }
};

/** All rows, common words first. A word with two forms has two. */
std::span<const CommandRule> command_rules() noexcept;

/** The row of a command with these parameters (an object, or anything
 *  else), or null: names match in their own case only. */
const CommandRule *find_rule(std::string_view cmd_code,
                             const json_t *cmd_param) noexcept;

} // namespace wac::fk
