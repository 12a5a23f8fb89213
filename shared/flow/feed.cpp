#include "flow/feed.hpp"

#include <algorithm>
#include <utility>

namespace wac
{

namespace
{

constexpr std::uint64_t kReviewMs = 20000;
constexpr std::int64_t kPage = 500;
constexpr std::int32_t kDevicesPage = 1000;

// of what waits for one peer
constexpr std::size_t kMuch = 256U << 10;     // pages wait
constexpr std::size_t kTooMuch = 2U << 20;    // telemetry is dropped
constexpr std::size_t kEnough = 8U << 20;     // the subscription ends
constexpr std::size_t kPeerLimit = 16U << 20; // its peer's own
constexpr std::size_t kPeerMessages = 1U << 20;

SharedMessage frame_of(const db::FeedRow &row)
{
    if (row.type == "telemetry") {
        return std::make_shared<const std::string>(
            type::telemetry(row.sn, row.payload, row.at_us, row.id));
    }
    if (row.type == "event") {
        return std::make_shared<const std::string>(type::event(
            row.sn, row.event_type, row.payload, row.at_us, row.id));
    }
    const Json payload = load_json(row.payload);
    return std::make_shared<const std::string>(type::device_status(
        row.sn, json_string(payload.get(), "status"), row.at_us, row.id));
}

} // namespace

// ---- the process's --------------------------------------------------------

void Feed::join(Subscription &subscription)
{
    subscriptions_.push_back(&subscription);
    if (subscriptions_.size() > 1) {
        return;
    }
    reader_.listen(*this);
    if (!review_) {
        review_ = loop_.timer(*this, db::TimerKind::idle);
    }
    review_->arm(kReviewMs);
}

void Feed::leave(Subscription &subscription) noexcept
{
    subscriptions_.erase(std::remove(subscriptions_.begin(),
                                     subscriptions_.end(), &subscription),
                         subscriptions_.end());
    if (subscriptions_.empty()) {
        reader_.pause();
        review_->disarm();
    }
}

void Feed::on_feed_rows(std::vector<db::FeedRow> rows) noexcept
{
    for (const db::FeedRow &row : rows) {
        SharedMessage frame;
        for (Subscription *const subscription : subscriptions_) {
            subscription->on_event(row, frame);
        }
    }
}

// Tokens that were revoked or have expired end what they had begun.
void Feed::on_wake() noexcept
{
    review_->arm(kReviewMs);
    if (asked_ || subscriptions_.empty()) {
        return;
    }
    db::AskLapsedTokens question;
    for (const Subscription *const subscription : subscriptions_) {
        question.token_hashes.push_back(subscription->token_hash());
    }
    std::sort(question.token_hashes.begin(), question.token_hashes.end());
    question.token_hashes.erase(
        std::unique(question.token_hashes.begin(), question.token_hashes.end()),
        question.token_hashes.end());
    asked_ = true;
    reader_.ask(*this, std::move(question));
}

void Feed::on_feed_answer(db::FeedAnswer answer) noexcept
{
    asked_ = false;
    for (const std::string &hash : answer.lapsed) {
        for (Subscription *const subscription : subscriptions_) {
            if (subscription->token_hash() == hash) {
                subscription->lapse();
            }
        }
    }
}

// ---- one listener's -------------------------------------------------------

Subscription::Subscription(Feed &feed, Peer &peer, type::Subscription wanted,
                           std::string token_hash, SubscriptionOwner &owner)
    : feed_(feed), peer_(peer), wanted_(std::move(wanted)),
      token_hash_(std::move(token_hash)), owner_(owner)
{
    feed_.join(*this);
    asked_ = true;
    feed_.reader().ask(*this, db::AskFeedPosition{wanted_.since_us});
}

Subscription::~Subscription()
{
    feed_.reader().forget(*this);
    feed_.leave(*this);
}

SessionTraits Subscription::traits() noexcept
{
    SessionTraits traits;
    traits.queued_bytes = kPeerLimit;
    traits.queued_messages = kPeerMessages;
    traits.may_be_silent = true;
    return traits;
}

void Subscription::lapse() noexcept
{
    end(CloseCode::unauthorized, "the token is not valid any more");
}

void Subscription::end(CloseCode code, std::string_view reason) noexcept
{
    if (state_ != State::ended) {
        state_ = State::ended;
        owner_.on_subscription_end(code, reason);
    }
}

bool Subscription::wants_status() const
{
    return wanted_.types.empty() ||
           std::binary_search(wanted_.types.begin(), wanted_.types.end(),
                              "device_status");
}

void Subscription::on_feed_answer(db::FeedAnswer answer) noexcept
{
    asked_ = false;
    switch (state_) {
    case State::placing:
        placed(answer.position);
        owner_.on_subscription_placed();
        break;
    case State::introducing:
        introduce(answer.devices);
        break;
    case State::catching_up:
        for (const db::FeedRow &row : answer.rows) {
            SharedMessage frame;
            deliver(row, frame);
        }
        position_ = std::max(position_, read_upto_);
        go_on();
        break;
    case State::live:
    case State::ended:
        break;
    }
}

void Subscription::placed(const db::FeedPosition &position)
{
    position_ = wanted_.since_us ? position.before : position.last;
    if (wanted_.since_id) {
        position_ = std::min(*wanted_.since_id, position.last);
        if (*wanted_.since_id > position.last) {
            peer_.send(type::error("bad_since", "the feed has not come there"));
        } else if (position_ + 1 < position.first &&
                   position_ < position.last) {
            peer_.send(type::error("since_too_old",
                                   "events before " +
                                       std::to_string(position.first) +
                                       " are not kept any more"));
            position_ = position.first - 1;
        }
    }
    if (wanted_.since_id || wanted_.since_us || !wants_status()) {
        go_on();
        return;
    }
    state_ = State::introducing;
    ask_devices();
}

void Subscription::introduce(const std::vector<db::FeedDevice> &devices)
{
    for (const db::FeedDevice &device : devices) {
        peer_.send(std::make_shared<const std::string>(
            type::device_status(device.sn, device.status, device.at_us)));
        after_sn_ = device.sn;
    }
    if (devices.size() < kDevicesPage) {
        go_on();
    } else {
        ask_devices();
    }
}

void Subscription::ask_devices()
{
    if (peer_.queued_bytes() >= kMuch) {
        paused_ = true;
        return;
    }
    asked_ = true;
    feed_.reader().ask(
        *this, db::AskFeedDevices{after_sn_, wanted_.devices, kDevicesPage});
}

// Live from where the process's own reading is: what it has not seen yet comes
// to all by on_event().
void Subscription::go_on()
{
    const auto last = feed_.reader().last();
    if (state_ == State::ended) {
        return;
    }
    state_ = State::catching_up;
    if (last && position_ >= *last) {
        state_ = State::live;
    } else if (peer_.queued_bytes() >= kMuch) {
        paused_ = true;
    } else {
        catch_up();
    }
}

void Subscription::catch_up()
{
    const auto last = feed_.reader().last();
    read_upto_ = last ? std::min(position_ + kPage, *last) : position_;
    db::AskFeedRows question;
    question.after = position_;
    question.upto = read_upto_;
    question.since_us = wanted_.since_us;
    question.devices = wanted_.devices;
    asked_ = true;
    feed_.reader().ask(*this, std::move(question));
}

void Subscription::on_written()
{
    if (!std::exchange(paused_, false) || asked_) {
        return;
    }
    if (state_ == State::introducing) {
        ask_devices();
    } else if (state_ == State::catching_up) {
        go_on();
    }
}

void Subscription::on_event(const db::FeedRow &row, SharedMessage &frame)
{
    if (state_ == State::live) {
        deliver(row, frame);
    }
}

void Subscription::deliver(const db::FeedRow &row, SharedMessage &frame)
{
    if (state_ == State::ended || row.id <= position_) {
        return;
    }
    position_ = row.id;
    if (!wanted_.takes(row.sn, row.type, row.event_type)) {
        return;
    }
    const std::size_t queued = peer_.queued_bytes();
    if (queued >= kEnough) {
        end(CloseCode::policy, "too slow for what it subscribed to");
        return;
    }
    if (queued >= kTooMuch && row.type == "telemetry") {
        ++lost_;
        return;
    }
    if (!frame) {
        frame = frame_of(row);
    }
    peer_.send(frame);
}

} // namespace wac
