// What happened to the terminals of a fleet, counted: what all dialects
// count, and what those over WebSocket count beside it.
#pragma once

#include "tally.hpp"

namespace wac::sim
{

struct FleetStatistics {
    std::uint64_t devices = 0;
    std::uint64_t punches_made = 0;
    std::uint64_t punches_not_made = 0; // nobody enrolled, or the log full
    std::uint64_t punches_sent = 0;     // once or oftener
    std::uint64_t punches_acked = 0;
    std::uint64_t punches_dropped = 0; // refused, and not sent again
    std::uint64_t resends = 0;
    std::uint64_t results_sent = 0; // of commands
    std::uint64_t errors = 0;       // answers that make no sense, or none
    std::uint64_t connect_failures = 0;
    Tally commands; // executed or passed over
    Tally refused;  // by what was refused
    Tally faults;   // made on purpose
    Latency punch_answers;

    std::uint64_t punches_waiting() const
    {
        return punches_made - punches_acked - punches_dropped;
    }
};

struct LiveStatistics : FleetStatistics {
    std::uint64_t registered = 0;    // devices, at least once
    std::uint64_t registrations = 0; // acknowledged
    std::uint64_t links = 0;         // WebSockets that were opened
    std::uint64_t links_lost = 0;
    std::uint64_t unanswered = 0; // transmissions without any answer
    std::uint64_t given_up = 0;   // links left, as nothing was answered
    std::uint64_t acks_again = 0; // of what was acknowledged before
    std::uint64_t pings = 0;      // from the server
    Latency reg_answers;
};

/** One line: what happened so far; `what` are the punches of the dialect. */
std::string status_line(const LiveStatistics &statistics, const char *what,
                        double seconds);

} // namespace wac::sim
