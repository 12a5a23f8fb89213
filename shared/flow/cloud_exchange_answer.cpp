// What a cloud terminal hears (cloud-json.md 2, 2.7, 5): the keys of every
// answer, as firmware of its channel expects them. On /api/device-http they
// are exactly those that the specification prints.
#include "flow/cloud_exchange.hpp"

#include <utility>

namespace wac::cloud
{

namespace
{

// how often a terminal on pub_api shall ask, unless it is set for it
constexpr std::int64_t kTrySeconds = 60;

/** The first time that a message names. */
std::optional<TimeText> time_in(const json_t *message)
{
    if (auto time = parse_time(text_of(field(message, "time")))) {
        return time;
    }
    const json_t *devinfo = field(message, "devinfo");
    if (auto time = parse_time(text_of(field(devinfo, "time")))) {
        return time;
    }
    const auto records = record_elements(message);
    return records.empty()
               ? std::nullopt
               : parse_time(text_of(field(records.front(), "time")));
}

} // namespace

// As the terminal writes its own.
TimeStyle Exchange::time_style() const
{
    if (origin_.channel != Channel::device_api) {
        return TimeStyle::blank;
    }
    const auto time = time_in(message_.object.get());
    return time ? time->style : TimeStyle::iso;
}

void Exchange::add_cloudtime(Reply &reply) const
{
    const TimeStyle style = time_style();
    const std::int64_t now =
        clock_() + (style == TimeStyle::iso ? 0 : registration_.offset_us);
    reply.text("cloudtime",
               format_time(WallTime::from_since_2000_us(now), style));
}

Reply Exchange::begin_reply(bool result) const
{
    return {message_.name, result};
}

// No access rule exists yet: whoever the terminal knows may pass.
std::int64_t Exchange::access() const
{
    return received_ == 0 || people_ ? 1 : 0;
}

Step Exchange::accept()
{
    const json_t *const message = message_.object.get();
    const bool exact = origin_.channel == Channel::device_api;
    Reply reply = begin_reply(!is(Verb::declined));
    if (message_.kind == Kind::reply) {
        add_cloudtime(reply);
        return answer(reply.encode(), true);
    }
    switch (verb_) {
    case Verb::reg:
        add_cloudtime(reply);
        if (!registration_.options.minimal_reg) {
            reply.flag("nosenduser", registration_.options.nosenduser);
        }
        if (origin_.channel == Channel::pub_api &&
            !registration_.options.minimal_reg) {
            reply.number(
                "tryseconds",
                registration_.options.tryseconds.value_or(kTrySeconds));
        }
        break;
    case Verb::sendlog:
        reply.number("count", static_cast<std::int64_t>(received_));
        if (!exact) {
            reply.echo("logindex", field(message, "logindex"));
        }
        add_cloudtime(reply);
        reply.number("access", access());
        if (origin_.channel == Channel::pub_api) {
            reply.flag("mark", true);
        }
        break;
    case Verb::senduser:
        if (!exact) {
            reply.echo("enrollid", field(message, "enrollid"));
            reply.echo("backupnum", field(message, "backupnum"));
        }
        add_cloudtime(reply);
        break;
    case Verb::sendqrcode: // nobody has said whom a code lets in
        reply.number("access", 0).text("message", "unknown code");
        break;
    case Verb::sendgps:
        if (on_socket()) {
            return answer({}, true);
        }
        break;
    case Verb::declined:
        reply.text("reason", "not supported");
        break;
    case Verb::checklive:
    case Verb::other:
        add_cloudtime(reply);
        break;
    }
    return answer(reply.encode(), true);
}

Step Exchange::bad_frame(unsigned status, std::string_view reason)
{
    const Json body(json_pack("{s:b,s:s%}", "result", 0, "reason",
                              reason.data(), reason.size()));
    note_ = reason;
    Step step =
        answer(on_socket() ? std::string() : json_text(body.get()), false);
    Answer &end = std::get<Answer>(step);
    end.status = status;
    end.sighting.reset();
    return step;
}

Step Exchange::refuse(std::string_view reason, Whose row)
{
    records_ = 0;
    Reply reply = begin_reply(false);
    reply.text("reason", reason);
    note_ = "refused: " + std::string(reason);
    note_level_ = LogLevel::info;
    Step step = answer(reply.encode(), false);
    Answer &end = std::get<Answer>(step);
    if (row != Whose::nobody) {
        end.sighting->refusal = message_.name + " refused: ";
        end.sighting->refusal += reason;
        end.sighting->impostor = row == Whose::impostor;
        if (end.sighting->impostor) {
            end.sighting->addr.clear();
        }
    } else {
        end.sighting.reset();
    }
    return step;
}

Step Exchange::refuse_state(std::optional<DeviceState> state)
{
    if (!state) {
        return refuse("did not reg", Whose::nobody);
    }
    return refuse(*state == DeviceState::pending ? "waits for approval"
                                                 : "blocked",
                  Whose::device);
}

// That the database is away is logged by its pool, once.
Step Exchange::try_again(const Error &error)
{
    note_ = error.text;
    note_level_ = error.code == ErrorCode::rejected      ? LogLevel::error
                  : error.code == ErrorCode::unavailable ? LogLevel::debug
                                                         : LogLevel::info;
    records_ = 0;
    Reply reply = begin_reply(false);
    if (is(Verb::sendlog) || is(Verb::senduser)) {
        reply.number("reason", 1);
    } else {
        reply.text("reason", "try again");
    }
    Step step = answer(reply.encode(), false);
    Answer &end = std::get<Answer>(step);
    end.status = 503;
    end.sighting.reset();
    return step;
}

Step Exchange::expire()
{
    return try_again({ErrorCode::timed_out,
                      "the database did not answer within the timeout"});
}

Sighting Exchange::sighting() const
{
    Sighting sighting;
    sighting.sn = sn_;
    sighting.addr = origin_.addr;
    sighting.zone = origin_.zone;
    sighting.connected = on_socket();
    if (is(Verb::checklive)) {
        if (const auto time = time_in(message_.object.get())) {
            sighting.device_time = time->wall;
        }
    }
    return sighting;
}

Step Exchange::answer(std::string body, bool accepted)
{
    state_ = State::replied;
    Answer end;
    end.body = std::move(body);
    end.accepted = accepted;
    end.records = records_;
    end.note = std::move(note_);
    end.note_level = note_level_;
    end.trans_id = trans_id_;
    end.sighting = sighting();
    return end;
}

} // namespace wac::cloud
