#include "db/batcher.hpp"

#include "db/statements.hpp"

#include <algorithm>
#include <utility>

namespace wac::db
{

namespace
{

constexpr unsigned kAttempts = 3; // of a batch that met a deadlock

bool worth_repeating(const PgFailure &failure)
{
    return failure.sqlstate == "40P01" || failure.sqlstate == "40001";
}

/** Whether the failure is about the rows, not about the state of the server
 *  or of its schema. */
bool blames_a_row(const PgFailure &failure)
{
    static constexpr std::string_view kServer[] = {
        "08", "25", "28", "40", "42", "53", "55", "57", "58", "XX"};
    return !failure.session_lost &&
           std::find(std::begin(kServer), std::end(kServer),
                     failure.state_class()) == std::end(kServer);
}

/** Whether no later attempt can make the value fit: data exceptions and
 *  limits of the server. Not 22023, which a zone or setting that this server
 *  does not know raises for good records too. */
bool blames_a_value(const PgFailure &failure)
{
    return (failure.state_class() == "22" && failure.sqlstate != "22023") ||
           failure.state_class() == "54";
}

Error error_of(const PgFailure &failure)
{
    const std::string text =
        failure.sqlstate.empty()
            ? failure.message
            : failure.message + " (SQLSTATE " + failure.sqlstate + ")";
    if (!blames_a_row(failure)) {
        return {ErrorCode::unavailable, text};
    }
    return {blames_a_value(failure) ? ErrorCode::bad_data : ErrorCode::rejected,
            text};
}

} // namespace

// Tickets that are sent together. A ticket that is destroyed meanwhile leaves
// a null behind.
class Batch final : public PgBatch
{
  public:
    Batch(Batcher &batcher, std::vector<Ticket *> tickets, unsigned attempt)
        : attempt_(attempt), batcher_(batcher), tickets_(std::move(tickets)),
          outcomes_(tickets_.size())
    {
        for (Ticket *&ticket : tickets_) {
            ticket->in_flight_ = &ticket;
        }
    }

    ~Batch()
    {
        for (Ticket *ticket : tickets_) {
            if (ticket) {
                ticket->in_flight_ = nullptr;
            }
        }
    }

    bool send(PGconn *connection) override
    {
        std::vector<const Operation *> operations;
        operations.reserve(tickets_.size());
        for (const Ticket *ticket : tickets_) {
            operations.push_back(ticket ? ticket->operation_ : nullptr);
        }
        replies_.clear();
        return send_operations(connection, operations, replies_);
    }

    void on_rows(const PGresult *rows, std::size_t statement) override
    {
        const StatementReply reply = statement < replies_.size()
                                         ? replies_[statement]
                                         : StatementReply{kNobody, nullptr};
        if (reply.owner == kNobody) {
            return;
        }
        const bool named = reply.owner == kRowNamesIt;
        for (int row = 0; row < PQntuples(rows); ++row) {
            const auto n = named
                               ? static_cast<std::size_t>(int4_at(rows, row, 0))
                               : reply.owner;
            if (n < outcomes_.size()) {
                reply.read(rows, row, named ? 1 : 0, *outcomes_[n]);
            }
        }
    }

    void on_done(const PgFailure *failure) noexcept override
    {
        const std::unique_ptr<Batch> self = batcher_.release(*this);
        if (!failure) {
            tell_outcomes();
            return;
        }
        std::vector<Ticket *> left = take_tickets();
        if (left.empty()) {
            return;
        }
        if (worth_repeating(*failure) && attempt_ < kAttempts) {
            batcher_.send_again(std::move(left), attempt_ + 1);
        } else if (left.size() > 1 && blames_a_row(*failure)) {
            const auto middle =
                left.begin() + static_cast<std::ptrdiff_t>(left.size() / 2);
            batcher_.send_again({middle, left.end()}, 1);
            batcher_.send_again({left.begin(), middle}, 1);
        } else {
            batcher_.fail(left, error_of(*failure));
        }
    }

    std::size_t size() const noexcept { return tickets_.size(); }

    /** The tickets that still want an outcome; the batch forgets them. */
    std::vector<Ticket *> take_tickets()
    {
        std::vector<Ticket *> left;
        for (Ticket *&ticket : tickets_) {
            if (ticket) {
                ticket->in_flight_ = nullptr;
                left.push_back(std::exchange(ticket, nullptr));
            }
        }
        return left;
    }

    /** Tells everybody the same. A listener may destroy other tickets. */
    void tell(const Result<Outcome> &outcome) noexcept
    {
        std::fill(outcomes_.begin(), outcomes_.end(), outcome);
        tell_outcomes();
    }

