// A cloud terminal on a WebSocket (cloud-json.md 1): its messages are answered
// one after the other, in their order; beside that, commands go out to it one
// at a time. The two share the connection and nothing else: an answer to a
// command may come between any two messages.
//
//   messages   idle ──on_message()──▶ answering ──▶ idle, or the next waiting
//   commands   see CommandDelivery
//
// One session a connection. Registering makes it the terminal's session; the
// newest one of all processes wins.
#pragma once

#include "flow/cloud_exchange.hpp"
#include "flow/command_delivery.hpp"
#include "flow/exchange_driver.hpp"
#include "flow/inbox.hpp"
#include "flow/session.hpp"
#include "flow/session_registry.hpp"

#include <memory>
#include <string>

namespace wac::cloud
{

class Session final : public wac::Session,
                      private LiveSession,
                      private DeliveryOwner,
                      private ExchangeDriver<Exchange, Origin, Answer>::Owner
{
  public:
    Session(Peer &peer, SessionContext &context);
    ~Session() override;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void on_message(std::string message) noexcept override;
    void drain() noexcept override;
    bool registered() const noexcept override { return registration_.known(); }

  private:
    using Driver = ExchangeDriver<Exchange, Origin, Answer>;

    void take(std::string text);
    void take_waiting();
    bool belongs_here(const Message &message);
    void unanswerable();
    void converse(Message message, std::string text);
    void enter();
    bool answers_command(const Message &message);
    void end_if_drained() noexcept;
    void close(CloseCode code, std::string_view reason) noexcept;
    void log(LogLevel level, const std::string &text) noexcept;

    void on_answer(const Exchange &exchange, Answer answer) noexcept override;
    void on_command_waits() noexcept override;
    void on_replaced() noexcept override;

    // for the delivery
    DeliveryTarget target() const override;
    Result<std::unique_ptr<CommandTalk>>
    begin(const ClaimedCommand &command) override;
    bool quiet() const noexcept override;
    void send_frame(std::string frame) override;
    void on_not_approved() noexcept override;
    void on_delivery_note(LogLevel level,
                          const std::string &text) noexcept override;
    void on_delivery_rest() noexcept override;

    Peer &peer_;
    SessionContext &context_;
    Registration registration_;
    Inbox<std::string> inbox_;
    Driver driver_;
    CommandDelivery delivery_;
    std::int64_t entered_epoch_ = 0; // the registry knows it
    unsigned unanswerable_ = 0;      // frames in a row
    bool draining_ = false;
    bool closing_ = false;
};

} // namespace wac::cloud
