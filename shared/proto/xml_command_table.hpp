// The table of what XML terminals can be told (biometric-xml.md 3) and of the
// common words that become one of it. Rows and the kinds of their parameters
// are those of the cloud dialect's table, which reads them.
#pragma once

#include "proto/cloud_command_table.hpp"

#include <span>
#include <string_view>

namespace wac::xml
{

using cloud::Care;
using cloud::CommandRule;
using cloud::Need;
using cloud::Others;
using cloud::Parameter;
using cloud::Parameters;
using cloud::Value;

/** The common words. One with two forms has two rows. */
std::span<const CommandRule> common_words() noexcept;

/** The terminals' own requests; their parameters are passed on as they are. */
std::span<const CommandRule> terminal_requests() noexcept;

/** The row of a command, or null: names match in their own case only. */
const CommandRule *find_rule(std::string_view cmd_code) noexcept;

} // namespace wac::xml
