// What happened to terminals of `wac-sim cloud`, counted: for the status
// lines, the summary and --json.
#pragma once

#include "fleet_statistics.hpp"
#include "summary.hpp"

namespace wac::sim
{

struct CloudStatistics : LiveStatistics {
    std::uint64_t enrolments_sent = 0;
    std::uint64_t enrolments_acked = 0;
    std::uint64_t checklives = 0; // sent
};

Summary summary(const CloudStatistics &statistics, double seconds,
                bool complete);

} // namespace wac::sim
