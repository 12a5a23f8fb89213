// What happened to terminals of `wac-sim xml`, counted: for the status lines,
// the summary and --json.
#pragma once

#include "fleet_statistics.hpp"
#include "summary.hpp"

namespace wac::sim
{

struct XmlStatistics : LiveStatistics {
    std::uint64_t tokens = 0; // handed out by Register
    std::uint64_t admin_logs_made = 0;
    std::uint64_t admin_logs_sent = 0; // once or oftener
    std::uint64_t admin_logs_acked = 0;
    std::uint64_t keepalives = 0; // sent
    std::uint64_t keepalives_acked = 0;
};

Summary summary(const XmlStatistics &statistics, double seconds, bool complete);

} // namespace wac::sim
