// What the command line changes about devices. Each function tells the
// operator what it did, as text or as JSON.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

struct NewDevice {
    std::string sn;
    std::string protocol = "fk";
    std::string name;
    std::string time_zone;
};

/** Null members stay as they are; "" makes NULL. */
struct DeviceChange {
    std::string sn;
    std::optional<std::string> name;
    std::optional<std::string> time_zone;
    std::optional<std::string> io_modes;
    std::vector<std::string> cloud_options; // "KEY=VALUE" each
};

/** Makes an approved device; one that exists is left alone. */
Result<Outcome> add_device(Database &database, const NewDevice &device,
                           bool json);

Result<Outcome> set_device(Database &database, const DeviceChange &change,
                           bool json);

/** Each device on its own: an unknown one does not keep the rest from their
 *  new state. */
Result<Outcome> set_states(Database &database,
                           const std::vector<std::string> &sns,
                           const std::string &state, bool json);

/** Deletes the row of wac_devices and nothing else. */
Result<Outcome> remove_device(Database &database, const std::string &sn,
                              bool yes, bool json);

} // namespace wac::ctl
