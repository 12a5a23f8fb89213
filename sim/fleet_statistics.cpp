#include "fleet_statistics.hpp"

namespace wac::sim
{

std::string status_line(const LiveStatistics &statistics, const char *what,
                        double seconds)
{
    return text_of(seconds, 0) +
           " s: " + std::to_string(statistics.registered) + " registered; " +
           what + ": " + std::to_string(statistics.punches_sent) + " sent, " +
           std::to_string(statistics.punches_acked) + " acknowledged, " +
           std::to_string(statistics.punches_waiting()) + " waiting; " +
           std::to_string(total(statistics.commands)) + " commands, " +
           std::to_string(total(statistics.refused)) + " refusals, " +
           std::to_string(statistics.links_lost) + " links lost, " +
           std::to_string(statistics.errors + statistics.connect_failures) +
           " errors\n";
}

} // namespace wac::sim
