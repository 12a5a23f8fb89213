// What `wac-sim fk` was asked for: how many terminals, what they hold, which
// dialect they speak and which faults they have.
#pragma once

#include "codec/fk.hpp"
#include "fleet_options.hpp"

#include <map>

namespace wac::sim
{

/** What the JSON of a body ends with; it is counted (fk-http.md 2.2). */
enum class FkTerminator { nul, lf_nul, none };

/** Real firmware differs in these. */
struct FkDialect {
    std::string library = "FKDataHS101";
    FkTerminator terminator = FkTerminator::nul;
    fk::TaskIdHeader task_id_header = fk::TaskIdHeader::trans_id;
    std::size_t block_size = 8192;
    bool blocks = true; // blk_no and blk_len; without them a result is whole
    bool second_content_type = true;
    bool absolute_target = false;
    bool counts_as_strings = false;
    bool log_array = true; // the key in the result of GET_LOG_DATA
    bool image = false;    // punches have a picture
};

/** Probabilities, 0 to 1. */
struct FkFaults {
    double close_mid_body = 0; // any request
    double slow = 0;           // any request
    double repeat_part = 0;    // of a result that has several
    double skip_part = 0;
    double resend_punch = 0;   // after its OK
    double two_polls = 0;      // at once
    double foreign_result = 0; // for a task that never was, after a poll
};

struct FkOptions : FleetOptions {
    milliseconds interval{10000};
    std::optional<std::uint64_t> polls; // of each terminal
    FkDialect dialect;
    FkFaults faults;
    std::map<std::string, std::string> errors; // command: cmd_return_code
};

} // namespace wac::sim
