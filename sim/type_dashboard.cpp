#include "type_dashboard.hpp"

#include "type_frames.hpp"

namespace wac::sim
{

TypeDashboard::TypeDashboard(const DashboardOptions &options,
                             TypeStatistics &statistics, Tell tell,
                             std::string name, std::uint64_t number,
                             Moment first_call)
    : LiveDevice(options, statistics, std::move(name), number, first_call),
      options_(options), statistics_(statistics), tell_(std::move(tell)),
      since_(options.since), asked_at_(first_call)
{
}

void TypeDashboard::on_linked(Moment now)
{
    step_ = Step::subscribe;
    subscribed_ = false;
    pongs_owed_ = 0;
    asked_at_ = now;
}

std::optional<LiveSending> TypeDashboard::next(Moment now)
{
    if (!may_send(now)) {
        return std::nullopt;
    }
    if (pongs_owed_ > 0) {
        --pongs_owed_;
        return sending(type_signal("pong"));
    }
    switch (step_) {
    case Step::subscribe:
        step_ = Step::ping;
        asked_at_ = now;
        return sending(type_subscribe(options_, since_));
    case Step::ping:
        step_ = Step::orders;
        return sending(type_signal("ping"));
    case Step::orders:
        if (subscribed_ && orders_sent_ < options_.orders.size()) {
            ++statistics_.punches_sent;
            return sending(type_order(options_.orders[orders_sent_++]));
        }
        step_ = subscribed_ ? Step::watch : step_;
        break;
    case Step::watch:
        break;
    }
    return std::nullopt;
}

void TypeDashboard::received(std::string_view text, Moment now)
{
    if (closed()) {
        return; // it has seen as many as it wanted
    }
    const Json frame(json_loadb(text.data(), text.size(), 0, nullptr));
    const std::string_view type = json_string(frame.get(), "type");
    if (type.empty()) {
        ++statistics_.errors;
        return;
    }
    count(statistics_.frames, type);
    if (type == "ping") {
        ++statistics_.pings;
        pongs_owed_ += options_.manner.pongs;
    } else if (type == "error") {
        count(statistics_.refused, json_string(frame.get(), "code"));
        show(frame.get(), now);
    } else {
        let_in(now);
        if (type != "pong") {
            show(frame.get(), now);
        }
    }
}

void TypeDashboard::let_in(Moment now)
{
    if (!subscribed_) {
        subscribed_ = true;
        registration_answered(asked_at_, now);
    }
}

void TypeDashboard::show(const json_t *frame, Moment now)
{
    if (const json_t *id = json_object_get(frame, "id"); json_is_integer(id)) {
        since_ = std::to_string(json_integer_value(id));
    }
    if (tell_) {
        tell_(options_.json ? json_text(frame) : type_line(frame));
    }
    if (++shown_ == options_.punches.value_or(0)) {
        close(now);
    }
}

} // namespace wac::sim
