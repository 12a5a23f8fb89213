// The table of cloud commands (cloud-json.md 3.1 to 3.4) and of the common
// words that become one of them (DESIGN section 6): for each its parameters,
// what each may be, under which name it is sent, and the class of the
// command. Reading parameters by it is cloud_command_values'.
#pragma once

#include <cstdint>
#include <jansson.h>
#include <span>
#include <string_view>

namespace wac::cloud
{

/** What a parameter may be. A number may be written as text wherever it can
 *  only be that number. */
enum class Value {
    enrollid,  // 1 or more, sent as a number
    integer,   // least to most
    toggle,    // 0, 1, false, true; sent as 0 or 1
    truth,     // the same; sent as false or true
    text,      // least to most bytes without control characters
    record,    // of a credential: text, a number, "BIN_n", or the next binary
    privilege, // USER, MANAGER, SUPER, or 0 to 2; sent as a number
    moment,    // a date and a time of day
    from,      // the same, or a date: its first second
    to,        // the same, or a date: its last second
    lock_mode, // normal, open, closed; sent as 0 to 2
    objects,   // an array of at most `most` objects
    people,    // the same, and each of them has an enrollid
    any,
};

enum class Need { optional, required };

struct Parameter;
using Parameters = std::span<const Parameter>;

struct Parameter {
    std::string_view name;
    Value kind = Value::any;
    Need need = Need::optional;
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::string_view sent_as = {};       // empty: as `name`
    const Parameters *members = nullptr; // of objects; null: any

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

/** Whether a command takes parameters that its row does not name. */
enum class Others {
    refused,
    sent, // behind the others, as they are: firmware families differ
};

struct CommandRule {
    std::string_view cmd_code;
    std::string_view wire; // the terminal's name for it; empty: none
    std::string_view when; // the row holds if this parameter is there
    std::string_view form; // of the parameters; empty: there are none
    std::string_view summary;
    Parameters parameters;
    Others others = Others::refused;
    Care care = Care::none;
    std::string_view refusal = {}; // not to be had, and why
};

// clang-format off
/** What setdevinfo and set_info know; firmware has more. */
inline constexpr Parameter kDeviceSettings[] = {
    {"deviceid",     Value::integer, Need::optional, 0, INT32_MAX},
    {"language",     Value::integer, Need::optional, 0, 255},
    {"volume",       Value::integer, Need::optional, 0, 10},
    {"screensaver",  Value::integer, Need::optional, 0, 255},
    {"verifymode",   Value::integer, Need::optional, 0, 255},
    {"sleep",        Value::toggle},
    {"userfpnum",    Value::integer, Need::optional, 1, 10},
    {"loghint",      Value::integer, Need::optional, 0, INT32_MAX},
    {"reverifytime", Value::integer, Need::optional, 0, 255},
};
// clang-format on

/** The common words. One with two forms has two rows. */
std::span<const CommandRule> common_words() noexcept;

/** The terminals' own commands. */
std::span<const CommandRule> terminal_commands() noexcept;

/** The row of a command with these parameters (an object, or anything
 *  else), or null: names match in their own case only. */
const CommandRule *find_rule(std::string_view cmd_code,
                             const json_t *cmd_param) noexcept;

/** Whether it is the name of a message of terminals (2), in any case: what
 *  would be taken for one is no command. */
bool is_terminal_message(std::string_view name) noexcept;

} // namespace wac::cloud
