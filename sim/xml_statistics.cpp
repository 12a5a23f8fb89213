#include "xml_statistics.hpp"

#include <array>

namespace wac::sim
{

namespace
{

struct Counter {
    const char *name;
    std::uint64_t XmlStatistics::*value;
};

/** In the order of the summary. */
constexpr std::array<Counter, 22> kCounters{{
    {"devices", &XmlStatistics::devices},
    {"registered", &XmlStatistics::registered},
    {"registrations", &XmlStatistics::registrations},
    {"tokens", &XmlStatistics::tokens},
    {"links", &XmlStatistics::links},
    {"links_lost", &XmlStatistics::links_lost},
    {"punches_made", &XmlStatistics::punches_made},
    {"punches_not_made", &XmlStatistics::punches_not_made},
    {"punches_sent", &XmlStatistics::punches_sent},
    {"punches_acked", &XmlStatistics::punches_acked},
    {"admin_logs_made", &XmlStatistics::admin_logs_made},
    {"admin_logs_sent", &XmlStatistics::admin_logs_sent},
    {"admin_logs_acked", &XmlStatistics::admin_logs_acked},
    {"resends", &XmlStatistics::resends},
    {"acks_again", &XmlStatistics::acks_again},
    {"unanswered", &XmlStatistics::unanswered},
    {"given_up", &XmlStatistics::given_up},
    {"keepalives", &XmlStatistics::keepalives},
    {"keepalives_acked", &XmlStatistics::keepalives_acked},
    {"results_sent", &XmlStatistics::results_sent},
    {"pings", &XmlStatistics::pings},
    {"errors", &XmlStatistics::errors},
}};

} // namespace

Summary summary(const XmlStatistics &statistics, double seconds, bool complete)
{
    Summary summary(seconds, complete);
    for (const Counter &counter : kCounters) {
        summary.number(counter.name, statistics.*counter.value);
    }
    summary.number("punches_waiting", statistics.punches_waiting());
    summary.number("connect_failures", statistics.connect_failures);
    summary.tally("commands", "requests", statistics.commands);
    summary.tally("refused", "refusals", statistics.refused);
    summary.tally("faults", "faults", statistics.faults);
    summary.latency("punch_ms", "punch answers", statistics.punch_answers);
    summary.latency("login_ms", "login answers", statistics.reg_answers);
    return summary;
}

} // namespace wac::sim
