#include "bearer_token.hpp"

#include "base/text.hpp"
#include "trimmed.hpp"

namespace wac::worker
{

namespace
{

constexpr std::string_view kScheme = "Bearer";
constexpr std::size_t kLongest = 1024;

} // namespace

std::string bearer_token(std::string_view authorization,
                         std::string_view query_token)
{
    const std::string_view header = trimmed(authorization);
    std::string_view token = query_token;
    if (header.size() > kScheme.size() && header[kScheme.size()] == ' ' &&
        equals_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
        token = trimmed(header.substr(kScheme.size()));
    }
    return token.size() <= kLongest ? std::string(token) : std::string();
}

} // namespace wac::worker
