#include "db/pg_session.hpp"

#include "db/migrations.hpp"
#include "db/statements.hpp"

#include <cstring>

namespace wac::db
{

namespace
{

constexpr int kOldestServer = 150000; // UNIQUE NULLS NOT DISTINCT

/** libpq's words, the first line of them. */
std::string trimmed(const char *message)
{
    const std::string_view text = message ? message : "";
    const std::string_view line = text.substr(0, text.find('\n'));
    return line.empty() ? "the server closed the connection"
                        : std::string(line);
}

std::string field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

/** SQLSTATEs after which this server is of no use to us any more: it shuts
 *  down, crashed, starts up, or has become a read-only standby. */
bool server_unusable(const std::string &sqlstate)
{
    return sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" ||
           sqlstate == "25006" || sqlstate.rfind("08", 0) == 0;
}

} // namespace

// What a new connection runs before any work: our settings, a look at the
// schema's version, then the statements.
class PgSession::Preparation final : public PgBatch
{
  public:
    explicit Preparation(PgSession &session) : session_(session) {}

    bool send(PGconn *connection) override
    {
        if (checked_) {
            return prepare_statements(connection) && listen(connection);
        }
        return PQsendQueryParams(connection, session_settings(), 0, nullptr,
                                 nullptr, nullptr, nullptr, 1) == 1 &&
               PQsendQueryParams(connection, schema_version_query(), 0, nullptr,
                                 nullptr, nullptr, nullptr, 1) == 1;
    }

    void on_rows(const PGresult *rows, std::size_t statement) override
    {
        if (!checked_ && statement == 1 && PQntuples(rows) == 1) {
            version_ = int4_at(rows, 0, 0);
        }
    }

    void on_done(const PgFailure *failure) noexcept override
    {
        // 42P01: no table of migrations, which is a schema of version 0
        if (failure && (checked_ || failure->sqlstate != "42P01")) {
            if (!failure->session_lost) {
                session_.lose(failure->message);
            }
            return;
        }
        if (!checked_ && version_ != schema_version()) {
            session_.lose(
                "its schema is version " + std::to_string(version_) +
                ", this build knows " + std::to_string(schema_version()) +
                (version_ < schema_version() ? ": run \"wacctl migrate\""
                                             : ": it needs a newer build"));
            return;
        }
        if (!checked_) {
            checked_ = true;
            session_.start(*this);
            return;
        }
        session_.state_ = State::ready;
        if (session_.notifications_) {
            session_.notifications_->on_listening();
        }
    }

  private:
    bool listen(PGconn *connection) const
    {
        if (!session_.notifications_) {
            return true;
        }
        for (const std::string_view name :
             session_.notifications_->channels()) {
            const std::string text = "LISTEN " + std::string(name);
            if (PQsendQueryParams(connection, text.c_str(), 0, nullptr, nullptr,
                                  nullptr, nullptr, 1) != 1) {
                return false;
            }
        }
        return true;
    }

    PgSession &session_;
    bool checked_ = false;
    std::int32_t version_ = 0;
};

PgSession::PgSession(EventLoop &loop, Log &log, PgSessionListener &listener,
                     NotificationListener *notifications)
    : loop_(loop), log_(log), listener_(listener),
      notifications_(notifications),
      deadline_(loop.timer(*this, TimerKind::idle))
{
}

PgSession::~PgSession()
{
    close();
}

void PgSession::open(const Parameters &parameters,
                     std::uint64_t connect_limit_ms,
                     std::uint64_t batch_limit_ms)
{
    close();
    std::vector<const char *> names, values;
    for (const auto &[name, value] : parameters) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);

    state_ = State::connecting;
    batch_limit_ms_ = batch_limit_ms;
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD) {
        lose(connection_ ? trimmed(PQerrorMessage(connection_.get()))
                         : "out of memory");
        return;
    }
    PQsetNoticeReceiver(
        connection_.get(),
        [](void *log, const PGresult *notice) {
            static_cast<Log *>(log)->write(
                LogLevel::debug, "wac: database notice: " +
                                     field(notice, PG_DIAG_MESSAGE_PRIMARY));
        },
        &log_);
    deadline_->arm(connect_limit_ms);

    auto watch = loop_.watch(PQsocket(connection_.get()), *this);
    if (!watch) {
        lose(watch.error().text);
        return;
    }
    watch_ = std::move(*watch);
    watch_->want(Interest::write);
}

void PgSession::close() noexcept
{
    tear_down("the session was closed");
}

void PgSession::run(PgBatch &batch)
{
    deadline_->arm(batch_limit_ms_);
    start(batch);
}

void PgSession::start(PgBatch &batch)
{
    batch_ = &batch;
    statement_ = 0;
    empty_results_ = 0;
    failure_.reset();
    if (!batch.send(connection_.get()) ||
        PQpipelineSync(connection_.get()) != 1) {
        lose(trimmed(PQerrorMessage(connection_.get())));
        return;
    }
    flush();
}

void PgSession::on_ready(bool readable, bool) noexcept
{
    try {
        if (state_ == State::connecting) {
            advance_connect();
        } else {
            transfer(readable);
        }
    } catch (const std::exception &e) {
        lose(e.what());
    }
}

