// What `wac-sim type` was asked for: devices that report, or dashboards that
// watch.
#pragma once

#include "fleet_options.hpp"
#include "token_file.hpp"

#include <functional>
#include <vector>

namespace wac::sim
{

/** Takes a line for people, or a frame for programs, without its end. */
using Tell = std::function<void(const std::string &)>;

/** Messages, telemetry and events, are what punches are elsewhere. */
struct TypeOptions : LiveOptions {
    std::string token;                          // of all; "": each its own
    Tokens tokens;                              // before the others
    std::optional<milliseconds> interval{5000}; // between telemetry
    std::string event_type;       // of what --rate makes; "": telemetry
    std::string payload;          // JSON; "": readings that are made up
    std::uint32_t batch = 50;     // messages that wait for one pong
    bool command_done = false;    // reports it as an event
    milliseconds reconnect{1000}; // the first pause
};

struct TypeOrder {
    std::string device;
    std::string command;
    std::string payload; // JSON; "": none
};

struct DashboardOptions : LiveOptions {
    std::string token; // "": the subscribe has none
    std::string since; // an id or a time; "": from now on
    std::vector<std::string> devices_wanted;
    std::vector<std::string> types_wanted;
    std::vector<TypeOrder> orders; // sent once, on the first link
    bool quiet = false;            // counts frames instead of showing them
    milliseconds reconnect{1000};
};

/** What a device without another token says. */
inline std::string made_token(const std::string &device)
{
    return "wac-sim-token-of-" + device;
}

} // namespace wac::sim
