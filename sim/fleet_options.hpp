// What every fleet was asked for, and what those over WebSocket were asked for
// beside it. Each dialect adds its own.
#pragma once

#include "websocket_client.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace wac::sim
{

struct FleetOptions {
    std::string url = "http://127.0.0.1:8080/";
    std::string sn = "WACSIM1";
    std::uint32_t devices = 1;
    double rate = 0;           // punches a second, all terminals together
    std::uint32_t backlog = 0; // of each terminal, as users and logs
    std::uint32_t users = 10;
    std::uint32_t logs = 0;
    std::optional<milliseconds> duration;
    std::int64_t clock_offset_s = 0;
    milliseconds answer_delay{0};
    std::set<std::string> no_answer; // commands
    std::uint64_t seed = 1;
    bool verbose = false;
    bool json = false;
};

/** Probabilities, 0 to 1; not every dialect has all of them. */
struct LiveFaults {
    double close_mid_frame = 0;  // any message to the server
    double resend_punch = 0;     // once more after its acknowledgement
    double close_unanswered = 0; // instead of answering a command
    double lose_ack = 0;         // of a punch: as if it had not come
};

struct LiveOptions : FleetOptions {
    LiveOptions() { url = "ws://127.0.0.1:8080/ws"; }

    bool http = false;        // each frame is an exchange, and so are answers
    std::uint32_t ramp = 500; // first connections a second
    std::optional<std::uint64_t> punches; // of all terminals
    WebsocketManner manner;               // its headers are for HTTP too
    LiveFaults faults;
    std::optional<milliseconds> silent_after;
};

} // namespace wac::sim
