#include "flow/cloud_exchange.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"

#include <chrono>
#include <utility>

namespace wac::cloud
{

namespace
{

constexpr std::size_t kLongestName = 64;
constexpr std::int64_t kQuarterHourUs = 15LL * 60 * 1000000;

bool valid_name(std::string_view name) noexcept
{
    if (name.empty() || name.size() > kLongestName) {
        return false;
    }
    for (const char c : name) {
        if (c <= ' ' || c > '~' || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/** A wall clock less UTC: zones differ by quarters of an hour, clocks by
 *  less. */
std::int64_t rounded_offset(std::int64_t difference_us) noexcept
{
    const std::int64_t half =
        difference_us < 0 ? -kQuarterHourUs / 2 : kQuarterHourUs / 2;
    return (difference_us + half) / kQuarterHourUs * kQuarterHourUs;
}

} // namespace

std::int64_t utc_now_us() noexcept
{
    using namespace std::chrono;
    constexpr sys_days kEpoch{year{2000} / January / 1};
    return duration_cast<microseconds>(system_clock::now() - kEpoch).count();
}

bool Exchange::on_socket() const noexcept
{
    return origin_.channel == Channel::socket;
}

bool Exchange::is(Verb verb) const noexcept
{
    return message_.kind == Kind::command && verb_ == verb;
}

std::string_view Exchange::sn() const noexcept
{
    return valid_sn(message_.sn) ? std::string_view(message_.sn)
                                 : std::string_view(registration_.identity.sn);
}

std::string_view Exchange::name() const noexcept
{
    return valid_name(message_.name) ? std::string_view(message_.name)
                                     : std::string_view();
}

Step Exchange::run(Operation operation, State state)
{
    operation_ = std::move(operation);
    state_ = state;
    return Run{&operation_};
}

Step Exchange::start(Bytes text)
{
    auto message = decode_message(text);
    if (!message) {
        return bad_frame(400, "bad json");
    }
    return start(std::move(*message), text);
}

Step Exchange::start(Message message, Bytes text)
{
    text_ = text;
    message_ = std::move(message);
    verb_ = verb_of(message_.name);
    if (message_.kind == Kind::neither || !valid_name(message_.name)) {
        return bad_frame(200, "neither cmd nor ret");
    }
    if (registration_.known() && !is(Verb::reg)) {
        sn_ = registration_.identity.sn;
        const bool fresh = registration_.read_at_us / kQuarterHourUs ==
                           clock_() / kQuarterHourUs;
        return fresh ? perform() : identify();
    }
    if (message_.sn.empty()) {
        return refuse("no sn", Whose::nobody);
    }
    if (!valid_sn(message_.sn)) {
        return refuse("bad sn", Whose::nobody);
    }
    sn_ = message_.sn;
    return identify();
}

// ---- who it is ------------------------------------------------------------

Step Exchange::identify()
{
    return run(Identify{sn_, std::string(origin_.zone), Protocol::cloud},
               State::identifying);
}

// A terminal that registers is always introduced: it says what it is.
Step Exchange::identified(const Outcome &outcome)
{
    const auto *identity = outcome.get<DeviceIdentity>();
    const bool introduced = state_ == State::recognizing;
    if (!identity || !outcome.state) {
        return introduced || origin_.policy == Enrolment::closed
                   ? refuse_state(std::nullopt)
                   : introduce(nullptr);
    }
    sn_ = identity->sn;
    if (const std::string_view why = objection(*identity); !why.empty()) {
        return refuse(why, Whose::impostor);
    }
    if (outcome.state == DeviceState::blocked) {
        return refuse_state(outcome.state);
    }
    const bool enrols = outcome.state == DeviceState::pending &&
                        origin_.policy == Enrolment::open;
    if (!introduced && (is(Verb::reg) || enrols || !identity->seen)) {
        return introduce(identity);
    }
    if (outcome.state != DeviceState::approved) {
        return refuse_state(outcome.state);
    }
    command_waits_ = outcome.command_waits;
    adopt(*identity);
    return perform();
}

Step Exchange::introduce(const DeviceIdentity *identity)
{
    Contact contact = contact_of(message_, identity ? identity->sn : sn_,
                                 origin_.policy, origin_.addr, origin_.zone);
    contact.connected = on_socket();
    return run(std::move(contact), State::introducing);
}

/** Why this cannot be the terminal it says it is; "" if nothing speaks
 *  against it. */
std::string_view Exchange::objection(const DeviceIdentity &identity) const
{
    if (identity.protocol != Protocol::cloud && identity.seen) {
        return "the sn is that of a terminal of another dialect";
    }
    const std::string cpusn = text_of(field(message_.object.get(), "cpusn"));
    if (!cpusn.empty() && !identity.cpusn.empty() && cpusn != identity.cpusn) {
        return "the sn belongs to another cpusn";
    }
    if (identity.token_hash.empty() || registration_.known()) {
        return {};
    }
    const std::string own = text_of(field(message_.object.get(), "token"));
    const std::string_view token =
        origin_.token.empty() ? std::string_view(own) : origin_.token;
    return token_matches(token, identity.token_hash)
               ? std::string_view()
               : std::string_view("bad token");
}

void Exchange::adopt(const DeviceIdentity &identity)
{
    registration_.identity = identity;
    registration_.options = TerminalOptions::read(identity.options);
    registration_.profile = profile_of(identity, registration_.options);
    registration_.read_at_us = clock_();
    registration_.offset_us =
        rounded_offset(identity.now.since_2000_us() - registration_.read_at_us);
}

// ---- what it wants --------------------------------------------------------

Step Exchange::perform()
{
    if (message_.kind == Kind::reply) {
        return run(FindCommand{sn_}, State::finding);
    }
    switch (verb_) {
    case Verb::reg:
        return on_socket() ? run(OpenSession{sn_, std::string(origin_.worker),
                                             std::string(origin_.addr)},
                                 State::opening)
                           : accept();
    case Verb::sendlog:
        return store_logs();
    case Verb::senduser:
        return store_user();
    case Verb::checklive:
        return !on_socket() && command_waits_ ? claim() : accept();
    case Verb::declined:
        return accept();
    case Verb::sendqrcode:
    case Verb::sendgps:
    case Verb::other:
        break;
    }
    return keep_event();
}

Step Exchange::store_logs()
{
    StoreAttendance store =
        handle_sendlog(message_, registration_.profile, sn_, origin_.zone);
    received_ = record_elements(message_.object.get()).size();
    for (const AttendanceRecord &record : store.records) {
        people_ = people_ || !(is_door_event(record.enrollid) ||
                               is_unknown_person(record.enrollid));
    }
    if (received_ == 0) {
        return accept();
    }
    if (store.records.empty()) {
        return quarantine(std::move(store.invalid.reason));
    }
    if (!store.invalid.frame.empty()) {
        note_ = "quarantined: " + store.invalid.reason;
        note_level_ = LogLevel::warn;
    }
    records_ = static_cast<unsigned>(store.records.size());
    return run(std::move(store), State::storing);
}

Step Exchange::store_user()
{
    auto store = handle_senduser(message_, sn_, texts_);
    if (!store) {
        return quarantine(std::move(store.error().text));
    }
    records_ = 1;
    return run(std::move(*store), State::storing);
}

Step Exchange::keep_event()
{
    if (is(Verb::other)) {
        note_ = "unknown cmd, kept as an event";
    }
    return run(handle_other(message_, sn_, texts_), State::storing);
}

Step Exchange::quarantine(std::string reason)
{
    note_ = "quarantined: " + reason;
    note_level_ = LogLevel::warn;
    records_ = 0;
    Quarantine operation;
    operation.sn = sn_;
    operation.protocol = Protocol::cloud;
    operation.request = message_.name;
    operation.reason = std::move(reason);
    operation.frame = text_;
    return run(std::move(operation), State::quarantining);
}

Step Exchange::claim()
{
    ClaimNext next;
    next.sn = sn_;
    next.zone = origin_.zone;
    next.transport = ClaimNext::Transport::poll;
    return run(std::move(next), State::claiming);
}

Step Exchange::give_out(const ClaimedCommand &command)
{
    const auto run_of_it = CommandRun::begin(
        command, registration_.profile, registration_.options.always_string);
    trans_id_ = command.trans_id;
    const std::string name = command.trans_id + " " + command.cmd_code;
    if (!run_of_it) {
        note_ = "command " + name + ": " + run_of_it.error().text;
        note_level_ = LogLevel::warn;
        return run(RefuseCommand{sn_, command.trans_id, run_of_it.error().text},
                   State::refusing);
    }
    note_ = "command " + name + " given out";
    return answer(run_of_it->frame(message_.sn), true);
}

// An answer that no command waits for is acknowledged, and kept if there is
// something in it.
Step Exchange::found(const ClaimedCommand *command)
{
    auto run_of_it =
        command ? CommandRun::begin(*command, registration_.profile,
                                    registration_.options.always_string)
                : failure(ErrorCode::refused, "none");
    if (!run_of_it || !run_of_it->answered_by(message_)) {
        if (!record_elements(message_.object.get()).empty()) {
            return quarantine("the answer to an unknown command");
        }
        note_ = "the answer to an unknown command";
        return accept();
    }
    trans_id_ = command->trans_id;
    CommandProgress progress = run_of_it->take(message_);
    records_ = static_cast<unsigned>(progress.records.rows);
    StoreResult store;
    store.sn = sn_;
    store.trans_id = command->trans_id;
    store.zone = origin_.zone;
    store.protocol = Protocol::cloud;
    store.request = message_.name;
    store.records = std::move(progress.records);
    if (store.records.enrolment) {
        store.records.enrolment->sn = sn_;
    }
    store.end = std::move(progress.end);
    store.goes_on_with = store.end ? std::string() : run_of_it->progress();
    return run(std::move(store), State::storing);
}

Step Exchange::resume(const Result<Outcome> &outcome)
{
    if (!outcome) {
        // no later attempt would succeed: it must not block the terminal
        if (outcome.error().code == ErrorCode::bad_data &&
            state_ == State::storing) {
            return quarantine("the database cannot hold it: " +
                              outcome.error().text);
        }
        return try_again(outcome.error());
    }
    return proceed(*outcome);
}

Step Exchange::proceed(const Outcome &outcome)
{
    switch (state_) {
    case State::identifying:
    case State::recognizing:
        return identified(outcome);
    case State::introducing:
        if (outcome.state != DeviceState::approved) {
            return refuse_state(outcome.state);
        }
        return run(Identify{sn_, std::string(origin_.zone), Protocol::cloud},
                   State::recognizing);
    case State::fresh:
    case State::replied:
        return try_again({ErrorCode::misused, "nothing was asked for"});
    case State::opening:
    case State::storing:
    case State::quarantining:
    case State::claiming:
    case State::refusing:
    case State::finding:
        break;
    }
    if (outcome.state != DeviceState::approved) {
        return refuse_state(outcome.state);
    }
    if (const auto *opened = outcome.get<OpenedSession>()) {
        registration_.epoch = opened->epoch;
    }
    const auto *command = outcome.get<ClaimedCommand>();
    if (state_ == State::claiming && command) {
        return give_out(*command);
    }
    return state_ == State::finding ? found(command) : accept();
}

} // namespace wac::cloud
