// A terminal's messages of the `type` dialect on their way: who is let in, and
// that nothing it sends is dropped without a word.
#include "checks.hpp"
#include "fk_talk.hpp"

#include "base/sha256.hpp"
#include "flow/type_exchange.hpp"

using namespace wac;
using namespace wac::type;
using test::approved_with;
using test::Checks;
using test::error;
using test::state;

namespace
{

constexpr std::string_view kRegister =
    R"({"type":"register","device_id":"D1","token":"tok"})";
constexpr std::string_view kTelemetry =
    R"({"type":"telemetry","payload":{"volts":12.5}})";
constexpr std::string_view kEvent =
    R"({"type":"event","device_id":"D1","event_type":"door_opened"})";
constexpr std::string_view kAuthFailed =
    R"({"type":"error","code":"auth_failed",)"
    R"("message":"the device is not known by that token"})";

/** 2026-03-02 07:30:00 in UTC. */
std::int64_t stopped_clock() noexcept
{
    return WallTime{2026, 3, 2, 7, 30, 0}.since_2000_us();
}

std::string hash_of(std::string_view token)
{
    const Sha256 hash = sha256(as_bytes(token));
    return std::string(as_text(hash));
}

Result<Outcome> identified(std::string_view token,
                           DeviceState s = DeviceState::approved,
                           Protocol protocol = Protocol::type)
{
    DeviceIdentity identity;
    identity.sn = "D1";
    identity.seen = true;
    identity.protocol = protocol;
    identity.token_hash = token.empty() ? "" : hash_of(token);
    Outcome outcome;
    outcome.state = s;
    outcome.detail = std::make_shared<const Outcome::Detail>(identity);
    return outcome;
}

struct Talk {
    explicit Talk(std::string_view json, std::string sn = "",
                  Enrolment policy = Enrolment::approve)
        : text(json), exchange({policy, "192.0.2.9", "Asia/Dubai", "here-1"},
                               std::move(sn), stopped_clock)
    {
    }

    Step start()
    {
        return exchange.start(std::move(decode_message(as_bytes(text)).value()),
                              as_bytes(text));
    }

    Step resume(const Result<Outcome> &outcome)
    {
        return exchange.resume(outcome);
    }

