// One FK request talked through with the exchange: what it wishes, and the
// outcomes it is told.
#pragma once

#include "flow/fk_exchange.hpp"

namespace wac::test
{

inline Result<Outcome> state(std::optional<DeviceState> s)
{
    return Outcome{s};
}

inline Result<Outcome> error(ErrorCode code)
{
    return failure(code, "it said so");
}

/** An approved device's outcome with something in it. */
template <typename Detail>
Result<Outcome> approved_with(Detail detail)
{
    Outcome outcome;
    outcome.state = DeviceState::approved;
    outcome.detail = std::make_shared<const Outcome::Detail>(std::move(detail));
    return outcome;
}

// One request of device D1.
struct Talk {
    explicit Talk(std::string_view request_code, std::string_view json = {},
                  Enrolment policy = Enrolment::approve)
        : body(json.empty() ? "" : fk::encode_body(json))
    {
        head.request_code = request_code;
        head.dev_id = "D1";
        origin.policy = policy;
        origin.addr = "192.0.2.9";
    }

    fk::Step start()
    {
        exchange.emplace(head, origin, as_bytes(body), memory);
        return exchange->start();
    }

    fk::Step resume(const Result<Outcome> &outcome)
    {
        return exchange->resume(outcome);
    }

    fk::RequestHead head;
    fk::Origin origin;
    std::string body;
    DeviceMemory memory;
    std::optional<fk::Exchange> exchange;
};

template <typename Kind>
const Kind *wish(const fk::Step &step)
{
    const auto *const run = std::get_if<Run>(&step);
    return run ? std::get_if<Kind>(run->operation) : nullptr;
}

inline std::string code(const fk::Step &step)
{
    const auto *const answer = std::get_if<fk::Answer>(&step);
    return answer ? std::string(answer->reply.response_code) : "(no answer)";
}

} // namespace wac::test
