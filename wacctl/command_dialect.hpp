// What the dialects let be asked of their terminals. This build commands FK
// and cloud terminals.
#pragma once

#include "base/error.hpp"
#include "proto/command.hpp"

#include <jansson.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wac::ctl
{

struct CommandDialect {
    std::string_view protocol; // as in wac_devices
    Result<void> (*check)(std::string_view cmd_code, const json_t *cmd_param,
                          std::size_t bins, bool native);
    bool (*is_destructive)(std::string_view cmd_code) noexcept;
    bool (*is_urgent)(std::string_view cmd_code,
                      const json_t *cmd_param) noexcept;
    /** What a destructive command takes away, for the end of a sentence. */
    std::string (*loss)(std::string_view cmd_code);
    /** All that there is, common words first. */
    std::vector<CommandInfo> (*reference)();
};

std::span<const CommandDialect> command_dialects() noexcept;

/** By the `protocol` of wac_devices; null if this build cannot command such
 *  terminals. */
const CommandDialect *command_dialect(std::string_view protocol) noexcept;

} // namespace wac::ctl
