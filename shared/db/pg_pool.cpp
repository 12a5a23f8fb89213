#include "db/pg_pool.hpp"

#include <algorithm>
#include <utility>

namespace wac::db
{

// One session and its way back to a server.
class PgPool::Slot final : private PgSessionListener,
                           private LookupListener,
                           private WakeListener
{
  public:
    explicit Slot(PgPool &pool)
        : pool_(pool),
          session_(pool.loop_, pool.log_, *this, pool.notifications_),
          resolver_(pool.loop_, *this),
          pause_(pool.loop_.timer(*this, TimerKind::idle)),
          backoff_ms_(pool.limits_.first_backoff_ms)
    {
    }

    PgSession &session() noexcept { return session_; }

    void begin_round()
    {
        server_ = 0;
        try_server();
    }

  private:
    const Server &server() const { return pool_.conninfo_.servers[server_]; }

    void try_server()
    {
        addresses_.clear();
        if (server().needs_lookup()) {
            resolver_.start(server().host);
        } else {
            addresses_.emplace_back();
            try_address();
        }
    }

    void try_address()
    {
        const std::string address = std::move(addresses_.back());
        addresses_.pop_back();
        session_.open(parameters_for(pool_.conninfo_, server(), address),
                      pool_.conninfo_.connect_timeout_ms,
                      pool_.limits_.batch_limit_ms);
    }

    void try_next(const std::string &reason)
    {
        if (!addresses_.empty()) {
            try_address();
            return;
        }
        const std::string failure = server().text() + ": " + reason;
        if (++server_ < pool_.conninfo_.servers.size()) {
            try_server();
            return;
        }
        pause_->arm(backoff_ms_);
        backoff_ms_ =
            std::min(backoff_ms_ * 2, pool_.limits_.longest_backoff_ms);
        pool_.on_round_failed(failure);
    }

    void on_addresses(std::vector<std::string> addresses) noexcept override
    {
        addresses_.assign(addresses.rbegin(), addresses.rend());
        try_address();
    }

    void on_lookup_failed(const std::string &reason) noexcept override
    {
        try_next(reason);
    }

    void on_session_idle(PgSession &) noexcept override
    {
        was_ready_ = true;
        backoff_ms_ = pool_.limits_.first_backoff_ms;
        pool_.on_slot_idle();
    }

    // A session that worked is made again at once, one that never did is
    // part of a round of attempts. Both on a turn of their own: the session
    // is still on the stack.
    void on_session_lost(PgSession &,
                         const std::string &reason) noexcept override
    {
        attempt_failure_.clear();
        if (std::exchange(was_ready_, false)) {
            pool_.on_slot_lost(server().text(), reason);
        } else {
            attempt_failure_ = reason;
        }
        pause_->arm(0);
    }

    void on_wake() noexcept override
    {
        if (attempt_failure_.empty()) {
            begin_round();
        } else {
            try_next(std::exchange(attempt_failure_, {}));
        }
    }

    PgPool &pool_;
    PgSession session_;
    Resolver resolver_;
    std::unique_ptr<Timer> pause_;
    std::uint64_t backoff_ms_;
    std::size_t server_ = 0;
    std::vector<std::string> addresses_; // still to try, the next one last
    std::string attempt_failure_; // of the attempt that ended; "" for none
    bool was_ready_ = false;
};

PgPool::PgPool(EventLoop &loop, Log &log, Conninfo conninfo, PoolLimits limits,
               PoolListener &listener, NotificationListener *notifications)
    : loop_(loop), log_(log), conninfo_(std::move(conninfo)), limits_(limits),
      listener_(listener), notifications_(notifications)
{
}

PgPool::~PgPool() = default;

void PgPool::start()
{
    for (unsigned i = 0; i < limits_.sessions; ++i) {
        slots_.push_back(std::make_unique<Slot>(*this));
        slots_.back()->begin_round();
    }
}

void PgPool::stop() noexcept
{
    slots_.clear();
}

PgPool::Slot *PgPool::idle_slot() const noexcept
{
    for (const auto &slot : slots_) {
        if (slot->session().idle()) {
            return slot.get();
        }
    }
    return nullptr;
}

bool PgPool::has_idle() const noexcept
{
    return idle_slot() != nullptr;
}

void PgPool::dispatch(PgBatch &batch)
{
    idle_slot()->session().run(batch);
}

unsigned PgPool::ready_sessions() const noexcept
{
    return static_cast<unsigned>(
        std::count_if(slots_.begin(), slots_.end(), [](const auto &slot) {
            return slot->session().state() == PgSession::State::ready;
        }));
}

Availability PgPool::availability() const noexcept
{
    if (ready_sessions() > 0) {
        return Availability::up;
    }
    return round_failed_ ? Availability::down : Availability::connecting;
}

void PgPool::on_slot_idle()
{
    round_failed_ = false;
    if (announced_ != Availability::up) {
        if (announced_) {
            log_.write(LogLevel::notice, "wac: database is back");
        }
        announced_ = Availability::up;
    }
    listener_.on_capacity();
}

void PgPool::on_slot_lost(const std::string &server, const std::string &reason)
{
    if (ready_sessions() == 0 && announced_ == Availability::up) {
        announced_ = Availability::connecting;
        log_.write(LogLevel::error,
                   "wac: lost database at " + server + ": " + reason);
    }
}

void PgPool::on_round_failed(const std::string &reason)
{
    if (ready_sessions() > 0) {
        return;
    }
    round_failed_ = true;
    if (announced_ != Availability::down) {
        announced_ = Availability::down;
        log_.write(LogLevel::error, "wac: cannot use database at " + reason +
                                        "; terminals are told to try again "
                                        "until it is back");
    }
    listener_.on_down();
}

} // namespace wac::db
