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
#include "flow/session.hpp"
#include "flow/session_registry.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string>

namespace wac::cloud
{

class Session final : public wac::Session,
                      private LiveSession,
                      private DeliveryOwner,
                      private db::OutcomeListener,
                      private db::WakeListener
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
    /** A message on its way to its answer. */
    struct Conversation;

    void take(std::string text);
    void take_waiting();
    bool belongs_here(const Message &message);
    void unanswerable();
    void converse(Message message, std::string text);
    void advance(Step step);
    void finish(Answer answer);
    void enter();
    bool answers_command(const Message &message);
    void end_if_drained() noexcept;
    void close(CloseCode code, std::string_view reason) noexcept;
    void log(LogLevel level, const std::string &text) noexcept;

    void on_outcome(const Result<Outcome> &outcome) noexcept override;
    void on_wake() noexcept override;
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
    std::unique_ptr<Conversation> conversation_; // while one is under way
    std::list<std::string> waiting_;             // messages
    std::size_t waiting_bytes_ = 0;
    std::unique_ptr<db::Timer> deadline_;
    CommandDelivery delivery_;
    std::int64_t entered_epoch_ = 0; // the registry knows it
    unsigned unanswerable_ = 0;      // frames in a row
    bool held_ = false;
    bool draining_ = false;
    bool closing_ = false;
    bool taking_ = false;
};

} // namespace wac::cloud
