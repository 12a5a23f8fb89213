// The exchange of a cloud terminal's message: who may speak, what is stored
// before it is answered, and what exactly it hears over each channel.
#include "checks.hpp"
#include "cloud_talk.hpp"

#include "base/sha256.hpp"

using namespace wac;
using cloud::Channel;
using test::approved_with;
using test::body;
using test::Checks;
using test::CloudTalk;
using test::identified_as;
using test::state;
using test::status;
using test::wish;
using test::zx1;

namespace
{

constexpr std::string_view kReg =
    R"({"cmd":"reg","sn":"ZX1","cpusn":"77","devinfo":{"modelname":"tfs30"}})";
constexpr std::string_view kLog =
    R"({"cmd":"sendlog","sn":"ZX1","count":1,"logindex":4,"record":[)"
    R"({"enrollid":5,"time":"2026-03-02 08:00:00","mode":1,"inout":0}]})";
constexpr std::string_view kLogT =
    R"({"cmd":"sendlog","sn":"ZX1","count":1,"logindex":4,"record":[)"
    R"({"enrollid":5,"time":"2026-03-02T08:00:00","mode":1,"inout":0}]})";

// ---- who may speak --------------------------------------------------------

void a_stranger_is_introduced_and_refused(Checks &check)
{
    CloudTalk talk(kReg);
    auto step = talk.start();
    check.that(wish<Identify>(step) != nullptr, "asks who it is");
    step = talk.resume(state(std::nullopt));
    const auto *contact = wish<Contact>(step);
    check.that(contact != nullptr, "introduces it");
    check.equal("with its cpusn", contact ? contact->cpusn : "", "77");
    check.equal("and model", contact ? contact->model : "", "tfs30");
    step = talk.resume(state(DeviceState::pending));
    check.equal(
        "and refuses it", body(step),
        R"({"ret":"reg","result":false,"reason":"waits for approval"})");
    check.that(!talk.registration.known(), "not registered");
}

void closed_enrolment_leaves_no_row(Checks &check)
{
    CloudTalk talk(kReg, Channel::socket, Enrolment::closed);
    talk.start();
    const auto step = talk.resume(state(std::nullopt));
    check.equal("refused at once", body(step),
                R"({"ret":"reg","result":false,"reason":"did not reg"})");
    check.that(!std::get<cloud::Answer>(step).sighting.has_value(),
               "nothing to write");
}

void a_terminal_that_registers_gets_its_session(Checks &check)
{
    CloudTalk talk(kReg, Channel::socket, Enrolment::open);
    talk.start();
    talk.resume(state(std::nullopt));
    auto step = talk.resume(state(DeviceState::approved));
    check.that(wish<Identify>(step) != nullptr, "reads what became of it");
    step = talk.resume(identified_as(zx1()));
    const auto *open = wish<OpenSession>(step);
    check.equal("by this process", open ? open->worker : "", "here-1");
    step = talk.resume(approved_with(OpenedSession{9}));
    check.equal("its local time", body(step),
                R"({"ret":"reg","result":true,)"
                R"("cloudtime":"2026-03-02 08:30:00","nosenduser":true})");
    check.equal("epoch", talk.registration.epoch, 9);
}

void objections_come_before_anything_is_written(Checks &check)
{
    DeviceIdentity other = zx1();
    other.cpusn = "78";
    CloudTalk cpu(kReg);
    cpu.start();
    const auto refused = cpu.resume(identified_as(other));
    check.that(std::get<cloud::Answer>(refused).sighting->impostor,
               "its call is not the terminal's");
    check.equal("another cpusn", body(refused),
                R"({"ret":"reg","result":false,)"
                R"("reason":"the sn belongs to another cpusn"})");

    DeviceIdentity fk = zx1();
    fk.protocol = Protocol::fk;
    CloudTalk dialect(kReg);
    dialect.start();
    check.that(body(dialect.resume(identified_as(fk))).find("dialect") !=
                   std::string::npos,
               "another dialect's");

    CloudTalk blocked(kReg);
    blocked.start();
    check.equal(
        "blocked",
        body(blocked.resume(identified_as(zx1(), DeviceState::blocked))),
        R"({"ret":"reg","result":false,"reason":"blocked"})");
}

void a_token_is_needed_where_there_is_one(Checks &check)
{
    DeviceIdentity identity = zx1();
    const Sha256 hash = sha256(as_bytes("tok"));
    identity.token_hash = as_text(hash);
    const auto first_answer = [&](std::string_view json,
                                  std::string_view header) {
        CloudTalk talk(json, Channel::device_api);
        talk.origin.token = header;
        talk.start();
        return body(talk.resume(identified_as(identity)));
    };
    constexpr std::string_view kLive = R"({"cmd":"checklive","sn":"ZX1"})";
    const std::string refused =
        R"({"ret":"checklive","result":false,"reason":"bad token"})";
    check.equal("none", first_answer(kLive, ""), refused);
    check.equal("wrong", first_answer(kLive, "tol"), refused);
    check.that(first_answer(kLive, "tok") != refused, "header");
    check.that(first_answer(R"({"cmd":"checklive","sn":"ZX1","token":"tok"})",
                            "") != refused,
               "body");
}

// ---- acknowledged once committed ------------------------------------------

void a_registered_socket_stores_at_once(Checks &check)
{
    CloudTalk talk(kLog);
    talk.registered();
    auto step = talk.start();
    const auto *store = wish<StoreAttendance>(step);
    check.equal("one record", store ? store->records.size() : 0, 1U);
    check.equal("as the database spells it", store ? store->sn : "", "ZX1");
    step = talk.resume(state(DeviceState::approved));
    check.equal("answer", body(step),
                R"({"ret":"sendlog","result":true,"count":1,"logindex":4,)"
                R"("cloudtime":"2026-03-02 08:30:00","access":1})");
    check.equal("records", std::get<cloud::Answer>(step).records, 1U);
}

void no_error_is_an_acknowledgement(Checks &check)
{
    const std::string again = R"({"ret":"sendlog","result":false,"reason":1})";
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::overloaded,
                                 ErrorCode::rejected, ErrorCode::timed_out}) {
        CloudTalk talk(kLog);
        talk.registered();
        talk.start();
        const auto step = talk.resume(test::error(code));
        check.equal("error", body(step), again);
        check.equal("over HTTP", status(step), 503U);
    }
    CloudTalk late(kLog);
    late.registered();
    late.start();
    check.equal("deadline", body(late.exchange->expire()), again);
}

