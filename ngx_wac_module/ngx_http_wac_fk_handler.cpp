// FK requests: what they ask is in their headers, and so is the answer.

#include "ngx_http_wac_body.hpp"
#include "ngx_http_wac_exchange.hpp"
#include "ngx_http_wac_handler.hpp"
#include "ngx_http_wac_reply.hpp"

#include "flow/fk_exchange.hpp"

namespace wac::ngx
{

namespace
{

constexpr std::string_view kOctetStream = "application/octet-stream";

bool push_headers(ngx_http_request_t *r, const fk::Reply &reply) noexcept
{
    const std::string_view task_id =
        reply.task_id_header == fk::TaskIdHeader::cmd_id ? "cmd_id"
                                                         : "trans_id";
    return push_header(r, "response_code",
                       copy(r->pool, reply.response_code)) &&
           (!reply.with_task_id ||
            push_header(r, task_id, copy(r->pool, reply.trans_id))) &&
           (!reply.with_cmd_code ||
            push_header(r, "cmd_code", copy(r->pool, reply.cmd_code)));
}

class FkDialogue final : public Dialogue
{
  public:
    FkDialogue(ngx_http_request_t *r, ngx_http_wac_ctx_t *ctx, Process &process)
        : request_(r), ctx_(ctx),
          process_(process), origin_{peer_address(r),
                                     view(ngx_http_wac_loc_conf(r)->time_zone),
                                     enrolment(r)}
    {
    }

    Wish start(Bytes body) override
    {
        exchange_.emplace(ctx_->head, origin_, body, process_.devices);
        return wish_of(exchange_->start(), answer_);
    }

    Wish resume(const Result<Outcome> &outcome) override
    {
        return wish_of(exchange_->resume(outcome), answer_);
    }

    Wish expire() override { return wish_of(exchange_->expire(), answer_); }

    std::string_view device() const noexcept override
    {
        const std::string_view dev_id = ctx_->head.dev_id;
        return fk::valid_dev_id(dev_id) ? dev_id : std::string_view{};
    }

    std::string_view request() const noexcept override
    {
        const std::string_view code = ctx_->head.request_code;
        return fk::valid_request_code(code) ? code : std::string_view{};
    }

    ngx_int_t reply() noexcept override
    {
        const fk::Reply &reply = answer_->reply;
        ctx_->result = copy(request_->pool, reply.response_code);
        if (!reply.trans_id.empty()) {
            ctx_->trans_id = copy(request_->pool, reply.trans_id);
        }
        if (!push_headers(request_, reply)) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        return send_reply(request_, {NGX_HTTP_OK, kOctetStream, reply.body});
    }

  private:
    ngx_http_request_t *request_;
    ngx_http_wac_ctx_t *ctx_;
    Process &process_;
    fk::Origin origin_;
    std::optional<fk::Exchange> exchange_;
    std::optional<fk::Answer> answer_;
};

void on_body(ngx_http_request_t *r) noexcept
{
    begin_exchange(r, [](auto *request, auto *ctx, Process &process) {
        return std::unique_ptr<Dialogue>(
            std::make_unique<FkDialogue>(request, ctx, process));
    });
}

} // namespace

ngx_int_t fk_handler(ngx_http_request_t *r) noexcept
{
    if (r->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    return read_body(r, on_body);
}

} // namespace wac::ngx
