#include "ngx_http_wac_handler.hpp"

#include "ngx_http_wac_process.hpp"
#include "ngx_http_wac_request.hpp"

#include "flow/fk_exchange.hpp"
#include "flow/result_intake.hpp"

#include <optional>
#include <vector>

namespace wac::ngx
{

namespace
{

constexpr std::string_view kOctetStream = "application/octet-stream";
constexpr std::string_view kIdentity = "identity";

// ---- reply ---------------------------------------------------------------

bool push_header(ngx_http_request_t *r, std::string_view name,
                 ngx_str_t value) noexcept
{
    auto *header =
        static_cast<ngx_table_elt_t *>(ngx_list_push(&r->headers_out.headers));
    if (!header || !value.data) {
        return false;
    }
    header->hash = 1;
    header->key = str(name);
    header->value = value;
    return true;
}

/** An encoding that is named but not sent: the gzip filter then keeps off
 *  whatever gzip_types says. */
bool keep_unencoded(ngx_http_request_t *r) noexcept
{
    auto *header =
        static_cast<ngx_table_elt_t *>(ngx_list_push(&r->headers_out.headers));
    if (!header) {
        return false;
    }
    header->hash = 0;
    header->key = str("Content-Encoding");
    header->value = str(kIdentity);
    r->headers_out.content_encoding = header;
    return true;
}

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
            push_header(r, "cmd_code", copy(r->pool, reply.cmd_code))) &&
           keep_unencoded(r);
}