void what_cannot_be_stored_is_quarantined(Checks &check)
{
    CloudTalk talk(kLog);
    talk.registered();
    talk.start();
    auto step = talk.resume(test::error(ErrorCode::bad_data));
    const auto *kept = wish<Quarantine>(step);
    check.equal("whole", kept ? std::string(as_text(kept->frame)) : "",
                std::string(kLog));
    step = talk.resume(state(DeviceState::approved));
    check.that(std::get<cloud::Answer>(step).accepted, "and acknowledged");
    check.equal("no record", std::get<cloud::Answer>(step).records, 0U);

    CloudTalk bad(R"({"cmd":"sendlog","record":[{"enrollid":1}]})");
    bad.registered();
    check.that(wish<Quarantine>(bad.start()) != nullptr,
               "nothing but bad records");
    CloudTalk nobody(R"({"cmd":"senduser","name":"x"})");
    nobody.registered();
    check.that(wish<Quarantine>(nobody.start()) != nullptr,
               "nobody's credential");
}

void a_blocked_device_is_refused_while_it_is_connected(Checks &check)
{
    CloudTalk talk(kLog);
    talk.registered();
    talk.start();
    check.equal("refused", body(talk.resume(state(DeviceState::blocked))),
                R"({"ret":"sendlog","result":false,"reason":"blocked"})");
}