    std::string text;
    Exchange exchange;
};

template <typename Kind>
const Kind *wish(const Step &step)
{
    const auto *const run = std::get_if<Run>(&step);
    return run ? std::get_if<Kind>(run->operation) : nullptr;
}

const Answer &answer(const Step &step)
{
    static const Answer none = [] {
        Answer answer;
        answer.frame = "(no answer)";
        return answer;
    }();
    const auto *const end = std::get_if<Answer>(&step);
    return end ? *end : none;
}

std::string refusal(const Step &step)
{
    const auto &sighting = answer(step).sighting;
    return sighting ? sighting->refusal : "(no sighting)";
}

// ---- who is let in --------------------------------------------------------

void a_token_lets_a_terminal_in(Checks &check)
{
    Talk talk(kRegister);
    auto step = talk.start();
    const auto *who = wish<Identify>(step);
    check.equal("asks who it is", who ? who->sn : "", "D1");
    step = talk.resume(identified("tok"));
    const auto *contact = wish<Contact>(step);
    check.that(contact && contact->connected, "a live session's contact");
    check.that(contact && contact->protocol == Protocol::type,
               "of the dialect");
    step = talk.resume(state(DeviceState::approved));
    check.that(wish<Identify>(step) != nullptr, "reads what became of it");
    step = talk.resume(identified("tok"));
    const auto *open = wish<OpenSession>(step);
    check.equal("by this process", open ? open->worker : "", "here-1");
    check.equal("from there", open ? open->addr : "", "192.0.2.9");
    step = talk.resume(approved_with(OpenedSession{9}));
    check.equal("answer", answer(step).frame,
                R"({"type":"registered","device_id":"D1",)"
                R"("server_time":"2026-03-02T07:30:00.000Z"})");
    const auto &registration = answer(step).registration;
    check.equal("sn", registration ? registration->sn : "", "D1");
    check.equal("epoch", registration ? registration->epoch : 0, 9);
    check.that(!answer(step).turned_away, "stays");
    check.equal("seen", refusal(step), "");
}

void nobody_is_told_why_not(Checks &check)
{
    struct Case {
        std::string_view about;
        std::string_view json;
        Result<Outcome> first;
        std::string_view why; // for the operator
    };
    const Case cases[] = {
        {"wrong token", kRegister, identified("tol"), "wrong token"},
        {"no token", R"({"type":"register","device_id":"D1"})",
         identified("tok"), "it showed no token"},
        {"none was made", kRegister, identified(""),
         "no token was made for it"},
        {"blocked", kRegister, identified("tok", DeviceState::blocked),
         "blocked"},
        {"an XML terminal's name", kRegister,
         identified("tok", DeviceState::approved, Protocol::xml),
         "the name is that of a terminal of another dialect"},
    };
    for (const Case &one : cases) {
        check.about(one.about);
        Talk talk(one.json);
        talk.start();
        const auto step = talk.resume(one.first);
        check.equal("answer", answer(step).frame, kAuthFailed);
        check.that(answer(step).turned_away, "the connection ends");
        check.that(!answer(step).registration, "not registered");
        check.equal("for the operator", refusal(step), one.why);
        check.that(answer(step).note.ends_with(one.why), "logged");
    }
}

void a_terminal_without_a_usable_id_is_turned_away_at_once(Checks &check)
{
    for (const std::string_view json :
         {R"({"type":"register","token":"tok"})",
          R"({"type":"register","device_id":"","token":"tok"})",
          R"({"type":"register","device_id":7,"token":"tok"})",
          R"({"type":"register","device_id":"a b","token":"tok"})"}) {
        check.about(json);
        Talk talk(json);
        const auto step = talk.start();
        check.equal("answer", answer(step).frame, kAuthFailed);
        check.that(answer(step).turned_away, "the connection ends");
        check.that(!answer(step).sighting, "leaves no trace");
    }
}

void an_impostors_address_is_not_the_terminals(Checks &check)
{
    Talk talk(kRegister);
    talk.start();
    const auto step = talk.resume(identified("another"));
    const auto &sighting = answer(step).sighting;
    check.that(sighting && sighting->impostor, "an impostor");
    check.equal("address", sighting ? sighting->addr : "?", "");
}

void a_stranger_waits_for_approval(Checks &check)
{
    Talk talk(kRegister);
    talk.start();
    auto step = talk.resume(state(std::nullopt));
    check.that(wish<Contact>(step) != nullptr, "makes its row");
    step = talk.resume(state(DeviceState::pending));
    check.equal("answer", answer(step).frame, kAuthFailed);
    check.equal("for the operator", refusal(step), "waits for approval");

    Talk closed(kRegister, "", Enrolment::closed);
    closed.start();
    step = closed.resume(state(std::nullopt));
    check.equal("closed", answer(step).frame, kAuthFailed);
    check.that(!answer(step).sighting, "no row to write it to");
}

void the_first_token_counts_where_enrolment_is_open(Checks &check)
{
    Talk talk(kRegister, "", Enrolment::open);
    talk.start();
    auto step = talk.resume(state(std::nullopt));
    const auto *contact = wish<Contact>(step);
    check.that(contact && contact->token_hash == hash_of("tok"),
               "brings its token along");
    talk.resume(state(DeviceState::approved));
    step = talk.resume(identified("tok"));
    check.that(wish<OpenSession>(step) != nullptr, "let in");

    Talk late(kRegister, "", Enrolment::open);
    late.start();
    late.resume(state(std::nullopt));
    late.resume(state(DeviceState::approved));
    step = late.resume(identified("of somebody faster"));
    check.equal("second of two", answer(step).frame, kAuthFailed);
}

void it_registers_again_but_not_as_another(Checks &check)
{
    Talk same(kRegister, "D1");
    check.that(wish<Identify>(same.start()) != nullptr, "token checked again");
    Talk other(kRegister, "D2");
    const auto step = other.start();
    check.equal("another", answer(step).frame,
                R"({"type":"error","code":"already_registered",)"
                R"("message":"the connection is of another device",)"
                R"("device_id":"D1"})");
    check.that(!answer(step).turned_away, "stays");
}

void registering_can_be_tried_again(Checks &check)
{
    const std::string again =
        R"({"type":"error","code":"try_again",)"
        R"("message":"the database cannot be asked now","device_id":"D1"})";
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::overloaded,
                                 ErrorCode::rejected, ErrorCode::bad_data}) {
        Talk talk(kRegister);
        talk.start();
        const auto step = talk.resume(error(code));
        check.equal("answer", answer(step).frame, again);
        check.that(!answer(step).turned_away, "stays");
    }
    Talk opening(kRegister);
    opening.start();
    opening.resume(identified("tok"));
    opening.resume(state(DeviceState::approved));
    opening.resume(identified("tok"));
    auto step = opening.resume(error(ErrorCode::unavailable));
    check.equal("while it opens", answer(step).frame, again);
    check.that(!answer(step).registration, "not registered");
    Talk slow(kRegister);
    slow.start();
    check.equal("slow", answer(slow.exchange.expire()).frame, again);
}

