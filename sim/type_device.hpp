// One device of the `type` dialect (cloud-json.md 6), without sockets. Once it
// is linked:
//
//   greeting  sends its register; `error` or silence end the link
//   online    telemetry in its interval, and whatever else is to be reported;
//             pongs, and carries out commands
//
// Telemetry and events have no answer. Frames of a link are handled in order,
// so a pong says that all before its ping were taken: those that no pong has
// confirmed are sent again over the next link, and may then come twice. An
// error before the pong says that one of them was not.
#pragma once

#include "codec/json.hpp"
#include "live_device.hpp"
#include "type_options.hpp"
#include "type_statistics.hpp"

#include <deque>

namespace wac::sim
{

class TypeDevice final : public LiveDevice
{
  public:
    TypeDevice(const TypeOptions &options, TypeStatistics &statistics,
               Tell tell, std::string sn, std::uint64_t number,
               Moment first_call);

    bool make_punch(Moment now) override;
    std::optional<LiveSending> next(Moment now) override;
    Moment wake_at() const override;
    void received(std::string_view text, Moment now) override;
    bool has_work() const override;

    /** For an answer to a register or a ping. */
    static constexpr std::chrono::seconds kPatience{10};
    static constexpr int kLongestPause = 30; // times the first one

  private:
    struct Message {
        std::string text;
        Moment sent_at;
        bool sent = false; // once or oftener
    };

    struct Later {
        std::string text;
        Moment at;
    };

    void on_linked(Moment now) override;
    void on_lost(Moment now) override;
    milliseconds next_pause() override;

    void queue(std::string text);
    void queue_report();
    void queue_what_is_due(Moment now);
    bool is_late(Moment now);
    bool ping_due() const;
    LiveSending send_register(Moment now);
    LiveSending send_message(Moment now);
    LiveSending send_ping(Moment now);

    void registered(const json_t *frame, Moment now);
    void ponged(Moment now);
    void refused(const json_t *frame);
    void take_command(const json_t *frame, Moment now);

    const TypeOptions &options_;
    TypeStatistics &statistics_;
    Tell tell_;
    std::deque<Message> unsent_;
    std::deque<Message> unconfirmed_;
    std::deque<Later> later_;    // events about commands
    std::size_t confirming_ = 0; // of unconfirmed_, by the ping under way
    std::size_t refusals_ = 0;   // since the last pong
    std::size_t pongs_owed_ = 0;
    std::uint64_t number_ = 0; // of reports
    int pauses_ = 0;           // since the last registration
    bool register_sent_ = false;
    bool registered_ = false;
    Moment asked_at_;                 // the register or the ping
    Moment deadline_ = Moment::max(); // of its answer
    Moment telemetry_at_ = Moment::max();
};

} // namespace wac::sim
