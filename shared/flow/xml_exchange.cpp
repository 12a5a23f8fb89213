#include "flow/xml_exchange.hpp"

#include "base/sha256.hpp"

#include <algorithm>
#include <utility>

namespace wac::xml
{

namespace
{

constexpr std::string_view kRegister = "Register";
constexpr std::string_view kLogin = "Login";

std::string hash_of(std::string_view token)
{
    const Sha256 hash = sha256(as_bytes(token));
    return std::string(as_text(hash));
}

bool is_printable(std::string_view name) noexcept
{
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return c > ' ' && c <= '~'; });
}

} // namespace

std::string_view Exchange::name() const noexcept
{
    return !message_.name.empty() && is_printable(message_.name)
               ? std::string_view(message_.name)
               : "a message";
}

Step Exchange::run(Operation operation, State state)
{
    operation_ = std::move(operation);
    state_ = state;
    return Run{&operation_};
}

bool Exchange::registers() const noexcept
{
    const Kind kind =
        message_.dialect == Dialect::message ? Kind::request : Kind::event;
    return message_.kind == kind && message_.name == kRegister;
}

bool Exchange::logs_in() const noexcept
{
    return message_.dialect == Dialect::message &&
           message_.kind == Kind::request && message_.name == kLogin;
}

Step Exchange::start(Message message, Bytes text)
{
    text_ = text;
    message_ = std::move(message);
    sn_ = registration_.known() ? registration_.identity.sn
                                : message_.value("DeviceSerialNo");
    const std::string_view reason = stray_reason(message_, registration_);
    if (!reason.empty()) {
        return stray(reason);
    }
    registration_.dialect = message_.dialect;
    if (registers() || logs_in()) {
        return sn_.empty() ? stray("no serial number") : admit();
    }
    if (message_.kind == Kind::request) {
        return stray("not a terminal's request");
    }
    if (message_.kind != Kind::event) {
        return ignore("neither a request nor an event");
    }
    return registration_.logged_in() ? perform()
                                     : ignore("before it has logged in");
}

Step Exchange::keep_unreadable(Message message, Bytes text, std::string reason)
{
    text_ = text;
    message_ = std::move(message);
    sn_ = registration_.identity.sn;
    return quarantine(std::move(reason));
}

// ---- who it is ------------------------------------------------------------

bool Exchange::wants_cloud_id() const noexcept
{
    return !origin_.cloud_id.empty();
}

// A stranger to the operator's terminals leaves no row.
Step Exchange::admit()
{
    if (registers() && wants_cloud_id() &&
        !same_cloud_id(message_.value("CloudId"), origin_.cloud_id)) {
        return hang_up(refuse("bad CloudId", Whose::impostor), "not allowed");
    }
    admission_.emplace(contact(), static_cast<const Judge &>(*this));
    return run(admission_->start(), State::admitting);
}

// Under open enrolment an unknown terminal that logs in, which it does without
// its CloudId, is not made known where one is wanted: it is to register.
Contact Exchange::contact() const
{
    const bool too_early =
        logs_in() && wants_cloud_id() && origin_.policy == Enrolment::open;
    Contact contact = contact_of(message_, sn_,
                                 too_early ? Enrolment::closed : origin_.policy,
                                 origin_.addr, origin_.zone);
    contact.connected = true;
    return contact;
}

/** Why this cannot be the terminal it says it is; "" if nothing speaks
 *  against it. The CloudId of a Register was looked at before. */
std::string_view Exchange::objection(const DeviceIdentity &identity) const
{
    if (logs_in()) {
        const std::string_view token = message_.value("Token");
        return token_matches(token, identity.token_hash) ||
                       token_matches(token, identity.offered_token_hash)
                   ? std::string_view()
                   : kUnknownToken;
    }
    const bool proved = registration_.logged_in() || wants_cloud_id();
    return proved || identity.token_hash.empty()
               ? std::string_view()
               : "it holds a token already: wacctl device reset SN";
}

Step Exchange::admitted(const Outcome &outcome)
{
    if (const auto *identity = outcome.get<DeviceIdentity>()) {
        connected_ = identity->connected && !registration_.logged_in();
        admitted_at_us_ = clock_();
    }
    if (auto next = admission_->resume(outcome)) {
        return run(std::move(*next), State::admitting);
    }
    return admission_->admitted() ? let_in() : refuse_admission();
}

