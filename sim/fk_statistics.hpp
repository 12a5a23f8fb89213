// What happened, counted: for the status lines, the summary and --json.
#pragma once

#include "tally.hpp"

namespace wac::sim
{

struct FkStatistics {
    std::uint64_t devices = 0;
    std::uint64_t polls = 0; // sent
    std::uint64_t punches_made = 0;
    std::uint64_t punches_not_made = 0; // nobody enrolled, or the log full
    std::uint64_t punches_sent = 0;     // once or oftener
    std::uint64_t punches_acked = 0;
    std::uint64_t resends = 0; // of punches, after failures and by fault
    std::uint64_t enrolments_sent = 0;
    std::uint64_t enrolments_acked = 0;
    std::uint64_t results_sent = 0; // whole, and answered OK
    std::uint64_t errors = 0;       // exchanges without a proper answer
    std::uint64_t connect_failures = 0;
    Tally commands; // executed or passed over
    Tally refused;  // response_code of answers that were no success
    Tally faults;   // made on purpose
    Latency punch_answers;
    Latency poll_answers;

    std::uint64_t punches_waiting() const
    {
        return punches_made - punches_acked;
    }
};

/** One line: what happened so far. */
std::string status_line(const FkStatistics &statistics, double seconds);

/** Several lines: what happened. */
std::string summary(const FkStatistics &statistics, double seconds);

/** The same for programs. */
Json summary_json(const FkStatistics &statistics, double seconds,
                  bool complete);

} // namespace wac::sim
