// One connection of the `type` dialect (cloud-json.md 6). Nobody knows whose
// it is until somebody registers or subscribes; from then on it is a device's
// or a dashboard's, and never becomes the other. Messages are taken one after
// the other, so that a `pong` says that all before the `ping` were taken.
//
//   undecided ─┬─ register ──▶ device (type_device)
//              └─ subscribe ─▶ dashboard
//
// Here is what needs no database: the order of messages, ping, and what is
// refused for being no message or from the wrong side.
#pragma once

#include "flow/dashboard.hpp"
#include "flow/inbox.hpp"
#include "flow/session.hpp"
#include "flow/type_device.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace wac::type
{

class Session final : public wac::Session,
                      private DeviceOwner,
                      private DashboardOwner
{
  public:
    Session(Peer &peer, SessionContext &context);
    ~Session() override;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void on_message(std::string message) noexcept override;
    void drain() noexcept override;
    bool registered() const noexcept override;
    SessionTraits traits() const noexcept override;
    void on_written() noexcept override;

  private:
    bool is_device() const noexcept;
    void take_waiting();
    void take(Received received);
    void take_register(Message message, Received received);
    void take_data(Message message, Received received);
    void take_subscribe(Message message);
    void take_command(Message message);
    void no_message(std::string_view text);
    void note(std::string_view text, LogLevel level) noexcept;
    void refuse(std::string_view code, std::string_view why);
    bool at_rest() const noexcept;
    void end_if_drained() noexcept;
    void close(CloseCode code, std::string_view reason) noexcept;

    void on_device_rest() noexcept override;
    void on_device_end(CloseCode code,
                       std::string_view reason) noexcept override;
    void on_dashboard_end(CloseCode code,
                          std::string_view reason) noexcept override;
    void on_dashboard_note(LogLevel level,
                           const std::string &text) noexcept override;
    void on_dashboard_rest() noexcept override;

    Peer &peer_;
    SessionContext &context_;
    Inbox<Received> inbox_;
    std::unique_ptr<Device> device_; // since it tried to register
    std::unique_ptr<Dashboard> dashboard_;
    unsigned no_messages_ = 0; // in a row
    bool draining_ = false;
    bool closing_ = false;
};

} // namespace wac::type