  private:
    void tell_outcomes() noexcept
    {
        for (std::size_t n = 0; n < tickets_.size(); ++n) {
            if (Ticket *const ticket = std::exchange(tickets_[n], nullptr)) {
                ticket->in_flight_ = nullptr;
                ticket->listener_.on_outcome(outcomes_[n]);
            }
        }
    }

    const unsigned attempt_;
    Batcher &batcher_;
    std::vector<Ticket *> tickets_;
    std::vector<Result<Outcome>> outcomes_;
    std::vector<StatementReply> replies_;
};

Ticket::~Ticket()
{
    if (batcher_) {
        batcher_->withdraw(*this);
    }
    if (in_flight_) {
        *in_flight_ = nullptr;
    }
}

Batcher::Batcher(EventLoop &loop, Sessions &sessions, BatchLimits limits)
    : sessions_(sessions), limits_(limits), loop_(loop),
      flush_(loop.deferral(*this)), overlap_(loop.timer(*this, TimerKind::idle))
{
}

Batcher::~Batcher()
{
    abandon();
}

void Batcher::abandon() noexcept
{
    while (!queue_.empty()) {
        withdraw(*queue_.front());
    }
    waiting_.clear();
    for (const auto &batch : running_) {
        batch->take_tickets();
    }
}

Result<void> Batcher::submit(Ticket &ticket, const Operation &operation)
{
    if (sessions_.availability() == Availability::down) {
        return failure(ErrorCode::unavailable, "the database is down");
    }
    const std::size_t weight = weight_of(operation);
    if (queue_.size() >= limits_.queued_rows ||
        queued_bytes_ + weight > limits_.queued_bytes) {
        return failure(ErrorCode::overloaded,
                       "too much waits for the database already");
    }
    ticket.operation_ = &operation;
    ticket.batcher_ = this;
    ticket.place_ = queue_.insert(queue_.end(), &ticket);
    queued_bytes_ += weight;
    flush_->post();
    return {};
}

void Batcher::withdraw(Ticket &ticket) noexcept
{
    queued_bytes_ -= weight_of(*ticket.operation_);
    queue_.erase(ticket.place_);
    ticket.batcher_ = nullptr;
}

std::vector<Ticket *> Batcher::next_tickets()
{
    std::vector<Ticket *> tickets;
    std::size_t bytes = 0;
    while (!queue_.empty() && tickets.size() < limits_.rows) {
        Ticket &ticket = *queue_.front();
        bytes += weight_of(*ticket.operation_);
        if (bytes > limits_.bytes && !tickets.empty()) {
            break;
        }
        withdraw(ticket);
        tickets.push_back(&ticket);
    }
    return tickets;
}

void Batcher::on_wake() noexcept
{
    on_capacity();
}

std::size_t Batcher::running_rows() const noexcept
{
    std::size_t rows = 0;
    for (const auto &batch : running_) {
        rows += batch->size();
    }
    return rows;
}

bool Batcher::may_send() const noexcept
{
    return running_.empty() || !waiting_.empty() ||
           queue_.size() >= running_rows() ||
           loop_.now_ms() - last_sent_ms_ >= limits_.overlap_after_ms;
}

void Batcher::on_capacity()
{
    while (!waiting_.empty() || !queue_.empty()) {
        if (!sessions_.has_idle()) {
            return;
        }
        if (!may_send()) {
            overlap_->arm(limits_.overlap_after_ms);
            return;
        }
        if (waiting_.empty()) {
            waiting_.push_back(
                std::make_unique<Batch>(*this, next_tickets(), 1));
        }
        last_sent_ms_ = loop_.now_ms();
        running_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        sessions_.dispatch(*running_.back());
    }
}

void Batcher::on_down()
{
    const Error error{ErrorCode::unavailable, "the database is down"};
    while (!waiting_.empty()) {
        const std::unique_ptr<Batch> batch = std::move(waiting_.front());
        waiting_.pop_front();
        fail(batch->take_tickets(), error);
    }
    while (!queue_.empty()) {
        fail(next_tickets(), error);
    }
}

std::unique_ptr<Batch> Batcher::release(Batch &batch)
{
    const auto at =
        std::find_if(running_.begin(), running_.end(),
                     [&](const auto &entry) { return entry.get() == &batch; });
    std::unique_ptr<Batch> owned = std::move(*at);
    running_.erase(at);
    return owned;
}

// The next session that is idle takes it, before anything that is queued.
void Batcher::send_again(std::vector<Ticket *> tickets, unsigned attempt)
{
    waiting_.push_front(
        std::make_unique<Batch>(*this, std::move(tickets), attempt));
    flush_->post();
}

void Batcher::fail(const std::vector<Ticket *> &tickets,
                   const Error &error) noexcept
{
    Batch(*this, tickets, 0).tell(tl::make_unexpected(error));
}

} // namespace wac::db
