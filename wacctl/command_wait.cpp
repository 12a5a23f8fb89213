#include "command_wait.hpp"

#include "command_view.hpp"
#include "interrupts.hpp"
#include "json_rows.hpp"
#include "report.hpp"
#include "terminal_text.hpp"

#include <chrono>
#include <ctime>

namespace wac::ctl
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr long kLookEveryMs = 200;

/** How many rows a large answer announces stands in its first bytes. */
constexpr const char *kProgress =
    "SELECT c.trans_status, c.attempts, c.max_attempts, c.records,"
    "    c.result_received_at IS NOT NULL AS received,"
    "    substring(encode(substr(c.result_raw, 5, 300), 'escape')"
    "        FROM '\"(?:log|user_id)_count\" *: *\"?([0-9]{1,9})')::bigint"
    "        AS announced,"
    "    p.parts, p.part_bytes, extract(epoch FROM"
    "        now() - c.trans_status_update_time)::float8 AS state_age_s"
    "  FROM wac_commands c LEFT JOIN LATERAL ("
    "      SELECT max(b.blk_no) AS parts, max(b.upto) AS part_bytes"
    "        FROM wac_command_blocks b"
    "       WHERE b.sn = c.sn AND b.request_code = 'send_cmd_result'"
    "         AND b.trans_id = c.trans_id) p ON true"
    " WHERE c.trans_id = $1";

/** Where the states are shown. */
class StateLine
{
  public:
    explicit StateLine(bool quiet) : quiet_(quiet) {}
    ~StateLine() { clear(); }
    StateLine(const StateLine &) = delete;
    StateLine &operator=(const StateLine &) = delete;

    /** `kind` tells changes of state from mere progress. */
    void show(const std::string &kind, const std::string &text)
    {
        if (quiet_) {
            return;
        }
        if (writes_to_terminal()) {
            draw(text);
        } else if (kind != shown_) {
            print_line(text);
            std::fflush(stdout);
        }
        shown_ = kind;
    }

    void clear()
    {
        if (width_ > 0) {
            std::printf("\r%*s\r", static_cast<int>(width_), "");
            std::fflush(stdout);
            width_ = 0;
        }
    }

  private:
    void draw(const std::string &text)
    {
        const std::size_t room = terminal_columns().value_or(80) - 1;
        const std::string line = shortened(escaped(text), room);
        const std::size_t width = display_width(line);
        const std::size_t rest = width_ > width ? width_ - width : 0;
        std::printf("\r%s%*s", line.c_str(), static_cast<int>(rest), "");
        std::fflush(stdout);
        width_ = width;
    }

    bool quiet_;
    std::string shown_;
    std::size_t width_ = 0;
};

bool has_ended(const std::string &status)
{
    return status != "queued" && status != "sent";
}

/** "attempt 2 of 3". */
std::string attempt_text(const Rows &progress)
{
    return "attempt " + progress.text(0, "attempts") + " of " +
           progress.text(0, "max_attempts");
}

/** What comes back from a terminal that has the command: the kind of state
 *  it is, and its text. */
std::pair<std::string, std::string> answer_state(const Rows &progress)
{
    if (progress.boolean(0, "received")) {
        std::string text =
            "answer received, taken in " + progress.text(0, "records");
        if (progress.value(0, "announced")) {
            text += " of " + progress.text(0, "announced");
        }
        return {"received", text + " rows"};
    }
    if (const long long parts = progress.integer(0, "parts"); parts > 0) {
        return {"arriving", "part " + std::to_string(parts) + ", " +
                                size_text(progress.integer(0, "part_bytes")) +
                                " received"};
    }
    return {"silent", ""};
}

void show_state(StateLine &line, const Rows &progress)
{
    const std::string status = progress.text(0, "trans_status");
    std::string kind = status + progress.text(0, "attempts");
    std::string text = status;
    if (status == "sent") {
        const auto [answer, answer_text] = answer_state(progress);
        kind += answer;
        text += ", " + attempt_text(progress);
        text += answer_text.empty() ? "" : ", " + answer_text;
    } else if (progress.integer(0, "attempts") > 0) {
        text += " again, no answer to " + attempt_text(progress);
    }
    line.show(kind, text + " (" +
                        duration_text(
                            std::max(0.0, progress.real(0, "state_age_s"))) +
                        ")");
}

void pause()
{
    const timespec time{kLookEveryMs / 1000, kLookEveryMs % 1000 * 1000 * 1000};
    nanosleep(&time, nullptr); // Ctrl-C cuts it short
}

enum class End { ended, time_over, stopped };

/** Looks until the command ends, or the waiting for it does. */
Result<End> follow(Database &database, const WaitOptions &options,
                   StateLine &line)
{
    const Interrupts interrupts;
    const auto until = Clock::now() + std::chrono::seconds(options.wait_s);
    while (true) {
        const auto progress = database.query(kProgress, {options.trans_id});
        if (!progress) {
            return tl::make_unexpected(progress.error());
        }
        if (progress->empty()) {
            return tl::make_unexpected(no_command(options.trans_id));
        }
        if (has_ended(progress->text(0, "trans_status"))) {
            return End::ended;
        }
        show_state(line, *progress);
        if (interrupts.any()) {
            return End::stopped;
        }
        if (Clock::now() >= until) {
            return End::time_over;
        }
        pause();
    }
}

/** The command goes on without us: how to see it, how to stop it. */
std::string how_to_go_on(const std::string &trans_id)
{
    return "to see it: \"wacctl command show " + trans_id +
           "\", to stop it: \"wacctl command cancel " + trans_id + "\"";
}

void report_unended(const Rows &command, const WaitOptions &options, End end)
{
    const std::string status = command.text(0, "trans_status");
    const std::string why =
        end == End::stopped
            ? "interrupted"
            : "no answer within " +
                  duration_text(static_cast<double>(options.wait_s));
    report({ErrorCode::timed_out,
            why + ": command " + options.trans_id +
                (status == "queued" ? " stays queued" : " stays " + status) +
                " and expires " +
                age_text(command.real(0, "expires_at_age_s")) + "; " +
                how_to_go_on(options.trans_id)});
}

Result<Outcome> print_end(const Rows &command, const WaitOptions &options,
                          bool json)
{
    if (json) {
        const Json row = json_row(command, 0);
        set_member(row, "existing", Json(json_boolean(options.existing)));
        print_json(row);
    }
    const std::string status = command.text(0, "trans_status");
    if (!has_ended(status)) {
        return Outcome::failed;
    }
    if (!json) {
        print_command_result(command);
    }
    if (status == "succeeded") {
        return Outcome::done;
    }
    report({ErrorCode::refused,
            "command " + options.trans_id + (status == "failed" ? "" : " is") +
                " " + status +
                (status == "cancelled" ? "" : ": " + failure_text(command))});
    return Outcome::failed;
}

} // namespace

Result<Outcome> wait_for_command(Database &database, const WaitOptions &options,
                                 bool json)
{
    Result<End> end = End::ended;
    {
        StateLine line(json);
        end = follow(database, options, line);
    }
    auto command = end ? find_command(database, options.trans_id,
                                      json ? Binaries::hex : Binaries::sizes)
                       : tl::make_unexpected(end.error());
    if (!command) {
        const Error &error = command.error();
        return failure(error.code,
                       "command " + options.trans_id +
                           " was queued, but cannot be followed further: " +
                           error.text + "; " + how_to_go_on(options.trans_id));
    }
    // it may have ended since
    if (!has_ended(command->text(0, "trans_status"))) {
        report_unended(*command, options, *end);
    }
    return print_end(*command, options, json);
}

} // namespace wac::ctl