void its_clock_is_read_again_every_quarter(Checks &check)
{
    CloudTalk talk(kLog);
    talk.registered().registration.read_at_us -= 16LL * 60 * 1000000;
    auto step = talk.start();
    check.that(wish<Identify>(step) != nullptr, "who, again");
    DeviceIdentity summer = zx1();
    summer.now.hour = 9;
    step = talk.resume(identified_as(summer));
    check.that(wish<StoreAttendance>(step) != nullptr, "then its records");
    step = talk.resume(state(DeviceState::approved));
    check.that(body(step).find("09:30:00") != std::string::npos,
               "with the new offset");
}

// ---- channels -------------------------------------------------------------

std::string http_answer(std::string_view json, Channel channel)
{
    CloudTalk talk(json, channel);
    talk.start();
    auto step = talk.resume(identified_as(zx1()));
    while (std::holds_alternative<Run>(step)) {
        step = wish<Identify>(step) ? talk.resume(identified_as(zx1()))
                                    : talk.resume(state(DeviceState::approved));
    }
    return body(step);
}

void device_http_answers_as_the_specification_prints(Checks &check)
{
    check.equal("reg", http_answer(kReg, Channel::device_api),
                R"({"ret":"reg","result":true,)"
                R"("cloudtime":"2026-03-02T07:30:00Z","nosenduser":true})");
    check.equal("sendlog", http_answer(kLogT, Channel::device_api),
                R"({"ret":"sendlog","result":true,"count":1,)"
                R"("cloudtime":"2026-03-02T07:30:00Z","access":1})");
    check.equal("a blank mirrored", http_answer(kLog, Channel::device_api),
                R"({"ret":"sendlog","result":true,"count":1,)"
                R"("cloudtime":"2026-03-02 08:30:00","access":1})");
    check.equal(
        "checklive",
        http_answer(R"({"cmd":"checklive","sn":"ZX1"})", Channel::device_api),
        R"({"ret":"checklive","result":true,)"
        R"("cloudtime":"2026-03-02T07:30:00Z"})");
}

void pub_api_gets_what_its_firmware_needs(Checks &check)
{
    check.equal("mark", http_answer(kLogT, Channel::pub_api),
                R"({"ret":"sendlog","result":true,"count":1,"logindex":4,)"
                R"("cloudtime":"2026-03-02 08:30:00","access":1,"mark":true})");
    check.that(http_answer(kReg, Channel::pub_api).find("tryseconds") !=
                   std::string::npos,
               "tryseconds");
}

void frames_that_are_no_messages(Checks &check)
{
    CloudTalk broken(R"({"cmd":)", Channel::device_api);
    const auto bad = broken.start();
    check.equal("broken", status(bad), 400U);
    check.equal("and why", body(bad),
                R"({"result":false,"reason":"bad json"})");
    CloudTalk neither(R"({"foo":1})", Channel::device_api);
    check.equal("neither", status(neither.start()), 200U);
    CloudTalk no_sn(R"({"cmd":"reg"})", Channel::device_api);
    check.equal("no sn", body(no_sn.start()),
                R"({"ret":"reg","result":false,"reason":"no sn"})");
    CloudTalk socket(R"({"foo":1})");
    check.equal("a socket hears nothing", body(socket.start()), "");
}

void few_messages_get_other_answers(Checks &check)
{
    CloudTalk gps(R"({"cmd":"sendgps","location":"1,2"})");
    gps.registered();
    check.that(wish<StoreEvent>(gps.start()) != nullptr, "kept");
    check.equal("no answer", body(gps.resume(state(DeviceState::approved))),
                "");
    CloudTalk door(R"({"cmd":"sendlog","record":[{"enrollid":0,)"
                   R"("time":"2026-03-02 08:00:00","event":1}]})");
    door.registered();
    door.start();
    check.that(
        body(door.resume(state(DeviceState::approved))).find(R"("access":0)") !=
            std::string::npos,
        "nobody asks to pass");
    CloudTalk code(R"({"cmd":"sendqrcode","record":"123"})");
    code.registered();
    auto step = code.start();
    const auto *event = wish<StoreEvent>(step);
    check.that(event && event->payload.find("123") == std::string::npos,
               "the code itself is not kept");
    CloudTalk ota(R"({"cmd":"otacheck"})");
    ota.registered();
    check.that(body(ota.start()).find(R"("result":false)") != std::string::npos,
               "declined");
}

