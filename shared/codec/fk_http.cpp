// Whole HTTP messages as bytes: requests in the line order and casing that
// terminals were captured with, replies, and the reading of a reply as
// strictly as a terminal reads it (fk-http.md 1.1, 1.4). For the simulator
// and the tests: in production nginx does HTTP.
#include "codec/fk.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace wac::fk
{

namespace
{

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

void add_line(std::string &out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

std::string_view name_of(TaskIdHeader header) noexcept
{
    return header == TaskIdHeader::cmd_id ? "cmd_id" : "trans_id";
}

constexpr std::string_view kContentType = "Content-Type";
constexpr std::string_view kOctetStream = "application/octet-stream";

} // namespace

std::string encode_request(const Request &request)
{
    const std::string length = std::to_string(request.body.size());
    std::string out = "POST " + request.target + " HTTP/1.0\r\n";
    add_line(out, "Accept",
             "image/gif, image/x-xbitmap, image/jpeg, image/pjpeg, "
             "application/vnd.ms-excel, application/msword, "
             "application/vnd.ms-powerpoint, */*");
    add_line(out, "Accept-Language", "en-us");
    add_line(out, "Accept-Encoding", "gzip, deflate");
    add_line(out, "User-Agent", "Mozilla/4.0");
    add_line(out, kContentType, kOctetStream);
    add_line(out, "Connection", "close");
    add_line(out, "request_code", request.request_code);
    if (request.repeat_content_type) {
        add_line(out, kContentType, kOctetStream);
    }
    add_line(out, "Content-Length", length);
    if (!request.task_id.empty()) {
        add_line(out, name_of(request.task_id_header), request.task_id);
    }
    if (!request.cmd_return_code.empty()) {
        add_line(out, "cmd_return_code", request.cmd_return_code);
    }
    add_line(out, "dev_id", request.dev_id);
    if (request.blk_no) {
        add_line(out, "blk_no", std::to_string(*request.blk_no));
        add_line(out, "blk_len", length);
    }
    if (!request.host.empty()) {
        add_line(out, "HOST", request.host);
    }
    return out.append("\r\n").append(request.body);
}

std::string encode_reply(const Reply &reply)
{
    std::string out = "HTTP/1.1 200 OK\r\n";
    add_line(out, kContentType, kOctetStream);
    add_line(out, "Content-Length", std::to_string(reply.body.size()));
    add_line(out, "Connection", "close");
    add_line(out, "response_code", reply.response_code);
    if (reply.with_task_id || !reply.trans_id.empty()) {
        add_line(out, name_of(reply.task_id_header), reply.trans_id);
    }
    if (reply.with_cmd_code || !reply.cmd_code.empty()) {
        add_line(out, "cmd_code", reply.cmd_code);
    }
    return out.append("\r\n").append(reply.body);
}

namespace
{

using Header = std::optional<std::string_view>;

/** The lines of a reply that a terminal looks at. */
struct ReplyHead {
    Header response_code;
    Header trans_id;
    Header cmd_id;
    Header cmd_code;
    Header content_length;
    Header content_type;
};

struct KnownName {
    std::string_view name; // in the one spelling that terminals know
    Header ReplyHead::*field;
};

constexpr std::array<KnownName, 6> kKnownNames{{
    {"response_code", &ReplyHead::response_code},
    {"trans_id", &ReplyHead::trans_id},
    {"cmd_id", &ReplyHead::cmd_id},
    {"cmd_code", &ReplyHead::cmd_code},
    {"Content-Length", &ReplyHead::content_length},
    {kContentType, &ReplyHead::content_type},
}};

std::string_view trim(std::string_view text) noexcept
{
    constexpr std::string_view kBlanks = " \t";
    const std::size_t first = text.find_first_not_of(kBlanks);
    return first == text.npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/** Takes one line; a sentence about what is wrong with it, or nothing. */
std::string take_line(ReplyHead &head, std::string_view line)
{
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) {
        return "a header line has no name";
    }
    const std::string_view name = line.substr(0, colon);
    for (const std::string_view coding :
         {"Transfer-Encoding", "Content-Encoding"}) {
        if (equals_ignoring_case(name, coding)) {
            return std::string(coding) + " is not understood by terminals";
        }
    }
    for (const auto &[known, field] : kKnownNames) {
        if (!equals_ignoring_case(name, known)) {
            continue;
        }
        if (name != known) {
            return std::string(known) + " is not spelled so";
        }
        if (head.*field) {
            return std::string(known) + " is duplicate";
        }
        head.*field = trim(line.substr(colon + 1));
    }
    return {};
}

Result<ReplyHead> read_head(std::string_view text)
{
    constexpr std::string_view kStatus = "HTTP/1.";
    const std::string_view status = text.substr(0, text.find("\r\n"));
    const bool has_version = status.starts_with(kStatus) && status.size() > 8 &&
                             (status[7] == '0' || status[7] == '1');
    const std::string_view code = has_version ? status.substr(8) : "";
    if (code != " 200" && !code.starts_with(" 200 ")) {
        return malformed("the status line does not say HTTP/1.x 200");
    }
    ReplyHead head;
    std::size_t begin = status.size() + 2;
    while (begin < text.size()) {
        const std::size_t end = text.find("\r\n", begin);
        const std::string wrong =
            take_line(head, text.substr(begin, end - begin));
        if (!wrong.empty()) {
            return malformed(wrong);
        }
        begin = end + 2;
    }
    return head;
}

} // namespace

Result<Reply> decode_reply(std::string_view http)
{
    constexpr std::string_view kHeadEnd = "\r\n\r\n";
    const std::size_t end = http.find(kHeadEnd);
    if (end == http.npos) {
        return malformed("the reply has no end of headers");
    }
    auto head = read_head(http.substr(0, end + 2));
    if (!head) {
        return tl::make_unexpected(std::move(head.error()));
    }
    if (!head->response_code || head->response_code->empty()) {
        return malformed("response_code is missing");
    }
    if (!head->content_length) {
        return malformed("Content-Length is missing");
    }
    const std::string_view body = http.substr(end + kHeadEnd.size());
    const auto length = parse_integer<std::size_t>(*head->content_length);
    if (!length || *length != body.size()) {
        return malformed("Content-Length is not the body's " +
                         std::to_string(body.size()) + " bytes");
    }
    Reply reply;
    reply.response_code = *head->response_code;
    reply.with_task_id = head->trans_id || head->cmd_id;
    reply.task_id_header = head->trans_id || !head->cmd_id
                               ? TaskIdHeader::trans_id
                               : TaskIdHeader::cmd_id;
    reply.trans_id = head->trans_id.value_or(head->cmd_id.value_or(""));
    reply.with_cmd_code = head->cmd_code.has_value();
    reply.cmd_code = head->cmd_code.value_or("");
    reply.body = body;
    return reply;
}

} // namespace wac::fk
