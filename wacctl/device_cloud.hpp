// What is special about one terminal of the cloud dialect, as the operator
// writes it: wac_devices.cloud_options, key by key. What the keys do is in
// proto/cloud_operations.hpp.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"

#include <string>
#include <vector>

namespace wac::ctl
{

/** What options become. */
struct CloudOptions {
    Json set;                         // an object of checked values
    std::vector<std::string> removed; // keys
};

/** From "KEY=VALUE" texts; "KEY=" removes. Refuses unknown keys, values that
 *  a key does not take, and a key that comes twice. */
Result<CloudOptions> read_cloud_options(const std::vector<std::string> &texts);

/** "nosenduser=true|false, …", for people. */
std::string known_cloud_options();

} // namespace wac::ctl
