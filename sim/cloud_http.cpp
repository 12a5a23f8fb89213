#include "cloud_http.hpp"

#include "base/text.hpp"

namespace wac::sim
{

namespace
{

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

std::string_view trimmed(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

} // namespace

std::string cloud_request(const Endpoint &to, std::string_view body,
                          const std::vector<std::string> &headers)
{
    std::string request =
        "POST " + to.target + " HTTP/1.1\r\nHost: " + to.host +
        "\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\nConnection: close\r\n";
    for (const std::string &line : headers) {
        request += line + "\r\n";
    }
    return request.append("\r\n").append(body);
}

Result<std::string> cloud_reply_body(std::string_view http)
{
    const std::size_t end = http.find("\r\n\r\n");
    if (end == http.npos) {
        return malformed("an answer without an end of its head");
    }
    const std::string_view head = http.substr(0, end);
    const std::string_view status = head.substr(0, head.find("\r\n"));
    if (!status.starts_with("HTTP/1.") || status.substr(8, 5) != " 200 ") {
        return malformed(std::string(status));
    }
    std::optional<std::size_t> length;
    for (std::size_t at = head.find("\r\n"); at != head.npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line =
            head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view name = line.substr(0, colon);
        if (equals_ignoring_case(name, "Content-Length")) {
            length = parse_integer<std::size_t>(
                trimmed(line.substr(std::min(colon + 1, line.size()))));
        } else if (equals_ignoring_case(name, "Transfer-Encoding") ||
                   equals_ignoring_case(name, "Content-Encoding")) {
            return malformed("an answer in a coding: " + std::string(line));
        }
    }
    const std::string_view body = http.substr(end + 4);
    if (!length || *length != body.size()) {
        return malformed("an answer without its Content-Length");
    }
    return std::string(body);
}

} // namespace wac::sim
