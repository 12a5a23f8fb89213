// The exchange's part in commands, without any I/O: given out at a poll,
// answered whole, in parts, late, twice and wrongly.
#include "checks.hpp"
#include "fk_talk.hpp"

using namespace wac;
using fk::Answer;
using test::approved_with;
using test::Checks;
using test::code;
using test::error;
using test::state;
using test::Talk;
using test::wish;

namespace
{

constexpr std::string_view kReport = R"({"fk_time":"20260305101112"})";
constexpr std::string_view kStatus = R"({"user_count":3,"fp_count":4})";

Result<Outcome> something_waits()
{
    Outcome outcome;
    outcome.state = DeviceState::approved;
    outcome.command_waits = true;
    return outcome;
}

ClaimedCommand claimed(std::string cmd_code, std::string cmd_param = {})
{
    ClaimedCommand command;
    command.trans_id = "1001";
    command.cmd_code = std::move(cmd_code);
    command.cmd_param = std::move(cmd_param);
    command.device_now = {2026, 9, 29, 20, 0, 0};
    return command;
}

FoundUpload sent_command(std::string cmd_code,
                         CommandStatus status = CommandStatus::sent)
{
    FoundUpload found;
    CommandRecord &command = found.command.emplace();
    command.trans_id = "1001";
    command.cmd_code = std::move(cmd_code);
    command.status = status;
    command.was_sent = true;
    command.library = "FKDataHS101";
    return found;
}

Talk result_talk(std::string_view json = kStatus)
{
    Talk talk("send_cmd_result", json);
    talk.head.task_id = "1001";
    talk.head.cmd_return_code = "OK";
    return talk;
}

const fk::Reply &reply_of(const fk::Step &step)
{
    return std::get<Answer>(step).reply;
}

// ---- out ------------------------------------------------------------------

void a_poll_gets_the_command_that_waits(Checks &check)
{
    Talk talk("receive_cmd", kReport);
    static_cast<void>(talk.start());
    const auto second = talk.resume(something_waits());
    const auto *const claim = wish<ClaimCommand>(second);
    check.that(claim && claim->sn == "D1" && !claim->restart_only,
               "it claims the command");
    const auto last = talk.resume(approved_with(claimed("SET_TIME")));
    check.equal("code", code(last), "OK");
    const fk::Reply &reply = reply_of(last);
    check.equal("task", reply.trans_id, "1001");
    check.equal("command", reply.cmd_code, "SET_TIME");
    check.equal("stamped now", reply.body,
                fk::encode_body(R"({"time":"20260929200000"})"));
}

void a_poll_that_comes_too_late_gets_nothing(Checks &check)
{
    Talk talk("receive_cmd", kReport);
    static_cast<void>(talk.start());
    static_cast<void>(talk.resume(something_waits()));
    check.equal("code", code(talk.resume(state(DeviceState::approved))),
                "ERROR_NO_CMD");
}

void a_restart_is_a_response_code(Checks &check)
{
    Talk talk("receive_cmd", kReport);
    static_cast<void>(talk.start());
    static_cast<void>(talk.resume(something_waits()));
    const auto last = talk.resume(approved_with(claimed("reset")));
    check.equal("code", code(last), "RESET_FK");
    check.equal("task", reply_of(last).trans_id, "1001");
    check.that(reply_of(last).cmd_code.empty() && reply_of(last).body.empty() &&
                   reply_of(last).with_cmd_code,
               "and nothing else");
}

void a_command_that_makes_no_sense_fails(Checks &check)
{
    Talk talk("receive_cmd", kReport);
    static_cast<void>(talk.start());
    static_cast<void>(talk.resume(something_waits()));
    const auto third = talk.resume(approved_with(claimed("DELETE_USER", "{}")));
    const auto *const refuse = wish<RefuseCommand>(third);
    check.that(refuse && refuse->trans_id == "1001" && !refuse->reason.empty(),
               "with the reason");
    check.equal("code", code(talk.resume(state(DeviceState::approved))),
                "ERROR_GET_PARAM");
}

void a_claim_that_fails_is_try_again(Checks &check)
{
    Talk talk("receive_cmd", kReport);
    static_cast<void>(talk.start());
    static_cast<void>(talk.resume(something_waits()));
    check.equal("code", code(talk.resume(error(ErrorCode::unavailable))),
                "ERROR_DB_CONNECT");
}

// ---- results --------------------------------------------------------------

void a_result_ends_its_command(Checks &check)
{
    Talk talk = result_talk();
    const auto first = talk.start();
    const auto *const find = wish<FindUpload>(first);
    check.that(find && find->request_code == "send_cmd_result" &&
                   find->task_id == "1001",
               "it looks for the command and for parts");
    const auto second =
        talk.resume(approved_with(sent_command("GET_DEVICE_STATUS")));
    const auto *const store = wish<StoreResult>(second);
    check.that(store && store->trans_id == "1001" && store->end &&
                   store->end->status == CommandStatus::succeeded &&
                   store->end->result == kStatus && !store->closes_upload,
               "the end, with what came");
    const auto last =
        talk.resume(approved_with(CommandState{CommandStatus::succeeded}));
    check.equal("code", code(last), "OK");
    check.equal("echoed", reply_of(last).trans_id, "1001");
}

void a_failure_is_kept_as_the_terminal_says_it(Checks &check)
{
    Talk talk = result_talk("");
    talk.head.cmd_return_code = "ERROR_INVALID_PARAMTER";
    static_cast<void>(talk.start());
    const auto second = talk.resume(approved_with(sent_command("SET_TIME")));
    const auto *const store = wish<StoreResult>(second);
    check.that(store && store->end->status == CommandStatus::failed &&
                   store->end->return_code == "ERROR_INVALID_PARAMTER",
               "failed, by its code");
}

void the_late_result_of_a_cancelled_command(Checks &check)
{
    Talk talk = result_talk();
    static_cast<void>(talk.start());
    const auto second = talk.resume(approved_with(
        sent_command("GET_DEVICE_STATUS", CommandStatus::cancelled)));
    check.that(wish<StoreResult>(second) != nullptr, "is kept");
    const auto last =
        talk.resume(approved_with(CommandState{CommandStatus::cancelled}));
    check.equal("code", code(last), "ERROR_CANCELED");
    check.equal("echoed", reply_of(last).trans_id, "1001");
}

void a_result_may_be_answered_with_a_restart(Checks &check)
{
    Talk talk = result_talk();
    static_cast<void>(talk.start());
    static_cast<void>(
        talk.resume(approved_with(sent_command("GET_DEVICE_STATUS"))));
    const auto third = talk.resume(
        approved_with(CommandState{CommandStatus::succeeded, true}));
    const auto *const claim = wish<ClaimCommand>(third);
    check.that(claim && claim->restart_only, "only the restart");
    ClaimedCommand restart = claimed("RESET_FK");
    restart.trans_id = "1002";
    const auto last = talk.resume(approved_with(restart));
    check.equal("code", code(last), "RESET_FK");
    check.equal("task", reply_of(last).trans_id, "1002");

    for (const bool expires : {true, false}) {
        Talk other = result_talk();
        static_cast<void>(other.start());
        static_cast<void>(
            other.resume(approved_with(sent_command("GET_DEVICE_STATUS"))));
        static_cast<void>(other.resume(
            approved_with(CommandState{CommandStatus::succeeded, true})));
        const auto end = expires ? other.exchange->expire()
                                 : other.resume(error(ErrorCode::unavailable));
        check.equal("the result is committed", code(end), "OK");
    }
}

void a_second_result_changes_nothing(Checks &check)
{
    Talk talk = result_talk();
    static_cast<void>(talk.start());
    FoundUpload found =
        sent_command("GET_DEVICE_STATUS", CommandStatus::succeeded);
    found.command->has_result = true;
    check.equal("code", code(talk.resume(approved_with(found))), "OK");
}

void the_result_of_an_unknown_command_is_kept_whole(Checks &check)
{
    for (const bool known : {false, true}) {
        Talk talk = result_talk();
        static_cast<void>(talk.start());
        FoundUpload found;
        if (known) { // but it was never given out
            found = sent_command("GET_DEVICE_STATUS", CommandStatus::queued);
            found.command->was_sent = false;
        }
        const auto second = talk.resume(approved_with(found));
        const auto *const q = wish<Quarantine>(second);
        check.that(q && q->frame.size() == talk.body.size(), "in quarantine");
        check.equal("code", code(talk.resume(state(DeviceState::approved))),
                    "OK");
    }
    Talk empty = result_talk("");
    static_cast<void>(empty.start());
    check.equal("nothing in it",
                code(empty.resume(approved_with(FoundUpload{}))), "OK");
}

void a_result_that_cannot_be_read_fails_its_command(Checks &check)
{
    Talk talk = result_talk();
    talk.body = "\xff\xff\xff\xff{";
    static_cast<void>(talk.start());
    const auto second =
        talk.resume(approved_with(sent_command("GET_DEVICE_STATUS")));
    const auto *const store = wish<StoreResult>(second);
    check.that(store && store->end->status == CommandStatus::failed &&
                   store->end->result_bin.size() == 1 &&
                   store->end->result_bin[0] == talk.body,
               "with the body as it came");
    check.equal(
        "code",
        code(talk.resume(approved_with(CommandState{CommandStatus::failed}))),
        "OK");
}

void a_value_the_database_cannot_hold_fails_it_too(Checks &check)
{
    Talk talk = result_talk();
    static_cast<void>(talk.start());
    static_cast<void>(
        talk.resume(approved_with(sent_command("GET_DEVICE_STATUS"))));
    const auto third = talk.resume(error(ErrorCode::bad_data));
    const auto *const store = wish<StoreResult>(third);
    check.that(store && store->end->status == CommandStatus::failed &&
                   store->end->result_bin.size() == 1,
               "as bytes");
    check.equal("not twice", code(talk.resume(error(ErrorCode::bad_data))),
                "ERROR_DB_ACCESS");
}

void a_large_result_is_kept_then_taken_in(Checks &check)
{
    const std::string rows(1001 * 12, '\x01');
    const Bytes bin = as_bytes(rows);
    for (const int end : {0, 1, 2}) {
        Talk talk = result_talk();
        talk.body = fk::encode_body(
            R"({"log_count":1001,"one_log_size":12,"log_array":"BIN_1"})",
            {bin});
        static_cast<void>(talk.start());
        const auto second =
            talk.resume(approved_with(sent_command("GET_LOG_DATA")));
        const auto *const receive = wish<ReceiveResult>(second);
        check.that(receive && receive->last_part.size() == talk.body.size(),
                   "kept whole first");
        const auto third =
            talk.resume(approved_with(CommandState{CommandStatus::sent}));
        const auto *const take = std::get_if<TakeIn>(&third);
        check.that(take && take->trans_id == "1001", "then taken in");
        const auto last =
            end == 0   ? talk.resume(approved_with(
                             CommandState{CommandStatus::succeeded}))
            : end == 1 ? talk.exchange->expire()
                       : talk.resume(error(ErrorCode::unavailable));
        check.equal("it is committed", code(last), "OK");
    }
}

// ---- parts ----------------------------------------------------------------

void parts_are_acknowledged_when_kept(Checks &check)
{
    struct Row {
        BlockVerdict verdict;
        std::string_view wanted;
    };
    for (const Row &row :
         {Row{BlockVerdict::stored, "OK"},
          Row{BlockVerdict::refused, "ERROR_ADD_BLOCK_DATA"},
          Row{BlockVerdict::too_long, "ERROR_ADD_BLOCK_DATA"}}) {
        Talk talk = result_talk();
        talk.head.blk_no = "2";
        const auto first = talk.start();
        const auto *const block = wish<StoreBlock>(first);
        check.that(block && block->blk_no == 2 && block->task_id == "1001" &&
                       block->body.size() == talk.body.size(),
                   "the bytes as they are");
        const auto last = talk.resume(approved_with(row.verdict));
        check.equal("code", code(last), row.wanted);
        check.equal("echoed", reply_of(last).trans_id, "1001");
    }
    Talk down = result_talk();
    down.head.blk_no = "1";
    static_cast<void>(down.start());
    check.equal("database", code(down.resume(error(ErrorCode::unavailable))),
                "ERROR_DB_ACCESS");
    Talk blocked = result_talk();
    blocked.head.blk_no = "1";
    static_cast<void>(blocked.start());
    check.equal("blocked", code(blocked.resume(state(DeviceState::blocked))),
                "ERROR");
}

void a_part_of_a_strangers_poll(Checks &check)
{
    for (const Enrolment policy : {Enrolment::approve, Enrolment::open}) {
        Talk talk("receive_cmd", kReport, policy);
        talk.head.blk_no = "1";
        check.that(wish<StoreBlock>(talk.start()) != nullptr, "is kept");
        check.that(wish<Contact>(talk.resume(state(std::nullopt))) != nullptr,
                   "once its device is known");
        if (policy == Enrolment::approve) {
            check.equal("pending",
                        code(talk.resume(state(DeviceState::pending))),
                        "ERROR_NO_CMD");
            continue;
        }
        const auto third = talk.resume(state(DeviceState::approved));
        check.that(wish<StoreBlock>(third) != nullptr, "and approved");
        check.equal("code",
                    code(talk.resume(approved_with(BlockVerdict::stored))),
                    "OK");
    }
}

FoundUpload with_parts(FoundUpload found, std::string_view parts)
{
    found.open = true;
    found.bytes = parts.size();
    found.joined = parts;
    return found;
}

void the_last_part_joins_the_others(Checks &check)
{
    Talk talk = result_talk();
    const std::string whole = talk.body;
    talk.body = whole.substr(10);
    static_cast<void>(talk.start());
    const auto second = talk.resume(approved_with(
        with_parts(sent_command("GET_DEVICE_STATUS"), whole.substr(0, 10))));
    const auto *const store = wish<StoreResult>(second);
    check.that(store && store->end->result == kStatus && store->closes_upload,
               "and the parts go");
}

void a_gap_costs_the_upload(Checks &check)
{
    Talk talk = result_talk();
    static_cast<void>(talk.start());
    FoundUpload found = with_parts(sent_command("GET_DEVICE_STATUS"), "");
    found.gap = true;
    check.that(wish<DropUpload>(talk.resume(approved_with(found))) != nullptr,
               "what is there goes");
    check.equal("code", code(talk.resume(state(DeviceState::approved))),
                "ERROR_ADD_BLOCK_DATA");
}

void parts_that_do_not_join_are_refused(Checks &check)
{
    Talk talk = result_talk();
    talk.body = talk.body.substr(10);
    static_cast<void>(talk.start());
    const auto second = talk.resume(
        approved_with(with_parts(sent_command("GET_DEVICE_STATUS"), "\x10")));
    check.that(wish<DropUpload>(second) != nullptr, "what is there goes");
    check.equal("code", code(talk.resume(state(DeviceState::approved))),
                "ERROR_ADD_BLOCK_DATA");
}

void punches_and_enrolments_come_in_parts_too(Checks &check)
{
    const std::string whole = fk::encode_body(
        R"({"user_id":"7","io_time":"20260305101112","verify_mode":1})");
    Talk talk("realtime_glog");
    talk.body = whole.substr(20);
    check.that(wish<FindUpload>(talk.start()) != nullptr,
               "what is no message may be the last part of one");
    const auto second =
        talk.resume(approved_with(with_parts({}, whole.substr(0, 20))));
    const auto *const store = wish<StoreAttendance>(second);
    check.that(store && store->records.size() == 1 && store->closes_upload,
               "joined, it is a punch");
    check.equal("code", code(talk.resume(state(DeviceState::approved))), "OK");

    Talk lone("realtime_glog");
    lone.body = whole.substr(20);
    static_cast<void>(lone.start());
    check.that(wish<Quarantine>(lone.resume(approved_with(FoundUpload{}))) !=
                   nullptr,
               "alone, it is quarantined");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_poll_gets_the_command_that_waits>),
        cmocka_unit_test(unit<a_poll_that_comes_too_late_gets_nothing>),
        cmocka_unit_test(unit<a_restart_is_a_response_code>),
        cmocka_unit_test(unit<a_command_that_makes_no_sense_fails>),
        cmocka_unit_test(unit<a_claim_that_fails_is_try_again>),
        cmocka_unit_test(unit<a_result_ends_its_command>),
        cmocka_unit_test(unit<a_failure_is_kept_as_the_terminal_says_it>),
        cmocka_unit_test(unit<the_late_result_of_a_cancelled_command>),
        cmocka_unit_test(unit<a_result_may_be_answered_with_a_restart>),
        cmocka_unit_test(unit<a_second_result_changes_nothing>),
        cmocka_unit_test(unit<the_result_of_an_unknown_command_is_kept_whole>),
        cmocka_unit_test(unit<a_result_that_cannot_be_read_fails_its_command>),
        cmocka_unit_test(unit<a_value_the_database_cannot_hold_fails_it_too>),
        cmocka_unit_test(unit<a_large_result_is_kept_then_taken_in>),
        cmocka_unit_test(unit<parts_are_acknowledged_when_kept>),
        cmocka_unit_test(unit<a_part_of_a_strangers_poll>),
        cmocka_unit_test(unit<the_last_part_joins_the_others>),
        cmocka_unit_test(unit<a_gap_costs_the_upload>),
        cmocka_unit_test(unit<parts_that_do_not_join_are_refused>),
        cmocka_unit_test(unit<punches_and_enrolments_come_in_parts_too>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
