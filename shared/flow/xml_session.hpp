// An XML terminal on a WebSocket (biometric-xml.md): its messages are answered
// one after the other, in their order; beside that, requests go out to it, one
// at a time: an operator's commands, and between them what brings the logs
// that it kept. A terminal of dialect O gets none.
//
//   messages   idle ──on_message()──▶ answering ──▶ idle, or the next waiting
//   requests   see CommandDelivery and LogPull
//
// One session a connection. Login (Register in dialect O) makes it the
// terminal's session; the newest one of all processes wins.
#pragma once

#include "flow/command_delivery.hpp"
#include "flow/exchange_driver.hpp"
#include "flow/inbox.hpp"
#include "flow/session.hpp"
#include "flow/session_registry.hpp"
#include "flow/unanswered.hpp"
#include "flow/xml_exchange.hpp"
#include "flow/xml_faults.hpp"
#include "flow/xml_log_pull.hpp"

#include <memory>
#include <string>

namespace wac::xml
{

class Session final : public wac::Session,
                      private LiveSession,
                      private DeliveryOwner,
                      private LogPullOwner,
                      private ExchangeDriver<Exchange, Origin, Answer>::Owner
{
  public:
    Session(Peer &peer, SessionContext &context);
    ~Session() override;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void on_message(std::string message) noexcept override;
    void drain() noexcept override;
    bool registered() const noexcept override
    {
        return registration_.logged_in();
    }
    SessionTraits traits() const noexcept override;

  private:
    using Driver = ExchangeDriver<Exchange, Origin, Answer>;

    void take_waiting();
    void take(std::string text);
    void take_fault(const Fault &fault, std::string text);
    bool keep_log(const Fault &fault, std::string &text);
    void take_response(const Message &message, std::string_view text);
    bool answers_command(const Message &message);
    Exchange &open(std::string text);
    void converse(Message message, std::string text);
    void enter();
    void pull_logs();
    bool at_rest() const noexcept;
    void end_if_drained() noexcept;
    void close(CloseCode code, std::string_view reason) noexcept;
    void log(LogLevel level, const std::string &text) noexcept;
    void log(LogLevel level, const std::string &text,
             const std::string &sn) noexcept;

    void on_answer(const Exchange &exchange, Answer answer) noexcept override;
    void on_command_waits() noexcept override;
    void on_replaced() noexcept override;

    // for the delivery; send_frame also for the logs
    DeliveryTarget target() const override;
    Result<std::unique_ptr<CommandTalk>>
    begin(const ClaimedCommand &command) override;
    bool quiet() const noexcept override;
    void send_frame(std::string frame) override;
    std::uint64_t wait_ms(const CommandTalk &talk) const override;
    void on_silence(const CommandTalk &talk) override;
    void on_not_approved() noexcept override;
    void on_delivery_note(LogLevel level,
                          const std::string &text) noexcept override;
    void on_delivery_rest() noexcept override;

    // for the logs
    bool may_pull() const noexcept override;
    void on_pull_note(LogLevel level,
                      const std::string &text) noexcept override;
    void on_pull_given_up(std::string_view request) override;

    Peer &peer_;
    SessionContext &context_;
    Registration registration_;
    Faults faults_;
    Unanswered unanswered_; // requests
    Inbox<std::string> inbox_;
    Driver driver_;
    CommandDelivery delivery_;
    LogPull pull_;
    std::int64_t entered_epoch_ = 0; // the registry knows it
    bool draining_ = false;
    bool closing_ = false;
};

} // namespace wac::xml