void blocked_while_it_registers(Checks &check)
{
    Talk talk(kRegister);
    talk.start();
    talk.resume(identified("tok"));
    talk.resume(state(DeviceState::approved));
    talk.resume(identified("tok"));
    const auto step = talk.resume(state(DeviceState::blocked));
    check.equal("answer", answer(step).frame, kAuthFailed);
    check.that(!answer(step).registration, "not registered");
}

// ---- what it brings -------------------------------------------------------

void what_it_sends_is_stored_without_an_answer(Checks &check)
{
    Talk telemetry(kTelemetry, "D1");
    auto step = telemetry.start();
    const auto *measured = wish<StoreTelemetry>(step);
    check.equal("of the registered one", measured ? measured->sn : "", "D1");
    check.equal("payload", measured ? measured->payload : "",
                R"({"volts":12.5})");
    step = telemetry.resume(state(DeviceState::approved));
    check.equal("answer", answer(step).frame, "");
    check.equal("records", answer(step).records, 1U);
    check.that(answer(step).sighting.has_value(), "a sign of life");

    Talk event(kEvent, "D1");
    step = event.start();
    const auto *happened = wish<StoreEvent>(step);
    check.equal("event", happened ? happened->event_type : "", "door_opened");
    check.equal("without payload", happened ? happened->payload : "", "{}");
    step = event.resume(state(DeviceState::approved));
    check.equal("answer", answer(step).frame, "");
}

void another_devices_message_is_dropped(Checks &check)
{
    Talk talk(R"({"type":"telemetry","device_id":"D2"})", "D1");
    check.equal("another", answer(talk.start()).frame,
                R"({"type":"error","code":"device_mismatch",)"
                R"("message":"the connection is of another device",)"
                R"("device_id":"D2"})");
    Talk bad(R"({"type":"event","device_id":5,"event_type":"x"})", "D1");
    check.that(answer(bad.start()).frame.find(R"("malformed")") !=
                   std::string::npos,
               "no device at all");
}

void an_event_without_a_name_is_kept_and_refused(Checks &check)
{
    Talk talk(R"({"type":"event","event_type":7,"payload":{"a":1}})", "D1");
    auto step = talk.start();
    const auto *kept = wish<Quarantine>(step);
    check.equal("whole", kept ? as_text(kept->frame) : "", talk.text);
    check.equal("request", kept ? kept->request : "", "event");
    check.that(kept && kept->protocol == Protocol::type, "of the dialect");
    step = talk.resume(state(DeviceState::approved));
    check.that(
        answer(step).frame.starts_with(R"({"type":"error","code":"malformed")"),
        "and it hears that");
    check.equal("records", answer(step).records, 0U);
}

