#include "host_clock.hpp"

#include <algorithm>
#include <ctime>

namespace wac::sim
{

std::int64_t host_wall_s()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    return seconds_of({local.tm_year + 1900,
                       static_cast<unsigned>(local.tm_mon + 1),
                       static_cast<unsigned>(local.tm_mday),
                       static_cast<unsigned>(local.tm_hour),
                       static_cast<unsigned>(local.tm_min),
                       static_cast<unsigned>(std::min(local.tm_sec, 59))});
}

} // namespace wac::sim
