// The logs of a terminal, newest first: a range is mostly a recent one, and a
// full ring that moves on meanwhile shows a log twice and hides none. What
// lies before the range ends the walk only in a run: clocks have been wrong.
//
//   count ──▶ newest ──▶ ahead ──▶ ahead … ──▶ back ──▶ back … ──▶ end
//
// `ahead` asks behind the newest LogID: past the end for a unit that counts
// positions, on and on for one that counts LogIDs.
#include "proto/xml_command_course.hpp"

#include "proto/cloud_command_values.hpp"
#include "proto/xml_command_answer.hpp"
#include "proto/xml_command_records.hpp"
#include "proto/xml_log_request.hpp"

#include <algorithm>

namespace wac::xml
{

namespace
{

constexpr std::int64_t kRunBefore = 64;
constexpr std::int64_t kMostAhead = 1000000;

class ReadLogs final : public Way
{
  public:
    ReadLogs(std::optional<WallTime> from, std::optional<WallTime> to)
        : from_(from), to_(to), request_(log_count_request())
    {
    }

    const Request &request() const override { return request_; }
    Patience patience() const override
    {
        return state_ == State::count ? Patience::answer : Patience::page;
    }
    CommandProgress take(const Message &answer) override;
    std::optional<CommandEnd> give_up() override
    {
        return read_ > 0 ? std::optional(end(true)) : std::nullopt;
    }

  private:
    enum class State {
        count,  // how many there are
        newest, // the one at the last position
        ahead,  // behind the largest LogID so far
        back,   // from the last position down
    };

    CommandProgress counted(const Message &answer);
    CommandProgress go_on(std::optional<std::int64_t> log,
                          ResultRecords records);
    void ask(State state, std::int64_t position);
    bool is_new(std::int64_t log) const noexcept;
    ResultRecords taken(const Message &answer);
    CommandEnd end(bool incomplete) const;

    std::optional<WallTime> from_;
    std::optional<WallTime> to_;
    State state_ = State::count;
    Request request_;
    std::int64_t position_ = 0;
    std::int64_t newest_ = 0; // largest LogID
    std::int64_t oldest_ = 0; // least
    std::int64_t read_ = 0;
    std::int64_t kept_ = 0;
    std::int64_t ahead_ = 0;
    std::int64_t run_ = 0; // in a row that were before the range, or not new
};

CommandProgress ReadLogs::take(const Message &answer)
{
    if (state_ == State::count) {
        return counted(answer);
    }
    const auto log = log_number_in(answer);
    ResultRecords records;
    if (log && is_new(*log)) {
        newest_ = read_ == 0 ? *log : std::max(newest_, *log);
        oldest_ = read_ == 0 ? *log : std::min(oldest_, *log);
        ++read_;
        records = taken(answer);
    } else {
        ++run_;
    }
    return go_on(log, std::move(records));
}

CommandProgress ReadLogs::counted(const Message &answer)
{
    CommandEnd failed = end_by(answer);
    if (failed.status == CommandStatus::failed) {
        return ended(std::move(failed));
    }
    const std::int64_t count = log_count_in(answer);
    if (count == 0) {
        return ended(end(false));
    }
    position_ = count - 1;
    ask(State::newest, position_);
    return {};
}

CommandProgress ReadLogs::go_on(std::optional<std::int64_t> log,
                                ResultRecords records)
{
    CommandProgress progress;
    progress.records = std::move(records);
    const bool more_ahead = state_ != State::back && log && *log >= newest_ &&
                            run_ == 0 && ahead_ < kMostAhead;
    if (more_ahead) {
        ++ahead_;
        ask(State::ahead, newest_ + 1);
        return progress;
    }
    if (state_ != State::back) {
        run_ = 0; // it was the end
    }
    if (position_ == 0 || run_ >= kRunBefore) {
        progress.end = end(false);
        return progress;
    }
    ask(State::back, --position_);
    return progress;
}

void ReadLogs::ask(State state, std::int64_t position)
{
    request_ = log_request(position, state_ == State::count);
    state_ = state;
}

bool ReadLogs::is_new(std::int64_t log) const noexcept
{
    return read_ == 0 || log > newest_ || log < oldest_;
}

/** What of a log is in the range; one of which that cannot be told, too. */
ResultRecords ReadLogs::taken(const Message &answer)
{
    const auto time = parse_time(answer.value("Time"));
    const auto us_of = [](const WallTime &wall) {
        return wall.since_2000_us();
    };
    const bool before = time && from_ && us_of(*time) < us_of(*from_);
    const bool after = time && to_ && us_of(*time) > us_of(*to_);
    if (state_ == State::back) {
        run_ = before ? run_ + 1 : 0;
    }
    if (before || after) {
        return {};
    }
    ++kept_;
    return records_in(answer, request_);
}

CommandEnd ReadLogs::end(bool incomplete) const
{
    const Json result(json_object());
    cloud::set_member(result.get(), "count", Json(json_integer(kept_)));
    cloud::set_member(result.get(), "read", Json(json_integer(read_)));
    if (incomplete) {
        cloud::set_member(result.get(), "incomplete", Json(json_true()));
    }
    return end_with(result);
}

} // namespace

std::unique_ptr<Way> way_of_logs(std::optional<WallTime> from,
                                 std::optional<WallTime> to)
{
    return std::make_unique<ReadLogs>(from, to);
}

} // namespace wac::xml
