// The checks of `wacctl doctor`: can the database hold what terminals send,
// and does anything among the devices need a person.
#pragma once

#include "database.hpp"

#include <string>
#include <vector>

namespace wac::ctl
{

enum class Level {
    ok,
    warning, // a person should look at it
    problem, // records are refused or in danger
};

struct Finding {
    Level level;
    std::string text;
};

using Findings = std::vector<Finding>;

/** What cannot be reached or asked for is a finding too; an error is only a
 *  connection string that makes no sense. */
Result<Findings> examine_system(const std::string &conninfo);

} // namespace wac::ctl
