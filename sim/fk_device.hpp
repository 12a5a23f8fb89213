// One terminal's behaviour (fk-http.md section 9), without sockets: asked
// what it sends next, told what came back. One request at a time:
//
//   drain   waiting enrolments and punches, oldest first; one that was not
//           answered OK stays first and is repeated after a pause that grows
//   poll    when nothing waits, or after a failure
//   upload  the result of the command that the poll brought, part by part;
//           then it polls again at once
//   idle    until the interval has passed, or something new waits
//
// A closed device polls no more: it drains what waits, for 10 s at most.
#pragma once

#include "dice.hpp"
#include "endpoint.hpp"
#include "fk_options.hpp"
#include "fk_statistics.hpp"
#include "fk_terminal.hpp"
#include "host_clock.hpp"
#include "http_exchange.hpp"
#include "punch_times.hpp"

namespace wac::sim
{

enum class FkKind { punch, enrolment, poll, result, foreign_result };

/** A request that is to be sent now. */
struct FkSending {
    FkKind kind;
    std::string bytes;
    SendPlan plan;
    bool twice = false; // on a second connection at the same time
    std::string label;  // for people
};

class FkDevice
{
  public:
    FkDevice(const FkOptions &options, const HostClock &clock,
             FkStatistics &statistics, Endpoint endpoint, std::string sn,
             std::uint64_t number, Moment first_call);

    /** Somebody punches. False: nobody can, or the log is full. */
    bool make_punch(Moment now);

    /** What to send now. Then answered() or failed() follows, and only after
     *  that the next next(). Nothing: ask again at wake_at(). */
    std::optional<FkSending> next(Moment now);
    Moment wake_at() const;

    void answered(const fk::Reply &reply, Moment now);
    void failed(Moment now);

    void close(Moment now);
    bool closed() const { return closed_; }
    bool finished(Moment now) const;

    const Endpoint &endpoint() const { return endpoint_; }
    const FkTerminal &terminal() const { return terminal_; }

    static constexpr std::chrono::seconds kDrainLimit{10};

  private:
    struct Upload {
        std::string task_id;
        std::string return_code;
        std::string body;
        Moment ready_at;
        std::size_t part = 0;
        bool repeated = false; // this part, by fault
    };

    std::int64_t now_s(Moment now) const;
    bool something_waits() const;
    bool queue_punch(std::int64_t time_s);

    fk::Request request_of(const char *code, const char *task_id,
                           std::string body) const;
    FkSending sending(FkKind kind, const fk::Request &request);
    FkSending send_punch();
    FkSending send_enrolment();
    FkSending send_poll(Moment now);
    FkSending send_part();
    FkSending send_foreign_result();

    void punch_answered(bool ok, Moment now);
    void enrolment_answered(bool ok, Moment now);
    void drained_or_failed(bool ok, bool empty, Moment now);
    void poll_answered(const fk::Reply &reply, Moment now);
    void take_command(const fk::Reply &reply, Moment now);
    void part_answered(bool ok, Moment now);
    void idle(Moment now);
    void restart(Moment now);

    const FkOptions &options_;
    const HostClock &clock_;
    FkStatistics &statistics_;
    Endpoint endpoint_;
    FkTerminal terminal_;
    PunchTimes punch_times_;
    Dice dice_;

    std::deque<FkPunch> punches_;
    bool first_punch_was_sent_ = false;
    std::deque<std::string> enrolments_; // user ids
    std::optional<FkPunch> resend_;      // acknowledged, and sent again
    bool foreign_ = false;               // a result nobody asked for is due
    std::optional<Upload> upload_;

    std::optional<FkKind> under_way_;
    std::string last_user_; // who punched last
    std::uint64_t punch_number_ = 0;
    std::uint64_t polls_ = 0;
    bool poll_at_once_ = false;
    bool closed_ = false;
    milliseconds interval_;
    milliseconds back_off_;
    Moment asleep_until_;
    Moment poll_at_;
    Moment retry_at_;
    Moment drain_until_;
};

} // namespace wac::sim
