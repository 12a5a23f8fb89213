// The dashboard's part of a connection of the `type` dialect (cloud-json.md 6;
// DESIGN sections 5 and 7): who it is, by its token; what it sees, by its
// subscription; what it orders, by its role. Nothing of a terminal's is ever
// taken on such a connection.
//
//   subscribe ──▶ checking ──▶ subscribed          (again: another filter)
//   command ──▶ asking about the device ──▶ ordering ──▶ (its result: an event)
//
// One message after the other; each wait ends by answer, error or deadline.
#pragma once

#include "codec/type.hpp"
#include "db/batcher.hpp"
#include "flow/feed.hpp"
#include "flow/inbox.hpp"
#include "flow/session.hpp"

#include <memory>
#include <optional>
#include <string>

namespace wac
{

class DashboardOwner
{
  public:
    /** The connection is to end. */
    virtual void on_dashboard_end(CloseCode code,
                                  std::string_view reason) noexcept = 0;
    /** One line for the log. */
    virtual void on_dashboard_note(LogLevel level,
                                   const std::string &text) noexcept = 0;
    /** Nothing is under way any more. */
    virtual void on_dashboard_rest() noexcept = 0;

  protected:
    ~DashboardOwner() = default;
};

class Dashboard final : private SubscriptionOwner,
                        private db::OutcomeListener,
                        private db::WakeListener
{
  public:
    Dashboard(Peer &peer, SessionContext &context, DashboardOwner &owner);
    ~Dashboard();
    Dashboard(const Dashboard &) = delete;
    Dashboard &operator=(const Dashboard &) = delete;

    /** Only these two verbs. */
    void on_message(type::Message message);

    void on_written();

    /** Whether a token let it in. */
    bool admitted() const noexcept { return !holder_.name.empty(); }

    /** Whether a message of it waits for its answer. */
    bool busy() const noexcept { return work_ != nullptr; }

    static SessionTraits traits() noexcept { return Subscription::traits(); }

  private:
    /** A message on its way. */
    struct Work;

    void take(type::Message message);
    void subscribe(const type::Message &message);
    void subscribed(const Outcome &outcome);
    void order(const type::Message &message);
    void ordered(const Outcome &outcome);
    void judge(const OrderedDevice &device);
    void run(Operation operation);
    void done();
    void refuse(std::string_view code, std::string_view why);
    void turn_away(std::string_view why);

    void on_outcome(const Result<Outcome> &outcome) noexcept override;
    void on_wake() noexcept override;
    void on_subscription_placed() noexcept override;
    void on_subscription_end(CloseCode code,
                             std::string_view reason) noexcept override;

    Peer &peer_;
    SessionContext &context_;
    DashboardOwner &owner_;
    TokenHolder holder_;
    std::string token_hash_;
    std::unique_ptr<Subscription> subscription_;
    std::unique_ptr<Work> work_;
    Inbox<type::Message> inbox_;
    std::unique_ptr<db::Timer> deadline_;
    bool placing_ = false; // its subscription: what it orders comes after
    bool ended_ = false;
};

} // namespace wac
