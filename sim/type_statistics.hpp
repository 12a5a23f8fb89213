// What happened to devices and dashboards of `wac-sim type`, counted.
#pragma once

#include "fleet_statistics.hpp"
#include "summary.hpp"

namespace wac::sim
{

struct TypeStatistics : LiveStatistics {
    Tally frames; // that came, by type
};

/** Of devices. */
Summary summary(const TypeStatistics &statistics, double seconds,
                bool complete);

/** Of dashboards. */
Summary dashboard_summary(const TypeStatistics &statistics, double seconds,
                          bool complete);

} // namespace wac::sim