void PgSession::on_wake() noexcept
{
    lose(state_ == State::ready ? "it did not answer in time"
                                : "it did not accept us in time");
}

// libpq may close its socket and open another while connecting, even under
// the same number: the watch ends before each step and is made anew.
void PgSession::advance_connect()
{
    watch_.reset();
    const PostgresPollingStatusType step = PQconnectPoll(connection_.get());
    if (step == PGRES_POLLING_FAILED) {
        lose(trimmed(PQerrorMessage(connection_.get())));
        return;
    }
    auto watch = loop_.watch(PQsocket(connection_.get()), *this);
    if (!watch) {
        lose(watch.error().text);
        return;
    }
    watch_ = std::move(*watch);
    if (step == PGRES_POLLING_OK) {
        begin_preparing();
        return;
    }
    watch_->want(step == PGRES_POLLING_READING ? Interest::read
                                               : Interest::write);
}

void PgSession::begin_preparing()
{
    if (PQserverVersion(connection_.get()) < kOldestServer) {
        lose("it is older than PostgreSQL 15");
        return;
    }
    if (PQsetnonblocking(connection_.get(), 1) != 0 ||
        PQenterPipelineMode(connection_.get()) != 1) {
        lose("cannot enter pipeline mode");
        return;
    }
    state_ = State::preparing;
    preparation_ = std::make_unique<Preparation>(*this);
    start(*preparation_);
}

void PgSession::transfer(bool readable)
{
    if (readable && PQconsumeInput(connection_.get()) != 1) {
        // what the server said before it went is still to be read
        take_results();
        if (state_ != State::closed) {
            lose(trimmed(PQerrorMessage(connection_.get())));
        }
        return;
    }
    if (flush()) {
        take_results();
        take_notifications();
    }
}

void PgSession::take_notifications()
{
    struct Free {
        void operator()(PGnotify *notify) const noexcept { PQfreemem(notify); }
    };
    while (notifications_ && state_ == State::ready) {
        const std::unique_ptr<PGnotify, Free> notify(
            PQnotifies(connection_.get()));
        if (!notify) {
            return;
        }
        notifications_->on_notification(notify->relname, notify->extra);
    }
}

/** False if that lost the session. */
bool PgSession::flush()
{
    const int left = PQflush(connection_.get());
    if (left < 0) {
        lose(trimmed(PQerrorMessage(connection_.get())));
        return false;
    }
    watch_->want(left ? Interest::both : Interest::read);
    return true;
}

void PgSession::take_results()
{
    while (batch_ && state_ != State::closed && !PQisBusy(connection_.get())) {
        PgResult result(PQgetResult(connection_.get()));
        if (result) {
            empty_results_ = 0;
            take_result(std::move(result));
            continue;
        }
        // one null ends a statement; two in a row mean that nothing more
        // will come, not even the sync
        if (++empty_results_ > 1) {
            lose(trimmed(PQerrorMessage(connection_.get())));
            return;
        }
    }
}

void PgSession::take_result(PgResult result)
{
    switch (PQresultStatus(result.get())) {
    case PGRES_PIPELINE_SYNC:
        finish_batch();
        return;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        batch_->on_rows(result.get(), statement_++);
        return;
    case PGRES_PIPELINE_ABORTED:
        ++statement_;
        return;
    default:
        ++statement_;
        if (!failure_) {
            failure_ = std::make_unique<PgFailure>();
            failure_->sqlstate = field(result.get(), PG_DIAG_SQLSTATE);
            failure_->message = field(result.get(), PG_DIAG_MESSAGE_PRIMARY);
        }
        if (failure_->sqlstate.empty() || server_unusable(failure_->sqlstate)) {
            lose(failure_->message.empty()
                     ? trimmed(PQresultErrorMessage(result.get()))
                     : failure_->message);
        }
        return;
    }
}

void PgSession::finish_batch()
{
    PgBatch *const done = std::exchange(batch_, nullptr);
    const std::unique_ptr<PgFailure> failure = std::move(failure_);
    if (done != preparation_.get()) {
        deadline_->disarm();
    }
    done->on_done(failure.get());
    if (idle()) {
        if (done == preparation_.get()) {
            deadline_->disarm();
        }
        listener_.on_session_idle(*this);
    }
}

void PgSession::lose(std::string reason)
{
    if (state_ == State::closed) {
        return;
    }
    // the caller's text may die with the connection
    const std::string why = std::move(reason);
    tear_down(why);
    listener_.on_session_lost(*this, why);
}

// libpq closes its socket as soon as it reads its end.
void PgSession::end_watch() noexcept
{
    if (watch_ && PQsocket(connection_.get()) < 0) {
        watch_->descriptor_closed();
    }
    watch_.reset();
}

void PgSession::tear_down(const std::string &reason) noexcept
{
    state_ = State::closed;
    deadline_->disarm();
    end_watch();
    connection_.reset();
    failure_.reset();
    if (PgBatch *const lost = std::exchange(batch_, nullptr)) {
        PgFailure failure;
        failure.session_lost = true;
        failure.message = reason;
        lost->on_done(&failure);
    }
}

} // namespace wac::db
