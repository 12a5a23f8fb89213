// The FK exchange without any I/O: each way from a request to its answer.
#include "checks.hpp"
#include "fk_talk.hpp"

using namespace wac;
using fk::Answer;
using test::Checks;
using test::code;
using test::error;
using test::state;
using test::Talk;
using test::wish;

namespace
{

constexpr std::string_view kPunch =
    R"({"user_id":"7","io_time":"20260305101112","io_mode":1,)"
    R"("verify_mode":1,"fk_bin_data_lib":"FKDataHS101"})";
constexpr std::string_view kReport =
    R"({"fk_name":"gate","fk_time":"20260305101112",)"
    R"("fk_info":{"firmware":"F1","fk_bin_data_lib":"FKDataHS101"}})";

void a_punch_is_ok_only_when_committed(Checks &check)
{
    Talk talk("realtime_glog", kPunch);
    const auto first = talk.start();
    const auto *const store = wish<StoreAttendance>(first);
    check.that(store && store->records.size() == 1 &&
                   store->records[0].enrollid == "7" && store->sn == "D1",
               "it asks for the punch to be stored");
    const auto last = talk.resume(state(DeviceState::approved));
    check.equal("code", code(last), "OK");
    const Answer &answer = std::get<Answer>(last);
    check.equal("records", answer.records, 1U);
    check.that(!answer.reply.with_task_id && !answer.reply.with_cmd_code,
               "nothing else in the reply");
    check.that(answer.sighting && answer.sighting->refusal.empty() &&
                   answer.sighting->addr == "192.0.2.9",
               "the device was seen");
}

void a_stranger_is_introduced_then_refused(Checks &check)
{
    Talk talk("realtime_glog", kPunch);
    static_cast<void>(talk.start());
    const auto second = talk.resume(state(std::nullopt));
    const auto *const contact = wish<Contact>(second);
    check.that(contact && contact->policy == Enrolment::approve,
               "it is introduced");
    const auto last = talk.resume(state(DeviceState::pending));
    check.equal("code", code(last), "ERROR");
    const Answer &answer = std::get<Answer>(last);
    check.equal("records", answer.records, 0U);
    check.that(answer.sighting &&
                   answer.sighting->refusal.find("realtime_glog") == 0,
               "the refusal is recorded");
}

void open_enrolment_stores_what_a_stranger_brought(Checks &check)
{
    for (const auto before :
         {std::optional<DeviceState>{}, std::optional(DeviceState::pending)}) {
        Talk talk("realtime_glog", kPunch, Enrolment::open);
        static_cast<void>(talk.start());
        check.that(wish<Contact>(talk.resume(state(before))) != nullptr,
                   "introduced");
        const auto third = talk.resume(state(DeviceState::approved));
        check.that(wish<StoreAttendance>(third) != nullptr, "then stored");
        check.equal("code", code(talk.resume(state(DeviceState::approved))),
                    "OK");
    }
}

void closed_enrolment_leaves_no_trace_of_strangers(Checks &check)
{
    Talk talk("realtime_glog", kPunch, Enrolment::closed);
    static_cast<void>(talk.start());
    const auto last = talk.resume(state(std::nullopt));
    check.equal("code", code(last), "ERROR");
    check.that(!std::get<Answer>(last).sighting, "nothing is recorded");
}

void the_blocked_are_refused_at_once(Checks &check)
{
    for (const Enrolment policy :
         {Enrolment::approve, Enrolment::open, Enrolment::closed}) {
        Talk talk("realtime_enroll_data", R"({"user_id":"1"})", policy);
        static_cast<void>(talk.start());
        check.equal("code", code(talk.resume(state(DeviceState::blocked))),
                    "ERROR");
    }
}

void a_poll_writes_only_what_is_new(Checks &check)
{
    Talk talk("receive_cmd", kReport);
    const auto first = talk.start();
    const auto *const contact = wish<Contact>(first);
    check.that(contact && contact->firmware == "F1" &&
                   contact->name == "gate" && contact->device_time,
               "the first keeps the report");
    const auto reply = talk.resume(state(DeviceState::approved));
    check.equal("code", code(reply), "ERROR_NO_CMD");
    const fk::Reply &sent = std::get<Answer>(reply).reply;
    check.that(sent.with_task_id && sent.with_cmd_code && sent.trans_id.empty(),
               "both names are sent, empty");
    check.that(wish<Poll>(talk.start()) != nullptr, "the second only reads");
    check.that(wish<Contact>(talk.resume(state(std::nullopt))) != nullptr,
               "a device that was removed is introduced again");
    static_cast<void>(talk.resume(state(DeviceState::pending)));
    talk.body = fk::encode_body(R"({"fk_info":{"firmware":"F2"}})");
    check.that(wish<Contact>(talk.start()) != nullptr,
               "a new firmware is kept");
}

void a_poll_is_answered_whatever_its_body(Checks &check)
{
    Talk talk("receive_cmd");
    talk.body = "\x01\x02";
    static_cast<void>(talk.start());
    const auto reply = talk.resume(state(DeviceState::approved));
    check.equal("code", code(reply), "ERROR_NO_CMD");
    check.that(!std::get<Answer>(reply).note.empty(), "and noted");
}

void what_cannot_be_understood_is_quarantined(Checks &check)
{
    struct Row {
        std::string_view request_code;
        std::string_view json;
    };
    for (const Row &row :
         {Row{"realtime_glog", R"({"io_time":"20260305101112"})"},
          Row{"realtime_glog", R"({"user_id":"1","io_time":"20269905"})"},
          Row{"realtime_enroll_data", R"({"user_name":"x"})"},
          Row{"realtime_operation", R"({"user_id":"1"})"},
          Row{"realtime_door_status", ""}}) {
        check.about(row.request_code);
        Talk talk(row.request_code, row.json);
        const auto first = talk.start();
        const auto *const q = wish<Quarantine>(first);
        check.that(q && q->request == row.request_code && !q->reason.empty() &&
                       q->frame.size() == talk.body.size(),
                   "whole and with a reason");
        const auto last = talk.resume(state(DeviceState::approved));
        check.equal("code", code(last), "OK");
        check.that(std::get<Answer>(last).note_level == LogLevel::warn,
                   "one warning");
    }
}

void a_value_the_database_cannot_hold_is_quarantined(Checks &check)
{
    Talk talk("realtime_glog", kPunch);
    static_cast<void>(talk.start());
    const auto second = talk.resume(error(ErrorCode::bad_data));
    check.that(wish<Quarantine>(second) != nullptr, "kept whole");
    check.equal("code", code(talk.resume(state(DeviceState::approved))), "OK");

    static_cast<void>(talk.start());
    static_cast<void>(talk.resume(error(ErrorCode::bad_data)));
    check.equal("not twice", code(talk.resume(error(ErrorCode::bad_data))),
                "ERROR_DB_ACCESS");
}

void every_failure_is_try_again(Checks &check)
{
    for (const ErrorCode failed :
         {ErrorCode::unavailable, ErrorCode::overloaded, ErrorCode::rejected}) {
        Talk punch("realtime_glog", kPunch);
        static_cast<void>(punch.start());
        const auto end = punch.resume(error(failed));
        check.equal("punch", code(end), "ERROR_DB_ACCESS");
        check.that(!std::get<Answer>(end).sighting, "nothing more to write");
        Talk poll("receive_cmd", kReport);
        static_cast<void>(poll.start());
        check.equal("poll", code(poll.resume(error(failed))),
                    "ERROR_DB_CONNECT");
    }
    Talk late("realtime_glog", kPunch);
    static_cast<void>(late.start());
    check.equal("expired", code(late.exchange->expire()), "ERROR_DB_ACCESS");
    Talk introduced("realtime_glog", kPunch, Enrolment::open);
    static_cast<void>(introduced.start());
    static_cast<void>(introduced.resume(state(std::nullopt)));
    check.equal("expired while introduced", code(introduced.exchange->expire()),
                "ERROR_DB_ACCESS");
}

void malformed_heads_never_reach_the_database(Checks &check)
{
    struct Row {
        std::string_view request_code, dev_id, blk_no, wanted;
    };
    for (const Row &row :
         {Row{"bad code", "D1", "", "ERROR_INVLAID_REQUEST_CODE"},
          Row{"send_glog_data", "D1", "", "ERROR_INVLAID_REQUEST_CODE"},
          Row{"realtime_glog", "", "", "ERROR"},
          Row{"receive_cmd", "D 1", "", "ERROR"},
          Row{"realtime_glog", "D1", "-1", "ERROR_INVLAID_BLOCK_NO"},
          Row{"realtime_glog", "D1", "x", "ERROR_INVLAID_BLOCK_NO"}}) {
        check.about(row.request_code);
        Talk talk(row.request_code, kPunch);
        talk.head.dev_id = row.dev_id;
        talk.head.blk_no = row.blk_no;
        const auto step = talk.start();
        check.equal("code", code(step), row.wanted);
        check.that(!std::get<Answer>(step).sighting,
                   "of a stranger nothing is kept");
        check.that(!std::get<Answer>(step).note.empty(), "one log line");
    }
    Talk known("receive_cmd", kReport);
    static_cast<void>(known.start());
    static_cast<void>(known.resume(state(DeviceState::approved)));
    known.head.request_code = "send_glog_data";
    const auto refused = known.start();
    check.that(std::get<Answer>(refused).sighting.has_value(),
               "of a known device the refusal is");
}

void a_result_is_acknowledged_under_its_name(Checks &check)
{
    Talk talk("send_cmd_result");
    talk.head.task_id = "1001";
    talk.head.task_id_header = fk::TaskIdHeader::cmd_id;
    static_cast<void>(talk.start());
    const auto last = talk.resume(state(DeviceState::approved));
    const fk::Reply &reply = std::get<Answer>(last).reply;
    check.equal("code", code(last), "OK");
    check.equal("task id", reply.trans_id, "1001");
    check.that(reply.with_task_id && !reply.with_cmd_code &&
                   reply.task_id_header == fk::TaskIdHeader::cmd_id,
               "under the request's name");
}

void machines_of_the_json_dialect_get_both_names(Checks &check)
{
    Talk talk("realtime_glog", kPunch);
    talk.head.dev_model = "AIFACE";
    talk.head.task_id = "RTLogSendAction";
    static_cast<void>(talk.start());
    const auto last = talk.resume(state(DeviceState::approved));
    const fk::Reply &reply = std::get<Answer>(last).reply;
    check.that(reply.with_task_id && reply.with_cmd_code &&
                   reply.trans_id.empty() && reply.cmd_code.empty(),
               "empty ones");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_punch_is_ok_only_when_committed>),
        cmocka_unit_test(unit<a_stranger_is_introduced_then_refused>),
        cmocka_unit_test(unit<open_enrolment_stores_what_a_stranger_brought>),
        cmocka_unit_test(unit<closed_enrolment_leaves_no_trace_of_strangers>),
        cmocka_unit_test(unit<the_blocked_are_refused_at_once>),
        cmocka_unit_test(unit<a_poll_writes_only_what_is_new>),
        cmocka_unit_test(unit<a_poll_is_answered_whatever_its_body>),
        cmocka_unit_test(unit<what_cannot_be_understood_is_quarantined>),
        cmocka_unit_test(unit<a_value_the_database_cannot_hold_is_quarantined>),
        cmocka_unit_test(unit<every_failure_is_try_again>),
        cmocka_unit_test(unit<malformed_heads_never_reach_the_database>),
        cmocka_unit_test(unit<a_result_is_acknowledged_under_its_name>),
        cmocka_unit_test(unit<machines_of_the_json_dialect_get_both_names>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
