// The frames that simulated devices and dashboards of the `type` dialect send
// (cloud-json.md 6.1), as JSON; and frames from the server for people.
#pragma once

#include "codec/json.hpp"
#include "type_options.hpp"

namespace wac::sim
{

std::string type_register(const std::string &device, const std::string &token);

/** `payload` is JSON. */
std::string type_telemetry(const std::string &device,
                           const std::string &payload);
std::string type_event(const std::string &device, const std::string &event_type,
                       const std::string &payload);

/** Readings: each is a little different, and numbered. */
std::string made_readings(std::uint64_t number);

/** What an event about a command that was carried out has to say. */
std::string command_done_payload(const json_t *command);

/** "ping" or "pong" */
std::string type_signal(const char *name);

/** `since` is a number of the feed, or a time. */
std::string type_subscribe(const DashboardOptions &options,
                           const std::string &since);
std::string type_order(const TypeOrder &order);

/** A frame of the feed as a line: when, who, what. */
std::string type_line(const json_t *frame);

/** A command as a line. */
std::string command_line_of(const std::string &device, const json_t *command);

} // namespace wac::sim
