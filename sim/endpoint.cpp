#include "endpoint.hpp"

#include "base/text.hpp"

#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/un.h>

namespace wac::sim
{

namespace
{

struct UrlParts {
    std::string host; // without brackets
    std::uint16_t port = 80;
    std::string target = "/";
};

tl::unexpected<Error> misused(std::string text)
{
    return failure(ErrorCode::misused, std::move(text));
}

/** "host", "host:port", "[v6]" or "[v6]:port". */
Result<UrlParts> parse_authority(std::string_view text)
{
    UrlParts parts;
    const bool bracketed = text.starts_with('[');
    const std::size_t host_end =
        bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (host_end == text.npos) {
        return misused("a \"]\" is missing");
    }
    parts.host = text.substr(bracketed, host_end - bracketed);
    std::string_view rest = text.substr(host_end + bracketed);
    if (parts.host.empty()) {
        return misused("it names no host");
    }
    if (!rest.empty()) {
        const auto port = rest.front() == ':'
                              ? parse_integer<std::uint16_t>(rest.substr(1))
                              : std::nullopt;
        if (!port || *port == 0) {
            return misused("its port is not 1 to 65535");
        }
        parts.port = *port;
    }
    return parts;
}

Result<UrlParts> parse_url(std::string_view url, std::string_view scheme)
{
    if (url.starts_with("https://") || url.starts_with("wss://")) {
        return misused("terminals are simulated without TLS: use " +
                       std::string(scheme));
    }
    if (!url.starts_with(scheme)) {
        return misused("it does not begin with " + std::string(scheme));
    }
    if (url.find_first_of(" \t\r\n\"") != url.npos) {
        return misused("it contains blanks or quotes");
    }
    const std::string_view rest = url.substr(scheme.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    auto parts = parse_authority(rest.substr(0, slash));
    if (parts && slash < rest.size()) {
        parts->target = rest.substr(slash);
    }
    return parts;
}

struct AddressRelease {
    void operator()(addrinfo *list) const noexcept { freeaddrinfo(list); }
};

Result<Endpoint> resolve(const UrlParts &parts, int family, int flags)
{
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    addrinfo *found = nullptr;
    const std::string port = std::to_string(parts.port);
    const int failed =
        getaddrinfo(parts.host.c_str(), port.c_str(), &hints, &found);
    if (failed != 0) {
        return misused("host \"" + parts.host + "\": " + gai_strerror(failed));
    }
    const std::unique_ptr<addrinfo, AddressRelease> list(found);
    Endpoint endpoint;
    std::memcpy(&endpoint.address, list->ai_addr, list->ai_addrlen);
    endpoint.length = list->ai_addrlen;
    const bool has_colon = parts.host.find(':') != std::string::npos;
    endpoint.host = (has_colon ? '[' + parts.host + ']' : parts.host) + ':' +
                    std::to_string(parts.port);
    endpoint.target = parts.target;
    return endpoint;
}

} // namespace

Result<Endpoint> find_endpoint(std::string_view url, std::string_view scheme)
{
    const auto parts = parse_url(url, scheme);
    if (!parts) {
        return misused("--url \"" + std::string(url) +
                       "\": " + parts.error().text);
    }
    auto endpoint = resolve(*parts, AF_INET, 0);
    return endpoint ? endpoint : resolve(*parts, AF_UNSPEC, 0);
}

Result<Endpoint> unix_endpoint(std::string_view url)
{
    const std::string_view rest = url.substr(url.find(':') + 1);
    const std::size_t path_end = std::min(rest.find(':'), rest.size());
    const std::string_view path = rest.substr(0, path_end);
    Endpoint endpoint;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path ||
        rest.find_first_of(" \t\r\n\"") != rest.npos) {
        return misused("--url \"" + std::string(url) +
                       "\": it names no socket");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    std::memcpy(&endpoint.address, &address, sizeof address);
    endpoint.length = sizeof address;
    endpoint.host = "localhost";
    endpoint.target = rest.substr(std::min(path_end + 1, rest.size()));
    if (!endpoint.target.empty() && endpoint.target.front() != '/') {
        return misused("--url \"" + std::string(url) +
                       "\": what follows the socket is no path");
    }
    return endpoint;
}

Result<Endpoint> numeric_endpoint(const std::string &address,
                                  std::uint16_t port, const std::string &target)
{
    return resolve({address, port, target}, AF_UNSPEC, AI_NUMERICHOST);
}

} // namespace wac::sim
