// What a device sends, as requests; fk_device.cpp decides when.
#include "fk_device.hpp"

#include "fk_bodies.hpp"

namespace wac::sim
{

namespace
{

constexpr const char *kForeignTask = "999999999";

} // namespace

fk::Request FkDevice::request_of(const char *code, const char *task_id,
                                 std::string body) const
{
    const FkDialect &dialect = options_.dialect;
    fk::Request request;
    request.target =
        dialect.absolute_target ? "http://" + endpoint_.host : endpoint_.target;
    request.host = endpoint_.host;
    request.request_code = code;
    request.dev_id = terminal_.sn;
    request.task_id = task_id;
    request.task_id_header = dialect.task_id_header;
    request.repeat_content_type = dialect.second_content_type;
    if (dialect.blocks) {
        request.blk_no = 0;
    }
    request.body = std::move(body);
    return request;
}

FkSending FkDevice::sending(FkKind kind, const fk::Request &request)
{
    FkSending sending{kind, fk::encode_request(request), {}, false, {}};
    if (dice_.roll(options_.faults.close_mid_body)) {
        sending.plan.cut_at =
            sending.bytes.size() - request.body.size() / 2 - 1;
        count(statistics_.faults, "close-mid-body");
    }
    if (dice_.roll(options_.faults.slow)) {
        sending.plan.slow = true;
        count(statistics_.faults, "slow");
    }
    if (options_.verbose) {
        sending.label = request.dev_id + ' ' + request.request_code;
        if (kind == FkKind::result && request.blk_no) {
            sending.label += " blk_no " + std::to_string(*request.blk_no);
        }
    }
    under_way_ = kind;
    return sending;
}

FkSending FkDevice::send_punch()
{
    if (resend_ || first_punch_was_sent_) {
        ++statistics_.resends;
    } else {
        ++statistics_.punches_sent;
        first_punch_was_sent_ = true;
    }
    const FkPunch &punch = resend_ ? *resend_ : punches_.front();
    return sending(FkKind::punch,
                   request_of("realtime_glog", "RTLogSendAction",
                              punch_body(options_.dialect, terminal_, punch)));
}

FkSending FkDevice::send_enrolment()
{
    const auto user = terminal_.users.find(enrolments_.front());
    static const FkUser kDeleted; // meanwhile: his id alone is sent
    ++statistics_.enrolments_sent;
    return sending(
        FkKind::enrolment,
        request_of("realtime_enroll_data", "RTEnrollDataAction",
                   user_body(options_.dialect, enrolments_.front(),
                             user == terminal_.users.end() ? kDeleted
                                                           : user->second)));
}

FkSending FkDevice::send_poll(Moment now)
{
    poll_at_once_ = false;
    ++polls_;
    ++statistics_.polls;
    FkSending poll =
        sending(FkKind::poll,
                request_of("receive_cmd", "ReceiveCommandAction",
                           poll_body(options_.dialect, terminal_, now_s(now))));
    if (dice_.roll(options_.faults.two_polls)) {
        poll.twice = true;
        ++statistics_.polls;
        count(statistics_.faults, "two-polls");
    }
    return poll;
}

FkSending FkDevice::send_part()
{
    const FkPart part = part_of(options_.dialect, upload_->body, upload_->part);
    fk::Request request = request_of(
        "send_cmd_result", upload_->task_id.c_str(), std::string(part.bytes));
    request.cmd_return_code = upload_->return_code;
    request.blk_no = part.blk_no;
    return sending(FkKind::result, request);
}

FkSending FkDevice::send_foreign_result()
{
    count(statistics_.faults, "foreign-result");
    fk::Request request = request_of("send_cmd_result", kForeignTask, {});
    request.cmd_return_code = "OK";
    return sending(FkKind::foreign_result, request);
}

} // namespace wac::sim
