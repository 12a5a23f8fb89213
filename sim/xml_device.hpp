// One XML terminal's behaviour (biometric-xml.md 1 to 3), without sockets.
// Once it is linked:
//
//   registering  has no token: asks for one; in dialect O always, and then it
//                is online
//   logging_in   shows its token; one that is unknown is dropped, and it
//                registers again
//   online       logs, one at a time and the same one until it is answered
//                OK; KeepAlives; answers requests
//
// A refusal ends the link, silence too; it calls again after a pause.
#pragma once

#include "live_device.hpp"
#include "punch_times.hpp"
#include "xml_execute.hpp"
#include "xml_statistics.hpp"

#include <deque>

namespace wac::sim
{

/** What all terminals of a run have in common. */
struct XmlShared {
    const XmlOptions &options;
    const HostClock &clock;
    XmlStatistics &statistics;
    Tokens &tokens; // by terminal
    xml::Decoder &decoder;
};

class XmlDevice final : public LiveDevice
{
  public:
    XmlDevice(const XmlShared &shared, std::string sn, std::uint64_t number,
              Moment first_call);

    bool make_punch(Moment now) override;
    std::optional<LiveSending> next(Moment now) override;
    Moment wake_at() const override;
    void received(std::string_view text, Moment now) override;
    bool has_work() const override;

    const XmlTerminal &terminal() const { return terminal_; }

    /** For an answer to Register or Login. */
    static constexpr std::chrono::seconds kPatience{15};

  private:
    static constexpr milliseconds kFirstPause{250};

    enum class Step { registering, logging_in, online };

    struct Answer {
        std::string text;
        Moment ready_at;
    };

    /** What the server is to acknowledge: always the same text. */
    struct Pending {
        bool admin = false;
        std::int64_t log_id = 0;
        std::string text;
        Moment first_sent_at;
        Moment send_at = Moment::max();    // first, or again
        Moment timeout_at = Moment::max(); // of the answer
        std::uint32_t timeouts = 0;        // on this link
        bool sent = false;
        bool acked = false; // and sent again nevertheless
    };

    void on_linked(Moment now) override;
    void on_lost(Moment now) override;
    milliseconds next_pause() override { return options_.reconnect; }

    bool is_message() const;
    std::int64_t now_s(Moment now) const;
    void queue_punch(std::int64_t user_id, std::int64_t time_s);
    void queue_admin_log(XmlAdminLog log);
    void expect_answer(Moment now);
    bool is_late(Moment now);
    LiveSending greet(Moment now);
    LiveSending send_answer(Moment now);
    LiveSending send_keepalive(Moment now);
    void make_pending(Moment now);
    std::optional<LiveSending> send_pending(Moment now);

    // xml_device_answers.cpp
    void take_response(const xml::Message &message, Moment now);
    void take_operation_response(const xml::Message &message, Moment now);
    void register_answered(const xml::Message &message, Moment now);
    void login_answered(const xml::Message &message, Moment now);
    void keepalive_answered(const xml::Message &message);
    bool is_for_pending(const xml::Message &message) const;
    void pending_answered(const xml::Message &message, Moment now);
    void acknowledge(Moment now);
    bool succeeded(const xml::Message &message) const;
    void refuse(std::string_view name, const xml::Message &message);
    void come_online(Moment now);
    void take_request(const xml::Message &message, Moment now);
    XmlOutcome outcome_of(const xml::Message &message, Moment now);

    const XmlOptions &options_;
    const HostClock &clock_;
    XmlStatistics &statistics_;
    Tokens &tokens_;
    xml::Decoder &decoder_;
    XmlTerminal terminal_;
    PunchTimes punch_times_;
    std::deque<std::size_t> punches_; // that wait, by index of the log
    std::deque<XmlAdminLog> admin_logs_;
    std::deque<Answer> answers_;
    std::optional<Pending> pending_;
    std::int64_t last_user_ = 0; // who punched last
    std::int64_t admin_number_ = 0;
    std::uint64_t punch_number_ = 0;
    std::deque<std::string> keepalive_times_; // as sent, not answered yet
    milliseconds refusal_pause_ = kFirstPause;
    Step step_ = Step::registering;
    bool asked_ = false; // Register or Login, on this link
    bool restarts_ = false;
    Moment asked_at_;
    Moment deadline_ = Moment::max();
    Moment keepalive_at_ = Moment::max();
    Moment restart_at_ = Moment::max();
};

} // namespace wac::sim