Step Exchange::let_in()
{
    const DeviceIdentity &identity = admission_->identity();
    if (logs_in()) {
        const std::string_view token = message_.value("Token");
        return token_matches(token, identity.token_hash)
                   ? open()
                   : run(KeepToken{identity.sn, hash_of(token), true},
                         State::proving);
    }
    const bool operation = message_.dialect == Dialect::operation;
    token_ = operation ? make_session_id(random_) : make_token(random_);
    if (token_.empty()) {
        return try_again({ErrorCode::unavailable, "no random numbers"});
    }
    return operation ? open()
                     : run(KeepToken{identity.sn, hash_of(token_), false},
                           State::offering);
}

Step Exchange::open()
{
    return run(OpenSession{admission_->identity().sn,
                           std::string(origin_.worker),
                           std::string(origin_.addr)},
               State::opening);
}

// ---- what it wants --------------------------------------------------------

Step Exchange::perform()
{
    switch (event_of(message_)) {
    case Event::timelog:
        return store_timelog();
    case Event::adminlog:
        return store_adminlog();
    case Event::keepalive:
        return registration_.is_stale(clock_())
                   ? run(Identify{sn_, std::string(origin_.zone),
                                  Protocol::xml},
                         State::refreshing)
                   : accept();
    case Event::other:
        break;
    }
    note_ = "unknown, kept as an event";
    return run(handle_event(message_, sn_, texts_), State::storing);
}

Step Exchange::store_timelog()
{
    auto store = handle_timelog(message_, sn_, origin_.zone);
    if (!store) {
        return quarantine(std::move(store.error().text));
    }
    records_ = 1;
    return run(std::move(*store), State::storing);
}

Step Exchange::store_adminlog()
{
    auto store = handle_adminlog(message_, sn_, origin_.zone);
    if (!store) {
        return quarantine(std::move(store.error().text));
    }
    records_ = 1;
    return run(std::move(*store), State::storing);
}

Step Exchange::quarantine(std::string reason)
{
    note_ = "quarantined: " + reason;
    note_level_ = LogLevel::warn;
    records_ = 0;
    Quarantine operation;
    operation.sn = sn_;
    operation.protocol = Protocol::xml;
    operation.request = message_.name;
    operation.reason = std::move(reason);
    operation.frame = text_;
    return run(std::move(operation), State::quarantining);
}

Step Exchange::resume(const Result<Outcome> &outcome)
{
    if (outcome) {
        return proceed(*outcome);
    }
    // no later attempt would succeed: it must not block the terminal
    if (outcome.error().code == ErrorCode::bad_data &&
        state_ == State::storing) {
        return quarantine("the database cannot hold it: " +
                          outcome.error().text);
    }
    return try_again(outcome.error());
}

Step Exchange::expire()
{
    return try_again({ErrorCode::timed_out,
                      "the database did not answer within the timeout"});
}

Step Exchange::proceed(const Outcome &outcome)
{
    if (state_ == State::admitting) {
        return admitted(outcome);
    }
    if (outcome.state != DeviceState::approved) {
        return refuse_state(outcome.state);
    }
    switch (state_) {
    case State::offering:
        registration_.adopt(admission_->identity(), admitted_at_us_);
        return accept();
    case State::proving:
        return open();
    case State::opening:
        if (const auto *opened = outcome.get<OpenedSession>()) {
            registration_.adopt(admission_->identity(), admitted_at_us_);
            registration_.epoch = opened->epoch;
            return accept();
        }
        break;
    case State::refreshing:
        return refreshed(outcome);
    case State::storing:
    case State::quarantining:
        return accept();
    case State::fresh:
    case State::admitting:
    case State::replied:
        break;
    }
    return try_again({ErrorCode::misused, "nothing was asked for"});
}

Step Exchange::refreshed(const Outcome &outcome)
{
    if (const auto *identity = outcome.get<DeviceIdentity>()) {
        registration_.adopt(*identity, clock_());
    }
    return accept();
}

} // namespace wac::xml