// ---- commands over HTTP ---------------------------------------------------

ClaimedCommand get_user()
{
    ClaimedCommand command;
    command.trans_id = "1001";
    command.cmd_code = "getuserinfo";
    command.cmd_param = R"({"enrollid":5,"backupnum":10})";
    return command;
}

void a_checklive_carries_the_command(Checks &check)
{
    constexpr std::string_view kLive =
        R"({"cmd":"checklive","sn":"zx1","time":"2026-03-02 08:30:00"})";
    CloudTalk talk(kLive, Channel::pub_api);
    talk.start();
    auto step = talk.resume(identified_as(zx1(), DeviceState::approved, true));
    const auto *next = wish<ClaimNext>(step);
    check.that(next != nullptr, "looks for it");
    check.that(next && next->transport == ClaimNext::Transport::poll,
               "as one that polls");
    step = talk.resume(approved_with(get_user()));
    check.equal("instead of the answer", body(step),
                R"({"cmd":"getuserinfo","sn":"zx1","enrollid":5,)"
                R"("backupnum":10})");

    CloudTalk none(kLive, Channel::pub_api);
    none.start();
    none.resume(identified_as(zx1(), DeviceState::approved, true));
    check.that(body(none.resume(state(DeviceState::approved)))
                       .find(R"("ret":"checklive")") != std::string::npos,
               "none after all");
}

void a_posted_answer_ends_the_command(Checks &check)
{
    constexpr std::string_view kAnswer =
        R"({"ret":"getuserinfo","sn":"ZX1","result":true,"enrollid":5,)"
        R"("backupnum":10,"name":"Eva","admin":0,"record":"0042"})";
    CloudTalk talk(kAnswer, Channel::pub_api);
    talk.start();
    check.that(wish<FindCommand>(talk.resume(identified_as(zx1()))) != nullptr,
               "which one");
    auto step = talk.resume(approved_with(get_user()));
    const auto *store = wish<StoreResult>(step);
    check.equal("it", store ? store->trans_id : "", "1001");
    check.that(store && store->end.has_value(), "ends");
    check.that(store && store->records.enrolment, "with the person");
    step = talk.resume(state(DeviceState::approved));
    check.equal("acknowledged", body(step),
                R"({"ret":"getuserinfo","result":true,)"
                R"("cloudtime":"2026-03-02 08:30:00"})");

    CloudTalk other(R"({"ret":"gettime","sn":"ZX1","time":"x"})",
                    Channel::pub_api);
    other.start();
    other.resume(identified_as(zx1()));
    check.that(body(other.resume(approved_with(get_user())))
                       .find(R"("result":true)") != std::string::npos,
               "another's is acknowledged");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_stranger_is_introduced_and_refused>),
        cmocka_unit_test(unit<closed_enrolment_leaves_no_row>),
        cmocka_unit_test(unit<a_terminal_that_registers_gets_its_session>),
        cmocka_unit_test(unit<objections_come_before_anything_is_written>),
        cmocka_unit_test(unit<a_token_is_needed_where_there_is_one>),
        cmocka_unit_test(unit<a_registered_socket_stores_at_once>),
        cmocka_unit_test(unit<no_error_is_an_acknowledgement>),
        cmocka_unit_test(unit<what_cannot_be_stored_is_quarantined>),
        cmocka_unit_test(
            unit<a_blocked_device_is_refused_while_it_is_connected>),
        cmocka_unit_test(unit<its_clock_is_read_again_every_quarter>),
        cmocka_unit_test(unit<device_http_answers_as_the_specification_prints>),
        cmocka_unit_test(unit<pub_api_gets_what_its_firmware_needs>),
        cmocka_unit_test(unit<frames_that_are_no_messages>),
        cmocka_unit_test(unit<few_messages_get_other_answers>),
        cmocka_unit_test(unit<a_checklive_carries_the_command>),
        cmocka_unit_test(unit<a_posted_answer_ends_the_command>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
