// What `wac-sim fk` was asked for: how many terminals, what they hold, which
// dialect they speak and which faults they have.
#pragma once

#include "codec/fk.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace wac::sim
{

using std::chrono::milliseconds;

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

struct FkOptions {
    std::string url = "http://127.0.0.1:8080/";
    std::string sn = "WACSIM1";
    std::uint32_t devices = 1;
    milliseconds interval{10000};
    double rate = 0;           // punches a second, all terminals together
    std::uint32_t backlog = 0; // of each terminal, as users and logs
    std::uint32_t users = 10;
    std::uint32_t logs = 0;
    std::optional<milliseconds> duration;
    std::optional<std::uint64_t> polls; // of each terminal
    std::int64_t clock_offset_s = 0;
    FkDialect dialect;
    FkFaults faults;
    std::uint64_t seed = 1;
    milliseconds answer_delay{0};
    std::set<std::string> no_answer;           // commands
    std::map<std::string, std::string> errors; // command: cmd_return_code
    bool verbose = false;
    bool json = false;
};

} // namespace wac::sim
