#include "flow/session_registry.hpp"

namespace wac
{

void SessionRegistry::start()
{
    keeper_.start(*this);
}

void SessionRegistry::enter(const std::string &sn, std::int64_t epoch,
                            LiveSession &session)
{
    const auto [at, is_new] = sessions_.try_emplace(sn, Entry{epoch, &session});
    if (is_new) {
        return;
    }
    if (at->second.epoch > epoch) { // ours was overtaken while it opened
        session.on_replaced();
        return;
    }
    LiveSession *const older = at->second.session;
    at->second = {epoch, &session};
    if (older != &session) {
        older->on_replaced();
    }
}

void SessionRegistry::leave(const std::string &sn, std::int64_t epoch,
                            const LiveSession &session) noexcept
{
    const auto at = sessions_.find(sn);
    if (at != sessions_.end() && at->second.session == &session) {
        sessions_.erase(at);
    }
    keeper_.note_closed(sn, epoch);
}

void SessionRegistry::on_command_waits(std::string_view sn) noexcept
{
    const auto at = sessions_.find(std::string(sn));
    if (at != sessions_.end()) {
        at->second.session->on_command_waits();
    }
}

void SessionRegistry::on_session_opened(std::string_view sn,
                                        std::int64_t epoch) noexcept
{
    const auto at = sessions_.find(std::string(sn));
    if (at == sessions_.end() || at->second.epoch >= epoch) {
        return;
    }
    LiveSession *const older = at->second.session;
    sessions_.erase(at);
    older->on_replaced();
}

std::vector<db::HeldSession> SessionRegistry::held_sessions() const
{
    std::vector<db::HeldSession> held;
    held.reserve(sessions_.size());
    for (const auto &[sn, entry] : sessions_) {
        held.push_back({sn, entry.epoch});
    }
    return held;
}

} // namespace wac
