#include "ngx_http_wac_loop.hpp"

namespace wac::ngx
{

namespace
{

// libpq's socket as an nginx connection. Level-triggered: one
// PQconsumeInput() need not empty the socket. The socket is libpq's: nginx
// forgets it here and never closes it.
class NgxWatch final : public db::Watch
{
  public:
    NgxWatch(ngx_connection_t *connection, db::ReadinessListener &listener)
        : connection_(connection), listener_(listener)
    {
        connection_->data = this;
        connection_->shared = 1;
        connection_->read->log = connection_->log;
        connection_->write->log = connection_->log;
        connection_->read->handler = on_read;
        connection_->write->handler = on_write;
    }

    ~NgxWatch() override
    {
        want(db::Interest::none);
        for (ngx_event_t *event : {connection_->read, connection_->write}) {
            if (event->posted) {
                ngx_delete_posted_event(event);
            }
            event->closed = 1;
        }
        ngx_free_connection(connection_);
        connection_->fd = static_cast<ngx_socket_t>(-1);
    }

    void want(db::Interest interest) noexcept override
    {
        const bool both = interest == db::Interest::both;
        set(connection_->read, NGX_READ_EVENT,
            both || interest == db::Interest::read);
        set(connection_->write, NGX_WRITE_EVENT,
            both || interest == db::Interest::write);
    }

    void descriptor_closed() noexcept override
    {
        // with this flag nginx forgets the event without a system call
        ngx_del_event(connection_->read, NGX_READ_EVENT, NGX_CLOSE_EVENT);
        ngx_del_event(connection_->write, NGX_WRITE_EVENT, NGX_CLOSE_EVENT);
    }

  private:
    static void set(ngx_event_t *event, ngx_int_t kind, bool on) noexcept
    {
        if (on && !event->active) {
            ngx_add_event(event, kind, NGX_LEVEL_EVENT);
        } else if (!on && event->active) {
            ngx_del_event(event, kind, 0);
        }
    }

    static NgxWatch &of(ngx_event_t *event) noexcept
    {
        return *static_cast<NgxWatch *>(
            static_cast<ngx_connection_t *>(event->data)->data);
    }

    static void on_read(ngx_event_t *event) noexcept
    {
        of(event).listener_.on_ready(true, false);
    }

    static void on_write(ngx_event_t *event) noexcept
    {
        of(event).listener_.on_ready(false, true);
    }

    ngx_connection_t *connection_;
    db::ReadinessListener &listener_;
};

// nginx's debug log takes an event's data for a connection and prints its
// descriptor: give it one to look at.
struct Event {
    ngx_event_t event{};
    ngx_connection_t shown{};
    db::WakeListener &listener;

    explicit Event(db::WakeListener &to) : listener(to)
    {
        shown.fd = static_cast<ngx_socket_t>(-1);
        shown.data = this;
        event.data = &shown;
        event.log = ngx_cycle->log;
        event.handler = [](ngx_event_t *ev) noexcept {
            static_cast<Event *>(
                static_cast<ngx_connection_t *>(ev->data)->data)
                ->listener.on_wake();
        };
    }
};

class NgxTimer final : public db::Timer
{
  public:
    NgxTimer(db::WakeListener &listener, db::TimerKind kind) : event_(listener)
    {
        event_.event.cancelable = kind == db::TimerKind::idle;
    }

    ~NgxTimer() override { disarm(); }

    void arm(std::uint64_t delay_ms) noexcept override
    {
        ngx_add_timer(&event_.event, delay_ms);
    }

    void disarm() noexcept override
    {
        if (event_.event.timer_set) {
            ngx_del_timer(&event_.event);
        }
    }

  private:
    Event event_;
};

class NgxDeferral final : public db::Deferral
{
  public:
    explicit NgxDeferral(db::WakeListener &listener) : event_(listener) {}

    ~NgxDeferral() override
    {
        if (event_.event.posted) {
            ngx_delete_posted_event(&event_.event);
        }
    }

    void post() noexcept override
    {
        // after one more look for events: what is ready joins in
        ngx_post_event(&event_.event, &ngx_posted_next_events);
    }

  private:
    Event event_;
};

} // namespace

Result<std::unique_ptr<db::Watch>> Loop::watch(int fd,
                                               db::ReadinessListener &listener)
{
    ngx_connection_t *const connection = ngx_get_connection(fd, ngx_cycle->log);
    if (!connection) {
        return failure(ErrorCode::unavailable,
                       "worker_connections are not enough");
    }
    return std::make_unique<NgxWatch>(connection, listener);
}

std::unique_ptr<db::Timer> Loop::timer(db::WakeListener &listener,
                                       db::TimerKind kind)
{
    return std::make_unique<NgxTimer>(listener, kind);
}

std::unique_ptr<db::Deferral> Loop::deferral(db::WakeListener &listener)
{
    return std::make_unique<NgxDeferral>(listener);
}

std::uint64_t Loop::now_ms() const noexcept
{
    return ngx_current_msec;
}

} // namespace wac::ngx
