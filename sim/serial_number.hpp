// How the terminals of a fleet are called.
#pragma once

#include <cstdint>
#include <string>

namespace wac::sim
{

/** One terminal has the name itself, several have numbers behind it, all
 *  equally long. */
inline std::string serial_number(const std::string &name, std::uint32_t devices,
                                 std::uint32_t number)
{
    if (devices == 1) {
        return name;
    }
    const std::string digits = std::to_string(number);
    const std::size_t width = std::to_string(devices).size();
    return name + std::string(width - digits.size(), '0') + digits;
}

} // namespace wac::sim
