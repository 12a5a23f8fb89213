// Messages of a connection that wait for their turn: they are taken one after
// the other, as they came. When there are many of them, or much, the peer is
// held, and read from again when half of that is gone.
#pragma once

#include "flow/session.hpp"

#include <cstddef>
#include <list>
#include <utility>

namespace wac
{

template <typename Message>
class Inbox
{
  public:
    explicit Inbox(Peer &peer) noexcept : peer_(peer) {}
    Inbox(const Inbox &) = delete;
    Inbox &operator=(const Inbox &) = delete;

    void add(Message message, std::size_t bytes)
    {
        waiting_.push_back({std::move(message), bytes});
        bytes_ += bytes;
        if (!held_ && (waiting_.size() >= kMany || bytes_ >= kMuch)) {
            held_ = true;
            peer_.hold(true);
        }
    }

    /** Hands them to `take` for as long as `ready` says so. False: somebody
     *  does so already, further up the stack, and goes on. */
    template <typename Ready, typename Take>
    bool work(Ready ready, Take take)
    {
        if (working_) {
            return false;
        }
        working_ = true;
        while (!waiting_.empty() && ready()) {
            Waiting next = std::move(waiting_.front());
            waiting_.pop_front();
            bytes_ -= next.bytes;
            take(std::move(next.message));
        }
        working_ = false;
        if (held_ && waiting_.size() < kMany / 2 && bytes_ < kMuch / 2) {
            held_ = false;
            peer_.hold(false);
        }
        return true;
    }

    bool empty() const noexcept { return waiting_.empty(); }

    void clear() noexcept
    {
        waiting_.clear();
        bytes_ = 0;
    }

    /** All that is left. */
    std::list<Message> take_all()
    {
        std::list<Message> all;
        for (Waiting &each : waiting_) {
            all.push_back(std::move(each.message));
        }
        clear();
        return all;
    }

  private:
    static constexpr std::size_t kMany = 16;
    static constexpr std::size_t kMuch = 4 * 1024 * 1024;

    struct Waiting {
        Message message;
        std::size_t bytes;
    };

    Peer &peer_;
    std::list<Waiting> waiting_;
    std::size_t bytes_ = 0;
    bool held_ = false;
    bool working_ = false;
};

} // namespace wac
