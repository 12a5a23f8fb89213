// Whom nginx says that it speaks for. Only nginx can reach our socket, so
// that its headers are believed; what is no address is not.
#pragma once

#include <string>
#include <string_view>

namespace wac::worker
{

/** From the values of X-Real-IP and X-Forwarded-For, whose last element is
 *  the one nginx added; "" if neither has an IP address. */
std::string peer_address(std::string_view real_ip,
                         std::string_view forwarded_for);

} // namespace wac::worker
