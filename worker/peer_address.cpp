#include "peer_address.hpp"

#include "trimmed.hpp"

#include <arpa/inet.h>

namespace wac::worker
{

namespace
{

bool is_address(const std::string &text)
{
    in6_addr binary{};
    return inet_pton(AF_INET, text.c_str(), &binary) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &binary) == 1;
}

} // namespace

std::string peer_address(std::string_view real_ip,
                         std::string_view forwarded_for)
{
    const auto comma = forwarded_for.rfind(',');
    const std::string_view last = comma == forwarded_for.npos
                                      ? forwarded_for
                                      : forwarded_for.substr(comma + 1);
    for (const std::string_view value : {real_ip, last}) {
        std::string text(trimmed(value));
        if (is_address(text)) {
            return text;
        }
    }
    return {};
}

} // namespace wac::worker
