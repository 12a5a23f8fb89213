#include "command_cancel.hpp"

#include "command_view.hpp"
#include "json_rows.hpp"
#include "report.hpp"

namespace wac::ctl
{

namespace
{

std::string cancelled_text(const Rows &cancelled)
{
    const std::string text = "command " + cancelled.text(0, "trans_id") + " (" +
                             cancelled.text(0, "cmd_code") + " for " +
                             cancelled.text(0, "sn") + ") is cancelled";
    if (cancelled.text(0, "previous_status") == "queued") {
        return text;
    }
    if (cancelled.boolean(0, "received")) {
        return text + "; the terminal has carried it out already, and its "
                      "answer is kept as late";
    }
    return text + "; it was sent already: the terminal may still carry it out, "
                  "and its answer is then kept as late";
}

/** Its row before and after; the lock makes it the state that is changed. */
Result<Rows> cancel(Database &database, const std::string &trans_id)
{
    auto found = database.query(
        "WITH was AS ("
        "  SELECT trans_id, trans_status, result_received_at IS NOT NULL"
        "      AS received FROM wac_commands WHERE trans_id = $1 FOR UPDATE"
        "), done AS ("
        "  UPDATE wac_commands c SET trans_status = 'cancelled',"
        "      trans_status_update_time = now() FROM was"
        "   WHERE c.trans_id = was.trans_id"
        "     AND was.trans_status IN ('queued', 'sent')"
        "  RETURNING c.trans_id, c.trans_status, c.sn, c.cmd_code"
        ") SELECT was.trans_id, done.sn, done.cmd_code,"
        "    coalesce(done.trans_status, was.trans_status) AS trans_status,"
        "    was.trans_status AS previous_status, was.received,"
        "    done.trans_id IS NOT NULL AS cancelled"
        "  FROM was LEFT JOIN done ON true",
        {trans_id});
    if (found && found->empty()) {
        return tl::make_unexpected(no_command(trans_id));
    }
    return found;
}

/** Without what only we want to know. */
Json cancelled_json(const Rows &cancelled)
{
    Json row(json_object());
    for (const char *column :
         {"trans_id", "sn", "cmd_code", "trans_status", "previous_status"}) {
        set_member(row, column, cancelled.text(0, column));
    }
    return row;
}

} // namespace

Result<Outcome> cancel_commands(Database &database,
                                const std::vector<std::string> &trans_ids,
                                bool json)
{
    Outcome outcome = Outcome::done;
    const Json changes(json_array());
    for (const std::string &trans_id : trans_ids) {
        const auto found = cancel(database, trans_id);
        if (!found && found.error().code != ErrorCode::refused) {
            return tl::make_unexpected(found.error());
        }
        if (!found) {
            report(found.error());
            outcome = Outcome::failed;
        } else if (!found->boolean(0, "cancelled")) {
            report({ErrorCode::refused,
                    "command cancel: command " + trans_id + " is " +
                        found->text(0, "trans_status") + " already"});
            outcome = Outcome::failed;
        } else if (json) {
            append(changes, cancelled_json(*found));
        } else {
            print_line(cancelled_text(*found));
        }
    }
    if (json) {
        print_json(changes);
    }
    return outcome;
}

} // namespace wac::ctl
