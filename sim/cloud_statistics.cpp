#include "cloud_statistics.hpp"

#include <array>

namespace wac::sim
{

namespace
{

struct Counter {
    const char *name;
    std::uint64_t CloudStatistics::*value;
};

/** Those whose name says enough; in the order of the summary. */
constexpr std::array<Counter, 19> kCounters{{
    {"devices", &CloudStatistics::devices},
    {"registered", &CloudStatistics::registered},
    {"registrations", &CloudStatistics::registrations},
    {"links", &CloudStatistics::links},
    {"links_lost", &CloudStatistics::links_lost},
    {"punches_made", &CloudStatistics::punches_made},
    {"punches_not_made", &CloudStatistics::punches_not_made},
    {"punches_sent", &CloudStatistics::punches_sent},
    {"punches_acked", &CloudStatistics::punches_acked},
    {"enrolments_sent", &CloudStatistics::enrolments_sent},
    {"enrolments_acked", &CloudStatistics::enrolments_acked},
    {"resends", &CloudStatistics::resends},
    {"acks_again", &CloudStatistics::acks_again},
    {"unanswered", &CloudStatistics::unanswered},
    {"given_up", &CloudStatistics::given_up},
    {"checklives", &CloudStatistics::checklives},
    {"results_sent", &CloudStatistics::results_sent},
    {"pings", &CloudStatistics::pings},
    {"errors", &CloudStatistics::errors},
}};

} // namespace

Summary summary(const CloudStatistics &statistics, double seconds,
                bool complete)
{
    Summary summary(seconds, complete);
    for (const Counter &counter : kCounters) {
        summary.number(counter.name, statistics.*counter.value);
    }
    summary.number("punches_waiting", statistics.punches_waiting());
    summary.number("connect_failures", statistics.connect_failures);
    summary.tally("commands", "commands", statistics.commands);
    summary.tally("refused", "refusals", statistics.refused);
    summary.tally("faults", "faults", statistics.faults);
    summary.latency("punch_ms", "punch answers", statistics.punch_answers);
    summary.latency("reg_ms", "reg answers", statistics.reg_answers);
    return summary;
}

} // namespace wac::sim
