#include "flow/dashboard.hpp"

#include "base/sha256.hpp"
#include "proto/command_dialects.hpp"

#include <utility>

namespace wac
{

struct Dashboard::Work {
    explicit Work(db::OutcomeListener &listener) : ticket(listener) {}

    // of a subscribe
    std::optional<type::Subscription> wanted;
    std::string token_hash;
    // of a command
    std::optional<type::Order> order;
    bool confirmed = false; // "yes": true
    bool ordered = false;

    Operation operation;
    db::Ticket ticket; // ends before the operation
};

Dashboard::Dashboard(Peer &peer, SessionContext &context, DashboardOwner &owner)
    : peer_(peer), context_(context), owner_(owner), inbox_(peer)
{
}

Dashboard::~Dashboard() = default;

// ---- messages -------------------------------------------------------------

void Dashboard::on_message(type::Message message)
{
    if (ended_) {
        return;
    }
    inbox_.add(std::move(message), 0); // its object counts as a message
    done();
}

// On to the next one, if nothing is under way.
void Dashboard::done()
{
    const bool worked = inbox_.work(
        [this] { return !work_ && !placing_ && !ended_; },
        [this](type::Message message) { take(std::move(message)); });
    if (worked && !work_) {
        owner_.on_dashboard_rest();
    }
}

void Dashboard::take(type::Message message)
{
    work_ = std::make_unique<Work>(static_cast<db::OutcomeListener &>(*this));
    if (message.verb == type::Verb::subscribe) {
        subscribe(message);
    } else {
        order(message);
    }
}

void Dashboard::run(Operation operation)
{
    work_->operation = std::move(operation);
    if (!deadline_) {
        deadline_ = context_.loop.timer(*this, db::TimerKind::work);
    }
    deadline_->arm(context_.options.timeout_ms);
    const auto queued = context_.store.submit(work_->ticket, work_->operation);
    if (!queued) {
        on_outcome(tl::make_unexpected(queued.error()));
    }
}

void Dashboard::on_outcome(const Result<Outcome> &outcome) noexcept
{
    deadline_->disarm();
    if (!outcome) {
        refuse("try_again", "the database cannot be asked now");
    } else if (work_->wanted) {
        subscribed(*outcome);
    } else {
        ordered(*outcome);
    }
    done();
}

void Dashboard::on_wake() noexcept
{
    if (work_) {
        refuse("try_again", "the database did not answer in time");
        done();
    } else if (placing_) {
        placing_ = false;
        subscription_.reset();
        peer_.send(type::error("try_again", "the feed did not answer in time"));
        done();
    }
}

/** Ends what is under way with an error. */
void Dashboard::refuse(std::string_view code, std::string_view why)
{
    const std::unique_ptr<Work> work = std::move(work_);
    type::ErrorSubject about;
    if (work->order) {
        about.device_id = work->order->device_id;
        about.command = work->order->command;
        about.id = work->order->id;
    }
    peer_.send(type::error(code, why, about));
}

// ---- who it is, and what it sees ------------------------------------------

// One answer for all of them: it does not help to guess.
void Dashboard::turn_away(std::string_view why)
{
    owner_.on_dashboard_note(LogLevel::warn,
                             "refused a dashboard: " + std::string(why));
    refuse("auth_failed", "a valid token is needed");
    ended_ = true;
    owner_.on_dashboard_end(CloseCode::unauthorized, "auth_failed");
}

void Dashboard::subscribe(const type::Message &message)
{
    auto wanted = type::read_subscription(message);
    if (!wanted) {
        refuse(wanted.error().code, wanted.error().message);
        return;
    }
    const std::string_view token =
        wanted->token.empty() ? peer_.token() : std::string_view(wanted->token);
    if (token.empty()) {
        turn_away("no token");
        return;
    }
    const Sha256 hash = sha256(as_bytes(token));
    work_->token_hash = as_text(hash);
    work_->wanted = std::move(*wanted);
    run(CheckToken{work_->token_hash});
}

void Dashboard::subscribed(const Outcome &outcome)
{
    const auto *holder = outcome.get<TokenHolder>();
    if (!holder) {
        turn_away("unknown token");
        return;
    }
    const std::unique_ptr<Work> work = std::move(work_);
    holder_ = *holder;
    token_hash_ = work->token_hash;
    owner_.on_dashboard_note(LogLevel::info,
                             "\"" + holder_.name + "\" listens");
    subscription_.reset(); // before the next one joins
    placing_ = true;
    subscription_ = std::make_unique<Subscription>(
        context_.feed, peer_, std::move(*work->wanted), token_hash_,
        static_cast<SubscriptionOwner &>(*this));
    if (placing_) {
        deadline_->arm(context_.options.timeout_ms);
    }
}

void Dashboard::on_written()
{
    if (subscription_) {
        subscription_->on_written();
    }
}

// Only now: the result of what it orders is to be among what it sees.
void Dashboard::on_subscription_placed() noexcept
{
    placing_ = false;
    deadline_->disarm();
    done();
}

void Dashboard::on_subscription_end(CloseCode code,
                                    std::string_view reason) noexcept
{
    ended_ = true;
    inbox_.clear();
    owner_.on_dashboard_note(LogLevel::warn, "\"" + holder_.name +
                                                 "\": " + std::string(reason));
    owner_.on_dashboard_end(code, reason);
}

// ---- what it orders -------------------------------------------------------

void Dashboard::order(const type::Message &message)
{
    auto order = type::read_order(message);
    if (!order) {
        refuse(order.error().code, order.error().message);
        return;
    }
    work_->order = std::move(*order);
    work_->confirmed =
        json_is_true(json_object_get(message.object.get(), "yes"));
    if (!admitted() || holder_.role == Role::viewer) {
        refuse("forbidden", "only an operator may do that");
        return;
    }
    OrderCommand question;
    question.sn = work_->order->device_id;
    question.token_hash = token_hash_;
    run(std::move(question));
}

void Dashboard::ordered(const Outcome &outcome)
{
    const auto *device = outcome.get<OrderedDevice>();
    if (!device) {
        refuse("unknown_device", "there is no such device");
    } else if (!device->may_order) {
        refuse("forbidden", "the token is not valid any more");
    } else if (outcome.state != DeviceState::approved) {
        refuse("not_approved", "the device is not approved");
    } else if (!device->online) {
        refuse("device_offline", "the device is not there now");
    } else if (!work_->ordered) {
        judge(*device);
    } else {
        owner_.on_dashboard_note(LogLevel::info,
                                 "\"" + holder_.name + "\" ordered " +
                                     work_->order->command + " of " +
                                     work_->order->device_id + ": command " +
                                     device->trans_id);
        work_.reset();
    }
}

void Dashboard::judge(const OrderedDevice &device)
{
    const type::Order &order = *work_->order;
    auto words = common_command(device.protocol, order.command,
                                order.payload.get(), order.native);
    if (!words) {
        refuse("bad_command", words.error().text);
        return;
    }
    const CommandDialect &dialect = command_dialect(device.protocol);
    if (dialect.is_destructive(words->cmd_code) && !work_->confirmed) {
        refuse("needs_yes", "it " + dialect.loss(words->cmd_code) +
                                ": say \"yes\":true with it");
        return;
    }
    OrderCommand command;
    command.sn = order.device_id;
    command.token_hash = token_hash_;
    command.cmd_code = std::move(words->cmd_code);
    command.cmd_param = std::move(words->cmd_param);
    command.native = order.native || device.protocol == Protocol::type;
    command.requested_by = holder_.name;
    command.request_id = order.id;
    work_->ordered = true;
    run(std::move(command));
}

} // namespace wac