/** Sends the reply; what it returns is to finalize the request with. */
ngx_int_t send_reply(ngx_http_request_t *r, const fk::Reply &reply) noexcept
{
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_type = str(kOctetStream);
    r->headers_out.content_type_len = kOctetStream.size();
    r->headers_out.content_length_n = static_cast<off_t>(reply.body.size());
    if (!push_headers(r, reply)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    ngx_buf_t *const buf =
        reply.body.empty() ? static_cast<ngx_buf_t *>(ngx_calloc_buf(r->pool))
                           : ngx_create_temp_buf(r->pool, reply.body.size());
    if (!buf) {
        return NGX_ERROR;
    }
    if (!reply.body.empty()) {
        buf->last = ngx_cpymem(buf->pos, reply.body.data(), reply.body.size());
    }
    buf->last_buf = 1;
    buf->last_in_chain = 1;
    ngx_chain_t out{buf, nullptr};
    return ngx_http_output_filter(r, &out);
}

// ---- body ----------------------------------------------------------------

bool append_from_file(const ngx_buf_t *buf, std::vector<unsigned char> &out)
{
    const auto size = static_cast<std::size_t>(buf->file_last - buf->file_pos);
    const std::size_t at = out.size();
    out.resize(at + size);
    off_t offset = buf->file_pos;
    for (std::size_t done = 0; done < size;) {
        const ssize_t n = ngx_read_file(buf->file, out.data() + at + done,
                                        size - done, offset);
        if (n <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(n);
        offset += n;
    }
    return true;
}

/** The body as one piece: nginx's own buffer where it is one, else joined in
 *  `storage`. Nothing if a temporary file cannot be read. */
std::optional<Bytes> whole_body(ngx_http_request_t *r,
                                std::vector<unsigned char> &storage)
{
    if (!r->request_body || !r->request_body->bufs) {
        return Bytes{};
    }
    const ngx_chain_t *const first = r->request_body->bufs;
    if (!first->next && !first->buf->in_file) {
        return Bytes{first->buf->pos, first->buf->last};
    }
    for (const ngx_chain_t *link = first; link; link = link->next) {
        const ngx_buf_t *const buf = link->buf;
        if (!buf->in_file) {
            storage.insert(storage.end(), buf->pos, buf->last);
        } else if (!append_from_file(buf, storage)) {
            return std::nullopt;
        }
    }
    return Bytes{storage};
}

std::string_view peer_address(const ngx_http_request_t *r) noexcept
{
    return r->connection->sockaddr->sa_family == AF_UNIX
               ? std::string_view{}
               : view(r->connection->addr_text);
}

// ---- the exchange of one request -------------------------------------------

// Owned by the request's cleanup. While it waits for the database it sees the
// client go (ngx_http_test_reading) and its deadline pass; the timer also
// keeps a worker that is asked to quit until the answer is out.
class FkRequest final : private db::OutcomeListener
{
  public:
    FkRequest(ngx_http_request_t *r, ngx_http_wac_ctx_t *ctx, Process &process)
        : request_(r), ctx_(ctx),
          process_(process), origin_{peer_address(r),
                                     view(ngx_http_wac_loc_conf(r)->time_zone),
                                     static_cast<Enrolment>(
                                         ngx_http_wac_loc_conf(r)->enrolment)}
    {
        deadline_.handler = on_deadline;
        deadline_.data = r->connection;
        deadline_.log = r->connection->log;
    }

    ~FkRequest() { disarm(); }

    FkRequest(const FkRequest &) = delete;
    FkRequest &operator=(const FkRequest &) = delete;

    /** The body is here. Ends with an answer, or waiting; after an answer
     *  `this` is gone. */
    void begin()
    {
        const auto body = whole_body(request_, storage_);
        if (!body) {
            finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
            return;
        }
        exchange_.emplace(ctx_->head, origin_, *body, process_.devices);
        advance(exchange_->start());
    }

    static FkRequest *of(ngx_http_request_t *r) noexcept
    {
        for (ngx_http_cleanup_t *entry = r->main->cleanup; entry;
             entry = entry->next) {
            if (entry->handler == destroy) {
                return static_cast<FkRequest *>(entry->data);
            }
        }
        return nullptr;
    }

    static void destroy(void *data) noexcept
    {
        delete static_cast<FkRequest *>(data);
    }

  private:
    void advance(fk::Step step)
    {
        while (const auto *run = std::get_if<fk::Run>(&step)) {
            ticket_.emplace(static_cast<db::OutcomeListener &>(*this));
            if (began_ms_ == 0) {
                began_ms_ = ngx_current_msec;
            }
            const auto queued =
                process_.store.submit(*ticket_, *run->operation);
            if (queued) {
                wait();
                return;
            }
            ticket_.reset();
            step = exchange_->resume(tl::make_unexpected(queued.error()));
        }
        if (const auto *result = std::get_if<fk::TakeIn>(&step)) {
            intake_.emplace(static_cast<db::OutcomeListener &>(*this));
            process_.intake.take(result->trans_id, *intake_);
            wait();
            return;
        }
        answer(std::get<fk::Answer>(std::move(step)));
    }

    void wait() noexcept
    {
        if (!deadline_.timer_set) {
            ngx_add_timer(&deadline_, ngx_http_wac_loc_conf(request_)->timeout);
        }
        request_->read_event_handler = ngx_http_test_reading;
        request_->write_event_handler = ngx_http_request_empty_handler;
    }

    void disarm() noexcept
    {
        if (deadline_.timer_set) {
            ngx_del_timer(&deadline_);
        }
    }

    /** Runs `step` from an event of ours, outside of nginx's own handling of
     *  the request. What `step` cannot bring to an end is a 500. */
    template <typename Step>
    void proceed(Step step) noexcept
    {
        ngx_connection_t *const c = request_->connection;
        const bool done = guard(c->log, false, [&] {
            step();
            return true;
        });
        if (!done) {
            finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
        ngx_http_run_posted_requests(c);
    }

    void on_outcome(const Result<Outcome> &outcome) noexcept override
    {
        if (outcome) {
            ctx_->commit_ms =
                static_cast<ngx_msec_int_t>(ngx_current_msec - began_ms_);
        }
        proceed([&] { advance(exchange_->resume(outcome)); });
    }

    static void on_deadline(ngx_event_t *event) noexcept
    {
        auto *const c = static_cast<ngx_connection_t *>(event->data);
        auto *const self = of(static_cast<ngx_http_request_t *>(c->data));
        self->proceed([self] {
            self->answer(std::get<fk::Answer>(self->exchange_->expire()));
        });
    }

    void answer(fk::Answer end)
    {
        log_note(end);
        ctx_->answered = true;
        ctx_->records = end.records;
        ctx_->result = copy(request_->pool, end.reply.response_code);
        if (!end.reply.trans_id.empty()) {
            ctx_->trans_id = copy(request_->pool, end.reply.trans_id);
        }
        if (end.sighting) {
            process_.store.note(std::move(*end.sighting));
        }
        finalize(send_reply(request_, end.reply));
    }

    void log_note(const fk::Answer &end) noexcept
    {
        if (end.note.empty()) {
            return;
        }
        if (end.note_level == LogLevel::warn &&
            !process_.warnings.pass(ngx_current_msec)) {
            return;
        }
        if (const auto held_back = process_.warnings.take_held_back()) {
            ngx_log_error(NGX_LOG_WARN, request_->connection->log, 0,
                          "wac: %uL warnings were held back", held_back);
        }
        const ngx_str_t device =
            str(fk::valid_dev_id(ctx_->head.dev_id) ? ctx_->head.dev_id : "-");
        const ngx_str_t code =
            str(fk::valid_request_code(ctx_->head.request_code)
                    ? ctx_->head.request_code
                    : "-");
        ngx_log_error(log_level(end.note_level), request_->connection->log, 0,
                      "wac: device %V, %V: %s", &device, &code,
                      end.note.c_str());
    }

    // Nothing is waited for any more, though the request may live on while
    // its reply goes out slowly.
    void finalize(ngx_int_t rc) noexcept
    {
        disarm();
        ticket_.reset();
        intake_.reset();
        ngx_http_finalize_request(request_, rc);
    }

    ngx_http_request_t *request_;
    ngx_http_wac_ctx_t *ctx_;
    Process &process_;
    fk::Origin origin_;
    std::vector<unsigned char> storage_; // a body in several pieces
    std::optional<fk::Exchange> exchange_;
    std::optional<db::Ticket> ticket_; // ends before what its work views
    std::optional<IntakeWait> intake_;
    ngx_event_t deadline_{};
    ngx_msec_t began_ms_ = 0;
};

// Holds the one reference that ngx_http_read_client_request_body() took; the
// finalize of FkRequest, or of this on failure, gives it back.
void on_body(ngx_http_request_t *r) noexcept
{
    const bool begun = guard(r->connection->log, false, [&] {
        ngx_http_wac_ctx_t *const ctx = ngx_http_wac_get_ctx(r);
        Process *const worker = process();
        ngx_http_cleanup_t *const cleanup = ngx_http_cleanup_add(r, 0);
        if (!ctx || !worker || !cleanup) {
            return false;
        }
        auto *const exchange = new FkRequest(r, ctx, *worker);
        cleanup->data = exchange;
        cleanup->handler = FkRequest::destroy;
        exchange->begin();
        return true;
    });
    if (!begun) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
}

ngx_int_t content_handler(ngx_http_request_t *r) noexcept
{
    if (r->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    r->request_body_in_single_buf = 1;
    const ngx_int_t rc = ngx_http_read_client_request_body(r, on_body);
    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

} // namespace

} // namespace wac::ngx

ngx_int_t ngx_http_wac_precontent_handler(ngx_http_request_t *r) noexcept
{
    if (r != r->main || !ngx_http_wac_loc_conf(r)->fk ||
        !ngx_http_wac_get_ctx(r)) {
        return NGX_DECLINED;
    }
    r->content_handler = wac::ngx::content_handler;
    return NGX_OK; // past try_files and mirror, to the content phase
}

ngx_int_t ngx_http_wac_mark_refusal(ngx_http_request_t *r) noexcept
{
    if (r != r->main || !r->loc_conf) {
        return NGX_OK;
    }
    const ngx_http_wac_ctx_t *const ctx = ngx_http_wac_get_ctx(r);
    if (!ctx || ctx->answered) {
        return NGX_OK;
    }
    return wac::ngx::push_header(r, "response_code", wac::ngx::str("ERROR"))
               ? NGX_OK
               : NGX_ERROR;
}
