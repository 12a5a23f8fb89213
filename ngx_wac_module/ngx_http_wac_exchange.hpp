// The driver of one request's exchange, the same for every dialect: it grants
// the exchange's wishes, sees the client go and the deadline pass, and ends
// the request. What the messages are is the dialect's Dialogue.
#pragma once

#include "ngx_cxx.hpp"
#include "ngx_http_wac_process.hpp"
#include "ngx_http_wac_request.hpp"

#include "base/bytes.hpp"
#include "flow/exchange_step.hpp"
#include "proto/device.hpp"

#include <memory>
#include <optional>
#include <type_traits>
#include <variant>

namespace wac::ngx
{

/** What an exchange wants next; a note is its end: reply() is ready. */
using Wish = std::variant<Run, TakeIn, AnswerNote>;

/** A dialect's part in one request. */
class Dialogue
{
  public:
    virtual ~Dialogue() = default;

    /** `body` outlives the dialogue. */
    virtual Wish start(Bytes body) = 0;
    virtual Wish resume(const Result<Outcome> &outcome) = 0;
    virtual Wish expire() = 0;

    /** Who asks for what, for a log line; "" if that is not fit for one. */
    virtual std::string_view device() const noexcept = 0;
    virtual std::string_view request() const noexcept = 0;

    /** After the end: fills in the request's variables and sends the answer;
     *  what it returns is to finalize the request with. */
    virtual ngx_int_t reply() noexcept = 0;
};

/** An exchange's step as a wish; its answer is put by in `answer`. */
template <typename Step, typename Answer>
Wish wish_of(Step step, std::optional<Answer> &answer)
{
    return std::visit(
        [&](auto &next) -> Wish {
            using Next = std::remove_cvref_t<decltype(next)>;
            if constexpr (std::is_same_v<Next, Answer>) {
                answer.emplace(std::move(next));
                return std::move(static_cast<AnswerNote &>(*answer));
            } else {
                return std::move(next);
            }
        },
        step);
}

/** Makes the dialogue of a request whose context and process are these. */
using MakeDialogue = std::unique_ptr<Dialogue> (*)(ngx_http_request_t *r,
                                                   ngx_http_wac_ctx_t *ctx,
                                                   Process &process);

/** The body is here: the rest of a body handler. It holds the one reference
 *  that ngx_http_read_client_request_body() took; the end of the exchange, or
 *  this on failure, gives it back. */
void begin_exchange(ngx_http_request_t *r, MakeDialogue make) noexcept;

/** The terminal's address as text, "" behind a Unix socket. */
std::string_view peer_address(const ngx_http_request_t *r) noexcept;

inline Enrolment enrolment(ngx_http_request_t *r) noexcept
{
    return static_cast<Enrolment>(ngx_http_wac_loc_conf(r)->enrolment);
}

} // namespace wac::ngx
