// What happened to terminals of `wac-sim cloud`, counted: for the status
// lines, the summary and --json.
#pragma once

#include "tally.hpp"

namespace wac::sim
{

struct CloudStatistics {
    std::uint64_t devices = 0;
    std::uint64_t registered = 0;    // devices, at least once
    std::uint64_t registrations = 0; // acknowledged
    std::uint64_t punches_made = 0;
    std::uint64_t punches_not_made = 0; // nobody enrolled, or the log full
    std::uint64_t punches_sent = 0;     // once or oftener
    std::uint64_t punches_acked = 0;
    std::uint64_t enrolments_waiting = 0;
    std::uint64_t enrolments_sent = 0;
    std::uint64_t enrolments_acked = 0;
    std::uint64_t resends = 0;    // sendlogs and sendusers sent again
    std::uint64_t acks_again = 0; // of what was acknowledged before
    std::uint64_t unanswered = 0; // transmissions without any answer
    std::uint64_t given_up = 0;   // links left, as nothing was answered
    std::uint64_t checklives = 0; // sent
    std::uint64_t results_sent = 0;
    std::uint64_t pings = 0; // from the server
    std::uint64_t links = 0; // WebSockets that were opened
    std::uint64_t links_lost = 0;
    std::uint64_t errors = 0; // answers that make no sense, or none
    std::uint64_t connect_failures = 0;
    Tally commands; // executed or passed over
    Tally refused;  // by what was refused
    Tally faults;   // made on purpose
    Latency punch_answers;
    Latency reg_answers;

    std::uint64_t punches_waiting() const
    {
        return punches_made - punches_acked;
    }
};

/** One line: what happened so far. */
std::string status_line(const CloudStatistics &statistics, double seconds);

/** Several lines: what happened. */
std::string summary(const CloudStatistics &statistics, double seconds);

/** The same for programs. */
Json summary_json(const CloudStatistics &statistics, double seconds,
                  bool complete);

} // namespace wac::sim
