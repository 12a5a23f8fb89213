// Gives punches their times: the terminal's clock, but never the same second
// twice for one person, so that each is a record of its own. A clock that
// was set back would come over old seconds again; it skips those in which
// anybody punched before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace wac::sim
{

class PunchTimes
{
  public:
    /** A time for `user_id`, at or soon after `now_s`. */
    std::int64_t take(const std::string &user_id, std::int64_t now_s)
    {
        const auto last = last_of_user_.find(user_id);
        std::int64_t time = last == last_of_user_.end()
                                ? now_s
                                : std::max(now_s, last->second + 1);
        for (bool moved = true; moved;) {
            moved = false;
            for (const Period &period : past_) {
                if (time >= period.first && time <= period.last) {
                    time = period.last + 1;
                    moved = true;
                }
            }
        }
        last_of_user_[user_id] = time;
        if (current_.first > current_.last) {
            current_ = {time, time};
        }
        current_.first = std::min(current_.first, time);
        current_.last = std::max(current_.last, time);
        return time;
    }

    /** The clock was set. */
    void clock_set()
    {
        if (current_.first > current_.last) {
            return;
        }
        past_.push_back(current_);
        if (past_.size() > kMostPeriods) { // the two oldest become one
            past_[1] = {std::min(past_[0].first, past_[1].first),
                        std::max(past_[0].last, past_[1].last)};
            past_.erase(past_.begin());
        }
        current_ = {1, 0};
        last_of_user_.clear();
    }

  private:
    static constexpr std::size_t kMostPeriods = 100;

    struct Period {
        std::int64_t first;
        std::int64_t last; // below first: empty
    };

    std::map<std::string, std::int64_t> last_of_user_;
    Period current_{1, 0};
    std::vector<Period> past_;
};

} // namespace wac::sim
