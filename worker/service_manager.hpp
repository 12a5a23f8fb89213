// Tells systemd how the daemon is: sd_notify(3), which is one datagram.
#pragma once

#include <string_view>

namespace wac::worker
{

/** Such as "READY=1"; nothing happens unless $NOTIFY_SOCKET is set. */
void notify_service_manager(std::string_view state) noexcept;

} // namespace wac::worker
