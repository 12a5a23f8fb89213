// A command on its way from what an operator wrote to what a terminal gets:
// checked, translated, its binaries in their places, and not yet bytes.
// Checking a command is planning it, so what was checked can be sent.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::fk
{

/** A binary of the wire body. */
struct WireBin {
    std::optional<std::size_t> file; // of those that came, counted from 0
    std::string text;                // otherwise: a password or card
};

struct CommandPlan {
    std::string_view fk_name; // static text
    Json param;               // an object, empty for none
    std::vector<WireBin> bins;
};

/** Of a command that is not native. Refused as check_command says. */
Result<CommandPlan> plan_command(std::string_view cmd_code,
                                 const json_t *cmd_param, std::size_t bins);

} // namespace wac::fk
