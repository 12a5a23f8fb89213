// What happened, counted: for the status lines, the summary and --json.
#pragma once

#include "fleet_statistics.hpp"

namespace wac::sim
{

struct FkStatistics : FleetStatistics {
    std::uint64_t polls = 0; // sent
    std::uint64_t enrolments_sent = 0;
    std::uint64_t enrolments_acked = 0;
    Latency poll_answers;
};

/** One line: what happened so far. */
std::string status_line(const FkStatistics &statistics, double seconds);

/** Several lines: what happened. */
std::string summary(const FkStatistics &statistics, double seconds);

/** The same for programs. */
Json summary_json(const FkStatistics &statistics, double seconds,
                  bool complete);

} // namespace wac::sim
