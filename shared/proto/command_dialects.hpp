// What the dialects let be asked of their terminals, one row a dialect, for
// those who give commands without caring which it is: wacctl, dashboards, the
// API.
#pragma once

#include "base/error.hpp"
#include "proto/command.hpp"
#include "proto/device.hpp"

#include <jansson.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wac
{

struct CommandDialect {
    Protocol protocol;
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

/** All four, in the order of Protocol. */
std::span<const CommandDialect> command_dialects() noexcept;

const CommandDialect &command_dialect(Protocol protocol) noexcept;

/** By the `protocol` of wac_devices; null if it is none. */
const CommandDialect *command_dialect(std::string_view protocol) noexcept;

/** A command in the words of wac_commands. */
struct OrderedWords {
    std::string cmd_code;
    std::string cmd_param; // JSON text, "" for none
};

/** What a dashboard orders in the words of the `type` dialect (cloud-json.md
 *  6.3), for a terminal of any: `unlock` and `lock` become open_door and
 *  lock_door for the others, all other names are what that dialect makes of
 *  them. `native`: as it is. Refused for the reason of the dialect's check. */
Result<OrderedWords> common_command(Protocol protocol, std::string_view command,
                                    const json_t *payload, bool native = false);

} // namespace wac
