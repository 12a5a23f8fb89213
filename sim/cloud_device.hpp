// One `cloud` terminal's behaviour (cloud-json.md 1.1, 2, 5), without
// sockets. Over WebSocket, once it is linked:
//
//   greeting    registers, again and again until it is answered
//   online      answers commands, sends what waits: people, then punches; one
//               frame at a time, again until it is satisfied; checklives
//
// Over HTTP there is no link: every frame waits for its own answer, and
// commands come as answers to checklives.
#pragma once

#include "cloud_frames.hpp"
#include "cloud_statistics.hpp"
#include "live_device.hpp"
#include "punch_times.hpp"

#include <deque>

namespace wac::sim
{

enum class CloudKind { reg, enrolment, punches, checklive, result };

class CloudDevice final : public LiveDevice
{
  public:
    CloudDevice(const CloudOptions &options, const HostClock &clock,
                CloudStatistics &statistics, std::string sn,
                std::uint64_t number, Moment first_call);

    bool make_punch(Moment now) override;
    std::optional<LiveSending> next(Moment now) override;
    Moment wake_at() const override;
    void received(std::string_view text, Moment now) override;
    void failed(Moment now) override;
    bool finished(Moment now) const override;
    bool has_work() const override;

    const CloudTerminal &terminal() const { return terminal_; }

  private:
    static constexpr milliseconds kFirstPause{250};

    struct Waiting {
        CloudPunch punch;
        std::size_t logindex;
    };

    struct Answer {
        std::string text;
        Moment ready_at;
    };

    /** What the server is to acknowledge: always the same text. */
    struct Pending {
        CloudKind kind = CloudKind::punches;
        std::string text;
        std::size_t count = 0; // punches
        std::size_t logindex = 0;
        std::int64_t enrollid = 0;
        Moment first_sent_at;
        Moment send_at = Moment::max();    // first, or again
        Moment timeout_at = Moment::max(); // of the answer
        Moment copy_at = Moment::max();
        std::uint32_t copies = 0;   // still to be sent, whatever comes
        std::uint32_t awaited = 0;  // answers, on this link
        std::uint32_t timeouts = 0; // on this link
        bool sent = false;
        bool acked = false;
    };

    /** The sendlog that was acknowledged last. */
    struct Acked {
        std::size_t logindex = 0;
        std::size_t count = 0;
    };

    std::int64_t now_s(Moment now) const;
    void queue_punch(std::int64_t enrollid, std::int64_t time_s);
    bool something_waits() const;

    void on_linked(Moment now) override;
    void on_lost(Moment now) override;
    milliseconds next_pause() override;
    void hang_up(milliseconds pause, Moment now);

    // cloud_device_requests.cpp
    LiveSending send(CloudKind kind, std::string text);
    LiveSending send_reg(Moment now);
    LiveSending send_answer();
    LiveSending send_checklive(Moment now);
    std::optional<LiveSending> send_pending(Moment now);
    LiveSending transmit(Moment now);
    bool resend_wanted(Moment now);
    void make_pending(Moment now);
    Moment pending_at() const;
    void settle_pending();

    // cloud_device_answers.cpp
    bool fits(std::string_view ret) const;
    void take_answer(std::string_view ret, const json_t *object, Moment now);
    void reg_answered(const json_t *object, Moment now);
    void sendlog_answered(const json_t *object, Moment now);
    void senduser_answered(const json_t *object, Moment now);
    void pending_answered(bool satisfied, const json_t *object, Moment now);
    void acknowledge(Moment now);
    void refuse(const json_t *object);
    void set_clock(const json_t *object, Moment now);
    void take_command(std::string_view name, const json_t *object, Moment now);
    CloudOutcome outcome_of(std::string_view name, const json_t *object,
                            Moment now);

    const CloudOptions &options_;
    const HostClock &clock_;
    CloudStatistics &statistics_;
    CloudTerminal terminal_;
    PunchTimes punch_times_;

    std::deque<Waiting> punches_;
    std::deque<CloudEnrolment> enrolments_;
    std::deque<Answer> answers_;
    std::optional<Pending> pending_;
    std::optional<Acked> last_acked_;
    std::optional<std::int64_t> last_enrollid_; // of an acknowledged senduser

    std::optional<CloudKind> under_way_; // over HTTP
    bool reg_sent_ = false;              // on this link
    bool registered_ = false;
    std::int64_t last_user_ = 0; // who punched last
    std::uint64_t punch_number_ = 0;
    milliseconds back_off_;
    std::optional<milliseconds> interval_;
    Moment reg_at_;
    Moment reg_sent_at_;
    Moment send_at_; // of what waits
    Moment checklive_at_;
};

} // namespace wac::sim
