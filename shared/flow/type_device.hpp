// The terminal's part of a connection of the `type` dialect (cloud-json.md 6):
// it registers; what it sends is stored, one message after the other; commands
// go out to it. Registering makes the connection the terminal's; the newest
// one of all processes wins. What order messages come in, and what needs no
// database, is the Session's.
//
//   messages   idle ──take()──▶ conversing ──▶ idle
//   commands   see CommandDelivery; neither waits for the other
#pragma once

#include "flow/command_delivery.hpp"
#include "flow/session.hpp"
#include "flow/session_registry.hpp"
#include "flow/type_conversation.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace wac::type
{

class DeviceOwner
{
  public:
    /** A message has had its end, or a command is stored. */
    virtual void on_device_rest() noexcept = 0;
    /** The connection is to end. */
    virtual void on_device_end(CloseCode code,
                               std::string_view reason) noexcept = 0;

  protected:
    ~DeviceOwner() = default;
};

class Device final : public ConversationOwner,
                     private LiveSession,
                     private DeliveryOwner
{
  public:
    Device(Peer &peer, SessionContext &context, DeviceOwner &owner);
    ~Device();
    Device(const Device &) = delete;
    Device &operator=(const Device &) = delete;

    /** A register; of a terminal that has registered telemetry and events,
     *  too. Only while it is not busy. */
    void take(Message message, Received received);

    /** Any other message came: it lives. */
    void note_alive();

    const std::string &sn() const noexcept { return registration_.sn; }
    bool registered() const noexcept { return registration_.epoch != 0; }

    /** Whether a message waits for its end. */
    bool busy() const noexcept { return conversation_ != nullptr; }
    /** Whether nothing at all is being stored. */
    bool at_rest() const noexcept { return !busy() && !delivery_.storing(); }

    /** No more commands. */
    void stop() noexcept { delivery_.stop(); }

    /** The connection is gone: what it has sent, `waiting` included, is stored
     *  without it. The last call. */
    void leave_behind(std::list<Received> waiting);

    void on_answer(Answer answer) noexcept override;

  private:
    Origin origin() const;
    void enter(Registration registration);

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
    DeviceOwner &owner_;
    Registration registration_;
    TelemetryLimit limit_;
    std::unique_ptr<Conversation> conversation_; // while one is under way
    CommandDelivery delivery_;
};

} // namespace wac::type
