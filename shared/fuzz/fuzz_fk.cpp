// libFuzzer over the FK codec: any bytes as a body with every message
// decoder behind it, as a reply, and as header lines. Beyond the sanitizers
// it holds the codec to its promises: views lie inside the input, and what
// was decoded encodes to something that decodes to the same.
// Seeds: fuzz/make_corpus.sh.
#include "base/text.hpp"
#include "codec/fk.hpp"

#include <algorithm>
#include <functional>
#include <string>

using namespace wac;

namespace
{

void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

bool lies_inside(Bytes view, Bytes whole)
{
    const std::less_equal<const unsigned char *> before;
    return view.empty() ||
           (before(whole.data(), view.data()) &&
            before(view.data() + view.size(), whole.data() + whole.size()));
}

void check_punch(const fk::Body &body, Bytes input)
{
    const auto glog = fk::decode_realtime_glog(body);
    if (!glog) {
        require(glog.error().code == ErrorCode::malformed);
        return;
    }
    require(!glog->user_id.empty() && glog->user_id.size() <= 32);
    require(glog->io_time.valid());
    require(lies_inside(glog->log_image, input));
    require(!glog->image_missing || glog->log_image.empty());
}

void check_enrolment(const fk::Body &body, Bytes input)
{
    const auto user = fk::decode_realtime_enroll_data(body);
    if (!user) {
        require(user.error().code == ErrorCode::malformed);
        return;
    }
    require(!user->user_id.empty() && user->user_id.size() <= 32);
    require(lies_inside(user->user_photo, input));
    std::int32_t last = -1;
    for (const fk::Credential &credential : user->credentials) {
        require(credential.backup_number > last);
        last = credential.backup_number;
        require(last <= 255 && !credential.data.empty());
        require(lies_inside(credential.data, input));
    }
}

void check_round_trip(const fk::Body &body)
{
    const std::string encoded = fk::encode_body(body.json_text, body.bins);
    const auto again = fk::decode_body(as_bytes(encoded));
    require(again && again->framed);
    require(again->json_text == body.json_text);
    require(json_equal(again->json.get(), body.json.get()));
    require(again->bins.size() == body.bins.size());
    for (std::size_t i = 0; i < body.bins.size(); ++i) {
        require(as_text(again->bins[i]) == as_text(body.bins[i]));
    }
}

void check_body(Bytes input)
{
    const auto body = fk::decode_body(input);
    if (!body) {
        require(body.error().code == ErrorCode::malformed);
        return;
    }
    require(lies_inside(as_bytes(body->json_text), input));
    require((body->json == nullptr) == input.empty());
    require(body->framed || body->bins.empty());
    for (const Bytes bin : body->bins) {
        require(lies_inside(bin, input));
    }
    const auto poll = fk::decode_receive_cmd(*body);
    require(!poll.fk_time || poll.fk_time->valid());
    check_punch(*body, input);
    check_enrolment(*body, input);
    if (body->json) {
        check_round_trip(*body);
    }
}

void check_reply(Bytes input)
{
    const auto reply = fk::decode_reply(as_text(input));
    if (!reply) {
        require(reply.error().code == ErrorCode::malformed);
        return;
    }
    require(!reply->response_code.empty());
    require(lies_inside(as_bytes(reply->response_code), input));
    const std::string encoded = fk::encode_reply(*reply);
    const auto again = fk::decode_reply(encoded);
    require(again.has_value());
    require(again->response_code == reply->response_code);
    require(again->trans_id == reply->trans_id);
    require(again->cmd_code == reply->cmd_code);
    require(again->task_id_header == reply->task_id_header);
    require(again->body == reply->body);
}

void check_head(Bytes input)
{
    fk::RequestHead head;
    std::string_view rest = as_text(input);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        const std::size_t colon = std::min(line.find(':'), line.size());
        head.take(line.substr(0, colon),
                  line.substr(std::min(colon + 1, line.size())));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    for (const std::string_view view :
         {head.request_code, head.dev_id, head.task_id, head.cmd_return_code,
          head.blk_no, head.dev_model}) {
        require(lies_inside(as_bytes(view), input));
    }
    static_cast<void>(fk::request_code_of(head.request_code));
    static_cast<void>(fk::valid_request_code(head.request_code));
    static_cast<void>(fk::valid_dev_id(head.dev_id));
    static_cast<void>(fk::block_number(head.blk_no));
    const auto time = fk::parse_time(as_text(input));
    require(!time || time->valid());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    const Bytes input{data, size};
    check_body(input);
    check_reply(input);
    check_head(input);
    return 0;
}
