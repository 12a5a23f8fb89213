// A command of an operator on its way: handed out to a terminal, and what
// came back. DESIGN section 6; the states are those of wac_commands.
#pragma once

#include "base/wall_time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac
{

enum class CommandStatus {
    queued,
    sent,
    succeeded,
    failed,
    cancelled,
    expired
};

constexpr std::string_view name_of(CommandStatus status) noexcept
{
    switch (status) {
    case CommandStatus::queued:
        return "queued";
    case CommandStatus::sent:
        return "sent";
    case CommandStatus::succeeded:
        return "succeeded";
    case CommandStatus::failed:
        return "failed";
    case CommandStatus::cancelled:
        return "cancelled";
    case CommandStatus::expired:
        return "expired";
    }
    return {};
}

constexpr std::optional<CommandStatus>
command_status_of(std::string_view text) noexcept
{
    for (const CommandStatus status :
         {CommandStatus::queued, CommandStatus::sent, CommandStatus::succeeded,
          CommandStatus::failed, CommandStatus::cancelled,
          CommandStatus::expired}) {
        if (name_of(status) == text) {
            return status;
        }
    }
    return std::nullopt;
}

/** A command that the database gave out to its terminal. */
struct ClaimedCommand {
    std::string trans_id;
    std::string cmd_code;
    std::string cmd_param; // JSON text, "" for none
    std::vector<std::string> cmd_bin;
    bool native = false;
    WallTime device_now;    // the terminal's wall clock at this moment
    std::string progress;   // of one that a polling terminal is at: JSON text
    std::string request_id; // its orderer's name for it: JSON text, "" for none
};

/** One entry of a dialect's reference: for --help, for docs, for errors. */
struct CommandInfo {
    std::string_view cmd_code;
    std::string_view form;    // of its parameters, as JSON; empty: none
    std::string_view summary; // one line
    bool common = false;      // a word of the common vocabulary
    bool destructive = false;
};

/** The command that a result names, as it stands in the database. */
struct CommandRecord {
    std::string trans_id;
    std::string cmd_code;
    std::string cmd_param; // JSON text, "" for none
    CommandStatus status = CommandStatus::queued;
    bool was_sent = false;   // at least once
    bool has_result = false; // an answer is there already
    std::string library;     // the terminal's fk_bin_data_lib, "" if unknown
};

} // namespace wac
