#include "type_statistics.hpp"

namespace wac::sim
{

namespace
{

void add_links(Summary &summary, const TypeStatistics &statistics)
{
    summary.number("links", statistics.links);
    summary.number("links_lost", statistics.links_lost);
    summary.number("unanswered", statistics.unanswered);
    summary.number("pings", statistics.pings);
    summary.number("errors", statistics.errors);
    summary.number("connect_failures", statistics.connect_failures);
    summary.tally("refused", "refusals", statistics.refused);
    summary.tally("frames", "frames", statistics.frames);
}

} // namespace

Summary summary(const TypeStatistics &statistics, double seconds, bool complete)
{
    Summary summary(seconds, complete);
    summary.number("devices", statistics.devices);
    summary.number("registered", statistics.registered);
    summary.number("registrations", statistics.registrations);
    summary.number("messages_made", statistics.punches_made);
    summary.number("messages_sent", statistics.punches_sent);
    summary.number("messages_acked", statistics.punches_acked);
    summary.number("messages_dropped", statistics.punches_dropped);
    summary.number("messages_waiting", statistics.punches_waiting());
    summary.number("resends", statistics.resends);
    add_links(summary, statistics);
    summary.tally("commands", "commands", statistics.commands);
    summary.tally("faults", "faults", statistics.faults);
    summary.latency("message_ms", "message answers", statistics.punch_answers);
    summary.latency("register_ms", "register answers", statistics.reg_answers);
    return summary;
}

Summary dashboard_summary(const TypeStatistics &statistics, double seconds,
                          bool complete)
{
    Summary summary(seconds, complete);
    summary.number("dashboards", statistics.devices);
    summary.number("subscribed", statistics.registered);
    summary.number("orders_sent", statistics.punches_sent);
    add_links(summary, statistics);
    return summary;
}

} // namespace wac::sim
