#include "ngx_http_wac_exchange.hpp"

#include "ngx_http_wac_body.hpp"

#include "flow/result_intake.hpp"

#include <utility>
#include <vector>

namespace wac::ngx
{

namespace
{

/** The end of a log line, as nginx's own without the request line. */
u_char *name_client(ngx_log_t *log, u_char *buf, std::size_t len) noexcept
{
    const auto *const at = static_cast<ngx_http_log_ctx_t *>(log->data);
    return ngx_snprintf(buf, len, ", client: %V", &at->connection->addr_text);
}

// Owned by the request's cleanup. While it waits for the database it sees the
// client go (ngx_http_test_reading) and its deadline pass; the timer also
// keeps a worker that is asked to quit until the answer is out.
class Driver final : private db::OutcomeListener
{
  public:
    Driver(ngx_http_request_t *r, ngx_http_wac_ctx_t *ctx, Process &process,
           std::unique_ptr<Dialogue> dialogue)
        : request_(r), ctx_(ctx), process_(process),
          dialogue_(std::move(dialogue))
    {
        deadline_.handler = on_deadline;
        deadline_.data = r->connection;
        deadline_.log = r->connection->log;
    }

    ~Driver() { disarm(); }

    Driver(const Driver &) = delete;
    Driver &operator=(const Driver &) = delete;

    /** The body is here. Ends with an answer, or waiting; after an answer
     *  `this` is gone. */
    void begin()
    {
        const auto body = whole_body(request_, storage_);
        if (!body) {
            finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
            return;
        }
        advance(dialogue_->start(*body));
    }

    static Driver *of(ngx_http_request_t *r) noexcept
    {
        for (ngx_http_cleanup_t *entry = r->main->cleanup; entry;
             entry = entry->next) {
            if (entry->handler == destroy) {
                return static_cast<Driver *>(entry->data);
            }
        }
        return nullptr;
    }

    static void destroy(void *data) noexcept
    {
        delete static_cast<Driver *>(data);
    }

  private:
    void advance(Wish wish)
    {
        while (const auto *run = std::get_if<Run>(&wish)) {
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
            wish = dialogue_->resume(tl::make_unexpected(queued.error()));
        }
        if (const auto *result = std::get_if<TakeIn>(&wish)) {
            intake_.emplace(static_cast<db::OutcomeListener &>(*this));
            process_.intake.take(result->trans_id, *intake_);
            wait();
            return;
        }
        answer(std::get<AnswerNote>(std::move(wish)));
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
        proceed([&] { advance(dialogue_->resume(outcome)); });
    }

    static void on_deadline(ngx_event_t *event) noexcept
    {
        auto *const c = static_cast<ngx_connection_t *>(event->data);
        auto *const self = of(static_cast<ngx_http_request_t *>(c->data));
        self->proceed([self] {
            self->answer(std::get<AnswerNote>(self->dialogue_->expire()));
        });
    }

    void answer(AnswerNote end)
    {
        log_note(end);
        ctx_->answered = true;
        ctx_->records = end.records;
        if (end.sighting) {
            process_.store.note(std::move(*end.sighting));
        }
        finalize(dialogue_->reply());
    }

    void log_note(const AnswerNote &end) noexcept
    {
        if (end.note.empty()) {
            return;
        }
        if (end.note_level == LogLevel::warn &&
            !process_.warnings.pass(ngx_current_msec)) {
            return;
        }
        ngx_log_t log = *request_->connection->log;
        if (ctx_->secret_line) {
            log.handler = name_client;
        }
        if (const auto held_back = process_.warnings.take_held_back()) {
            ngx_log_error(NGX_LOG_WARN, &log, 0,
                          "wac: %uL warnings were held back", held_back);
        }
        const ngx_str_t device = shown(dialogue_->device());
        const ngx_str_t code = shown(dialogue_->request());
        ngx_log_error(log_level(end.note_level), &log, 0,
                      "wac: device %V, %V: %s", &device, &code,
                      end.note.c_str());
    }

    static ngx_str_t shown(std::string_view text) noexcept
    {
        return str(text.empty() ? "-" : text);
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
    std::vector<unsigned char> storage_; // a body in several pieces
    std::unique_ptr<Dialogue> dialogue_;
    std::optional<db::Ticket> ticket_; // ends before what its work views
    std::optional<IntakeWait> intake_;
    ngx_event_t deadline_{};
    ngx_msec_t began_ms_ = 0;
};

} // namespace

void begin_exchange(ngx_http_request_t *r, MakeDialogue make) noexcept
{
    const bool begun = guard(r->connection->log, false, [&] {
        ngx_http_wac_ctx_t *const ctx = ngx_http_wac_get_ctx(r);
        Process *const worker = process();
        ngx_http_cleanup_t *const cleanup = ngx_http_cleanup_add(r, 0);
        if (!ctx || !worker || !cleanup) {
            return false;
        }
        auto *const driver = new Driver(r, ctx, *worker, make(r, ctx, *worker));
        cleanup->data = driver;
        cleanup->handler = Driver::destroy;
        driver->begin();
        return true;
    });
    if (!begun) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
}

std::string_view peer_address(const ngx_http_request_t *r) noexcept
{
    return r->connection->sockaddr->sa_family == AF_UNIX
               ? std::string_view{}
               : view(r->connection->addr_text);
}

} // namespace wac::ngx
