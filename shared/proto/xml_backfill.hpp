// What a session of dialect M asks by itself after Login, at low priority
// (biometric-xml.md 3): the clock is set, and the logs above a cursor are
// pulled, one by one. No I/O, no clock.
//
// Terminals push logs, too, so what is missed here is not lost. What is asked
// for is a position; units that take it for a LogID are found out by the
// LogIDs that they answer with, and get the same walk: the answer never
// falls as the question rises, in either reading.
//
//   set_time ──▶ count ──▶ newest ─┬─▶ search … ──▶ up, up … ──▶ ahead … ──▶
//   done
//                                  ├─ the cursor's own ────────────▲
//                                  └─ below it ──▶ check ─┬────────┘
//                                       its log is gone:  └─▶ all, from 0
#pragma once

#include "base/wall_time.hpp"
#include "codec/xml.hpp"
#include "proto/operation.hpp"
#include "proto/xml_command_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wac::xml
{

class Backfill
{
  public:
    /** `cursor`: the largest LogID up to which all is stored; nothing if none
     *  is known: all logs are pulled. `device_now`: the clock to set. */
    Backfill(std::optional<std::int64_t> cursor, WallTime device_now);

    /** The next request; nothing when it is done. */
    std::optional<std::string> frame() const;

    /** Of frame(), and of its answer. */
    std::string_view request_name() const noexcept { return request_.name; }
    bool answered_by(const Message &message) const;

    /** Takes the answer to frame(). What to store, if it brought anything; the
     *  next frame is to be sent once that is committed. A log that cannot be
     *  understood is in `invalid`. */
    std::optional<StoreAttendance> take(const Message &answer, std::string sn,
                                        std::string_view zone);

    /** No answer came: that ends it. */
    void give_up() noexcept { state_ = State::done; }

    /** The largest LogID up to which all is stored, once what take() gave is
     *  committed; nothing until it has moved. Below the cursor that it began
     *  with if the terminal began to count again. */
    std::optional<std::int64_t> cursor() const noexcept { return reached_; }

  private:
    enum class State {
        set_time, // sent whatever comes of it
        count,    // how many logs there are
        newest,   // the one at the last position
        search,   // halving for the first above the cursor
        check,    // the cursor's own, when all seem older
        up,       // from there position by position: these are stored
        ahead,    // behind the largest LogID so far
        done,
    };

    bool is_wanted(std::int64_t log) const noexcept;
    void move(std::optional<std::int64_t> log, bool stored);
    void found_newest(std::optional<std::int64_t> log);
    void search();
    void begin_up(std::int64_t position);
    void go_ahead();
    void ask(State state, std::int64_t position);
    bool is_above(std::int64_t log) const noexcept
    {
        return !cursor_ || log > *cursor_;
    }

    State state_ = State::set_time;
    Request request_;
    std::optional<std::int64_t> cursor_;  // what it compares with
    std::optional<std::int64_t> reached_; // by logs given out
    std::int64_t count_ = 0;
    std::int64_t position_ = 0;
    std::int64_t low_ = 0; // of the search: the first above is in low…high
    std::int64_t high_ = 0;
    std::optional<std::int64_t> last_; // that came
    int repeats_ = 0;                  // of it, in a row
    std::int64_t requests_left_ = 0;   // of logs
    bool first_ = true;
};

} // namespace wac::xml