void what_the_database_cannot_hold_is_quarantined(Checks &check)
{
    for (const ErrorCode code : {ErrorCode::bad_data, ErrorCode::rejected}) {
        Talk talk(kTelemetry, "D1");
        talk.start();
        auto step = talk.resume(error(code));
        const auto *kept = wish<Quarantine>(step);
        check.equal("whole", kept ? as_text(kept->frame) : "", kTelemetry);
        step = talk.resume(state(DeviceState::approved));
        check.equal("answer", answer(step).frame, "");
        check.that(answer(step).note.starts_with("quarantined"), "logged");

        Talk worse(kEvent, "D1");
        worse.start();
        worse.resume(error(code));
        step = worse.resume(error(code));
        check.equal("not even that", answer(step).frame,
                    R"({"type":"error","code":"rejected",)"
                    R"("message":"event door_opened was not stored",)"
                    R"("device_id":"D1"})");
    }
}

void what_is_not_taken_now_is_tried_again(Checks &check)
{
    Talk talk(kTelemetry, "D1");
    auto step = talk.start();
    const Operation *const first = std::get<Run>(step).operation;
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::overloaded,
                                 ErrorCode::timed_out}) {
        step = talk.resume(error(code));
        const auto *again = std::get_if<RunAgain>(&step);
        check.that(again && again->operation == first, "the same once more");
    }
    step = talk.resume(state(DeviceState::approved));
    check.equal("then it is in", answer(step).frame, "");
    check.equal("nothing to tell", answer(step).note, "");
}

void what_is_lost_has_its_name_told(Checks &check)
{
    Talk talk(kEvent, "D1");
    talk.start();
    talk.resume(error(ErrorCode::unavailable));
    auto step = talk.exchange.expire();
    check.equal("answer", answer(step).frame,
                R"({"type":"error","code":"try_again",)"
                R"("message":"event door_opened was not stored",)"
                R"("device_id":"D1"})");
    check.equal("log", answer(step).note, "lost: it said so");
    check.equal("records", answer(step).records, 0U);
    Talk silent(kTelemetry, "D1");
    silent.start();
    step = silent.exchange.expire();
    check.equal("by silence", answer(step).frame,
                R"({"type":"error","code":"try_again",)"
                R"("message":"telemetry was not stored","device_id":"D1"})");
    Talk kept(kTelemetry, "D1");
    kept.start();
    kept.resume(error(ErrorCode::bad_data));
    const auto again = kept.resume(error(ErrorCode::unavailable));
    check.that(std::get_if<RunAgain>(&again) != nullptr,
               "the quarantine is tried again, too");
}

void one_that_is_blocked_is_put_out(Checks &check)
{
    Talk talk(kTelemetry, "D1");
    talk.start();
    auto step = talk.resume(state(DeviceState::blocked));
    check.equal("answer", answer(step).frame, kAuthFailed);
    check.that(answer(step).turned_away, "the connection ends");
    check.equal("for the operator", refusal(step), "blocked");
    check.equal("records", answer(step).records, 0U);
    Talk removed(kTelemetry, "D1");
    removed.start();
    step = removed.resume(state(std::nullopt));
    check.that(answer(step).turned_away, "removed");
    check.that(!answer(step).sighting, "no row to write it to");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_token_lets_a_terminal_in>),
        cmocka_unit_test(unit<nobody_is_told_why_not>),
        cmocka_unit_test(
            unit<a_terminal_without_a_usable_id_is_turned_away_at_once>),
        cmocka_unit_test(unit<an_impostors_address_is_not_the_terminals>),
        cmocka_unit_test(unit<a_stranger_waits_for_approval>),
        cmocka_unit_test(unit<the_first_token_counts_where_enrolment_is_open>),
        cmocka_unit_test(unit<it_registers_again_but_not_as_another>),
        cmocka_unit_test(unit<registering_can_be_tried_again>),
        cmocka_unit_test(unit<blocked_while_it_registers>),
        cmocka_unit_test(unit<what_it_sends_is_stored_without_an_answer>),
        cmocka_unit_test(unit<another_devices_message_is_dropped>),
        cmocka_unit_test(unit<an_event_without_a_name_is_kept_and_refused>),
        cmocka_unit_test(unit<what_the_database_cannot_hold_is_quarantined>),
        cmocka_unit_test(unit<what_is_not_taken_now_is_tried_again>),
        cmocka_unit_test(unit<what_is_lost_has_its_name_told>),
        cmocka_unit_test(unit<one_that_is_blocked_is_put_out>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
