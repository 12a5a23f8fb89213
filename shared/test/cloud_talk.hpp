// One message of a cloud terminal talked through with the exchange: what it
// wishes, and the outcomes it is told.
#pragma once

#include "fk_talk.hpp"

#include "flow/cloud_exchange.hpp"

namespace wac::test
{

/** 2026-03-02 07:30:00 in UTC: always, to these tests. */
inline constexpr WallTime kNow{2026, 3, 2, 7, 30, 0};
inline std::int64_t stopped_clock() noexcept
{
    return kNow.since_2000_us();
}

/** What the database knows of terminal ZX1, whose clock is an hour ahead. */
inline DeviceIdentity zx1()
{
    DeviceIdentity identity;
    identity.sn = "ZX1";
    identity.seen = true;
    identity.now = {2026, 3, 2, 8, 30, 2};
    return identity;
}

inline Result<Outcome> identified_as(DeviceIdentity identity,
                                     DeviceState state = DeviceState::approved,
                                     bool command_waits = false)
{
    Outcome outcome;
    outcome.state = state;
    outcome.command_waits = command_waits;
    outcome.detail =
        std::make_shared<const Outcome::Detail>(std::move(identity));
    return outcome;
}

struct CloudTalk {
    explicit CloudTalk(std::string_view json,
                       cloud::Channel channel = cloud::Channel::socket,
                       Enrolment policy = Enrolment::approve)
        : text(json)
    {
        origin.channel = channel;
        origin.policy = policy;
        origin.addr = "192.0.2.9";
        origin.worker = "here-1";
    }

    /** A socket whose terminal has registered. */
    CloudTalk &registered()
    {
        registration.identity = zx1();
        registration.epoch = 7;
        registration.offset_us = 3600LL * 1000000;
        registration.read_at_us = stopped_clock();
        return *this;
    }

    cloud::Step start()
    {
        exchange.emplace(origin, registration, stopped_clock);
        return exchange->start(as_bytes(text));
    }

    cloud::Step resume(const Result<Outcome> &outcome)
    {
        return exchange->resume(outcome);
    }

    std::string text;
    cloud::Origin origin;
    cloud::Registration registration;
    std::optional<cloud::Exchange> exchange;
};

template <typename Kind>
const Kind *wish(const cloud::Step &step)
{
    const auto *const run = std::get_if<Run>(&step);
    return run ? std::get_if<Kind>(run->operation) : nullptr;
}

inline std::string body(const cloud::Step &step)
{
    const auto *const answer = std::get_if<cloud::Answer>(&step);
    return answer ? answer->body : "(no answer)";
}

inline unsigned status(const cloud::Step &step)
{
    const auto *const answer = std::get_if<cloud::Answer>(&step);
    return answer ? answer->status : 0;
}

} // namespace wac::test
