// Requests of the cloud dialect: a POST of one JSON object, answered with one.
// Who asks for what is in the body, so it is known once that was read.

#include "ngx_http_wac_body.hpp"
#include "ngx_http_wac_exchange.hpp"
#include "ngx_http_wac_handler.hpp"
#include "ngx_http_wac_reply.hpp"

#include "base/text.hpp"
#include "flow/cloud_exchange.hpp"

namespace wac::ngx
{

namespace
{

constexpr std::string_view kJson = "application/json";

// One message is read in one go: no larger one is, whatever nginx lets in.
constexpr off_t kMostBytes = 8 * 1024 * 1024;

bool starts_with_ignoring_case(std::string_view text,
                               std::string_view start) noexcept
{
    return equals_ignoring_case(text.substr(0, start.size()), start);
}

std::string_view without_blanks(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/** By the path as it was requested, whatever it was rewritten to. */
cloud::Channel channel_of(const ngx_http_request_t *r) noexcept
{
    std::string_view path = view(r->unparsed_uri);
    path = path.substr(0, path.find_first_of("?#"));
    return path.ends_with("/pub/api") ? cloud::Channel::pub_api
                                      : cloud::Channel::device_api;
}

// ---- token ---------------------------------------------------------------

std::string_view bearer_of(const ngx_http_request_t *r) noexcept
{
    static constexpr std::string_view kScheme = "Bearer ";
    if (!r->headers_in.authorization) {
        return {};
    }
    const std::string_view value = view(r->headers_in.authorization->value);
    return starts_with_ignoring_case(value, kScheme)
               ? without_blanks(value.substr(kScheme.size()))
               : std::string_view{};
}

std::string_view token_header_of(ngx_http_request_t *r) noexcept
{
    const ngx_list_part_t *part = &r->headers_in.headers.part;
    if (!part->elts) {
        return {}; // HTTP/0.9 has no header list
    }
    for (; part; part = part->next) {
        const auto *lines = static_cast<ngx_table_elt_t *>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (equals_ignoring_case(view(lines[i].key), "X-Device-Token")) {
                return without_blanks(view(lines[i].value));
            }
        }
    }
    return {};
}

std::string_view query_token_of(ngx_http_request_t *r)
{
    ngx_str_t value;
    if (ngx_http_arg(r, str("token").data, 5, &value) != NGX_OK) {
        return {};
    }
    auto *const text =
        static_cast<u_char *>(ngx_pnalloc(r->pool, value.len + 1));
    if (!text) {
        throw std::bad_alloc();
    }
    u_char *end = text;
    u_char *from = value.data;
    ngx_unescape_uri(&end, &from, value.len, 0);
    return {reinterpret_cast<char *>(text),
            static_cast<std::size_t>(end - text)};
}

/** The first that is there: header fields before the query. */
std::string_view token_of(ngx_http_request_t *r)
{
    std::string_view token = bearer_of(r);
    if (token.empty()) {
        token = token_header_of(r);
    }
    return token.empty() ? query_token_of(r) : token;
}

// ---- the request ---------------------------------------------------------

class CloudDialogue final : public Dialogue
{
  public:
    CloudDialogue(ngx_http_request_t *r, ngx_http_wac_ctx_t *ctx)
        : request_(r), ctx_(ctx)
    {
        origin_.channel = channel_of(r);
        origin_.policy = enrolment(r);
        origin_.addr = peer_address(r);
        origin_.zone = view(ngx_http_wac_loc_conf(r)->time_zone);
        origin_.token = token_of(r);
        ngx_str_t ignored;
        ctx_->secret_line =
            ngx_http_arg(r, str("token").data, 5, &ignored) == NGX_OK;
    }

    Wish start(Bytes body) override
    {
        exchange_.emplace(origin_, registration_);
        cloud::Step step = exchange_->start(body);
        ctx_->device = copy(request_->pool, exchange_->sn());
        ctx_->request = copy(request_->pool, exchange_->name());
        return wish_of(std::move(step), answer_);
    }

    Wish resume(const Result<Outcome> &outcome) override
    {
        return wish_of(exchange_->resume(outcome), answer_);
    }

    Wish expire() override { return wish_of(exchange_->expire(), answer_); }

    std::string_view device() const noexcept override
    {
        return view(ctx_->device);
    }

    std::string_view request() const noexcept override
    {
        return view(ctx_->request);
    }

    ngx_int_t reply() noexcept override
    {
        ctx_->result = str(answer_->accepted ? "true" : "false");
        if (!answer_->trans_id.empty()) {
            ctx_->trans_id = copy(request_->pool, answer_->trans_id);
        }
        return send_reply(request_, {answer_->status, kJson, answer_->body});
    }

  private:
    ngx_http_request_t *request_;
    ngx_http_wac_ctx_t *ctx_;
    cloud::Origin origin_;
    cloud::Registration registration_; // filled in and not needed again
    std::optional<cloud::Exchange> exchange_;
    std::optional<cloud::Answer> answer_;
};

void on_body(ngx_http_request_t *r) noexcept
{
    if (body_length(r) > kMostBytes) { // it came in chunks
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
        return;
    }
    begin_exchange(r, [](auto *request, auto *ctx, Process &) {
        return std::unique_ptr<Dialogue>(
            std::make_unique<CloudDialogue>(request, ctx));
    });
}

} // namespace

ngx_int_t cloud_handler(ngx_http_request_t *r) noexcept
{
    if (r->method != NGX_HTTP_POST) {
        return push_header(r, "Allow", str("POST"))
                   ? NGX_HTTP_NOT_ALLOWED
                   : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (r->headers_in.content_length_n > kMostBytes) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }
    return read_body(r, on_body);
}

} // namespace wac::ngx
