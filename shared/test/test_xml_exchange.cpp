// The exchange of an XML terminal's message: who may register and log in, what
// is committed before it is answered, and what ends the connection.
#include "checks.hpp"
#include "xml_exchange_talk.hpp"

using namespace wac;
using test::approved_with;
using test::Checks;
using test::closes;
using test::heard;
using test::kNewToken;
using test::kToken;
using test::sighting;
using test::state;
using test::wish;
using test::xml_hash;
using test::xml_identified;
using test::xml_terminal;
using test::XmlTalk;

namespace
{

constexpr std::string_view kRegister =
    "<Message><Request>Register</Request><TerminalType>F500</TerminalType>"
    "<DeviceSerialNo>TST0000001</DeviceSerialNo><CloudId>c-1</CloudId>"
    "</Message>";
constexpr std::string_view kOpRegister =
    "<Request><Operation>Register</Operation>"
    "<DeviceSerialNo>TST0000001</DeviceSerialNo><CloudId>c-1</CloudId>"
    "</Request>";
constexpr std::string_view kLog =
    "<Message><DeviceSerialNo>TST0000001</DeviceSerialNo>"
    "<Event>TimeLog_v2</Event><LogID>4</LogID>"
    "<Time>2026-05-12-T09:15:30Z</Time><UserID>42</UserID><Action>FP</Action>"
    "<TransID>99</TransID></Message>";
constexpr std::string_view kKeepAlive =
    "<Message><Event>KeepAlive</Event>"
    "<DeviceSerialNo>TST0000001</DeviceSerialNo>"
    "<DevTime>2026-05-12-T09:15:00Z</DevTime></Message>";

const std::string kRegisterFail =
    "Response=Register DeviceSerialNo=TST0000001 Result=Fail";
const std::string kLoginFail =
    "Response=Login DeviceSerialNo=TST0000001 Result=Fail";
const std::string kLoginUnknown =
    "Response=Login DeviceSerialNo=TST0000001 Result=FailUnknownToken";
const std::string kLoginOk =
    "Response=Login DeviceSerialNo=TST0000001 Result=OK";
const std::string kLogFail = "Response=TimeLog_v2 TransID=99 Result=Fail";
const std::string kLogOk = "Response=TimeLog_v2 TransID=99 Result=OK";

std::string login(std::string_view token)
{
    return "<Message><Request>Login</Request>"
           "<DeviceSerialNo>TST0000001</DeviceSerialNo><Token>" +
           std::string(token) + "</Token></Message>";
}

Result<Outcome> failed_by(ErrorCode code)
{
    return test::error(code);
}

// ---- Register -------------------------------------------------------------

void a_token_is_kept_before_it_is_handed_out(Checks &check)
{
    XmlTalk talk(kRegister);
    auto step = talk.admit(xml_terminal(""));
    const auto *keep = wish<KeepToken>(step);
    check.that(keep != nullptr, "kept");
    check.equal("of", keep ? keep->sn : "", "TST0000001");
    check.that(keep && keep->token_hash == xml_hash(kNewToken), "as its hash");
    check.that(keep && !keep->proved, "not proved yet");
    step = talk.resume(state(DeviceState::approved));
    check.equal("handed out", heard(step),
                "Response=Register DeviceSerialNo=TST0000001 Token=" +
                    std::string(kNewToken) + " Result=OK");
    check.that(talk.registration.known(), "registered");
    check.that(!talk.registration.logged_in(), "and no more");
}

void a_token_that_is_not_kept_is_not_handed_out(Checks &check)
{
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::overloaded,
                                 ErrorCode::rejected, ErrorCode::timed_out}) {
        XmlTalk talk(kRegister);
        talk.admit(xml_terminal(""));
        check.equal("error", heard(talk.resume(failed_by(code))),
                    kRegisterFail);
        check.that(!talk.registration.known(), "not registered");
    }
    XmlTalk late(kRegister);
    late.admit(xml_terminal(""));
    check.equal("deadline", heard(late.exchange->expire()), kRegisterFail);
    XmlTalk dull(kRegister);
    dull.random = test::no_entropy;
    check.equal("no random numbers", heard(dull.admit(xml_terminal(""))),
                kRegisterFail);
}

void a_stranger_is_introduced_and_refused(Checks &check)
{
    XmlTalk talk(kRegister);
    auto step = talk.start();
    check.that(wish<Identify>(step) != nullptr, "asks who it is");
    step = talk.resume(state(std::nullopt));
    const auto *contact = wish<Contact>(step);
    check.equal("introduced as", contact ? contact->model : "", "F500");
    check.that(contact && contact->connected, "by a connection");
    check.that(contact && contact->token_hash.empty(), "without a token");
    step = talk.resume(state(DeviceState::pending));
    check.equal("refused", heard(step), kRegisterFail);
    check.equal("it stays", closes(step), 0U);
    check.equal("why", sighting(step).value_or(Sighting{}).refusal,
                "Register refused: waits for approval");
    XmlTalk closed(kRegister, Enrolment::closed);
    closed.start();
    step = closed.resume(state(std::nullopt));
    check.equal("closed enrolment", heard(step), kRegisterFail);
    check.that(!sighting(step), "leaves no row");
}

void who_holds_a_token_does_not_get_another(Checks &check)
{
    XmlTalk talk(kRegister);
    talk.start();
    DeviceIdentity identity = xml_terminal();
    identity.connected = true;
    auto step = talk.resume(xml_identified(identity));
    check.equal("refused", heard(step), kRegisterFail);
    const auto seen = sighting(step).value_or(Sighting{});
    check.that(seen.refusal.find("wacctl device reset") != seen.refusal.npos,
               "says what helps");
    check.that(seen.impostor && seen.addr.empty(), "it was somebody else");
    check.that(test::note(step).find("192.0.2.9 while another connection") !=
                   std::string::npos,
               "alarm: " + test::note(step));
    check.that(std::get<xml::Answer>(step).note_level == LogLevel::warn,
               "is a warning");

    XmlTalk operation(kOpRegister);
    operation.start();
    check.equal("nor in the other dialect",
                heard(operation.resume(xml_identified(xml_terminal()))),
                "Result=fail DeviceSerialNo=TST0000001");
}

void the_cloud_id_decides(Checks &check)
{
    XmlTalk right(kRegister, Enrolment::approve, "c-1");
    check.that(wish<KeepToken>(right.admit(xml_terminal())) != nullptr,
               "the right one gets a new token");
    for (const std::string_view wanted : {"c-2", "c-", "c-11", "C-1"}) {
        XmlTalk wrong(kRegister, Enrolment::open, wanted);
        const auto step = wrong.start();
        check.equal("refused", heard(step), kRegisterFail);
        check.equal("closed", closes(step), 1008U);
        check.equal("why", sighting(step).value_or(Sighting{}).refusal,
                    "Register refused: bad CloudId");
    }
    XmlTalk none("<Message><Request>Register</Request>"
                 "<DeviceSerialNo>S1</DeviceSerialNo></Message>",
                 Enrolment::open, "c-1");
    check.equal("none", closes(none.start()), 1008U);
}

void a_connection_that_is_logged_in_may_register(Checks &check)
{
    XmlTalk talk(kRegister);
    talk.logged_in();
    check.that(wish<KeepToken>(talk.admit(xml_terminal())) != nullptr,
               "it has shown its token");
    talk.resume(state(DeviceState::approved));
    check.equal("and stays what it was", talk.registration.epoch, 7);
}

// ---- Login ----------------------------------------------------------------

void a_right_token_opens_the_session(Checks &check)
{
    XmlTalk talk(login(kToken));
    auto step = talk.admit(xml_terminal());
    const auto *open = wish<OpenSession>(step);
    check.equal("opened by", open ? open->worker : "", "here-1");
    check.equal("from", open ? open->addr : "", "192.0.2.9");
    check.that(!talk.registration.logged_in(), "not before");
    step = talk.resume(approved_with(OpenedSession{9}));
    check.equal("answer", heard(step), kLoginOk);
    check.equal("epoch", talk.registration.epoch, 9);
}

void an_offered_token_is_proved_first(Checks &check)
{
    DeviceIdentity identity = xml_terminal("old");
    identity.offered_token_hash = xml_hash(kToken);
    XmlTalk talk(login(kToken));
    auto step = talk.admit(identity);
    const auto *keep = wish<KeepToken>(step);
    check.that(keep && keep->proved, "proved");
    check.that(keep && keep->token_hash == xml_hash(kToken), "this one");
    step = talk.resume(state(DeviceState::approved));
    check.that(wish<OpenSession>(step) != nullptr, "then opened");
    XmlTalk old(login("old"));
    check.that(wish<OpenSession>(old.admit(identity)) != nullptr,
               "the one before counts, too");
}

void a_wrong_token_is_told_from_a_refusal(Checks &check)
{
    for (const std::string &frame :
         {login("guess"), login(""),
          std::string("<Message><Request>Login</Request><DeviceSerialNo>"
                      "TST0000001</DeviceSerialNo></Message>")}) {
        XmlTalk talk(frame);
        talk.start();
        const auto step = talk.resume(xml_identified(xml_terminal()));
        check.equal("wrong", heard(step), kLoginUnknown);
        check.that(sighting(step).value_or(Sighting{}).impostor, "not it");
    }
    XmlTalk fresh(login(""));
    fresh.start();
    check.equal("none was ever given",
                heard(fresh.resume(xml_identified(xml_terminal("")))),
                kLoginUnknown);
    for (const DeviceState refused :
         {DeviceState::pending, DeviceState::blocked}) {
        XmlTalk talk(login(kToken));
        talk.start();
        auto step = talk.resume(xml_identified(xml_terminal(), refused));
        if (wish<Contact>(step)) {
            step = talk.resume(state(refused));
        }
        check.equal("not let in", heard(step), kLoginFail);
        check.that(!talk.registration.known(), "nobody");
    }
    XmlTalk stranger(login(kToken), Enrolment::closed);
    stranger.start();
    check.equal("unknown", heard(stranger.resume(state(std::nullopt))),
                kLoginFail);
}

void a_stranger_that_is_to_show_its_cloud_id_is_sent_back(Checks &check)
{
    XmlTalk talk(login(kToken), Enrolment::open, "c-1");
    talk.start();
    const auto step = talk.resume(state(std::nullopt));
    check.equal("to Register", heard(step), kLoginUnknown);
    XmlTalk open(login(kToken), Enrolment::open);
    open.start();
    check.that(wish<Contact>(open.resume(state(std::nullopt))) != nullptr,
               "without one it is made known");
    open.resume(state(DeviceState::approved));
    check.equal("and registers, too",
                heard(open.resume(xml_identified(xml_terminal("")))),
                kLoginUnknown);
}

void no_error_lets_a_terminal_in(Checks &check)
{
    XmlTalk down(login(kToken));
    down.start();
    check.equal("identify",
                heard(down.resume(failed_by(ErrorCode::unavailable))),
                kLoginFail);
    XmlTalk slow(login(kToken));
    slow.admit(xml_terminal());
    check.equal("open", heard(slow.exchange->expire()), kLoginFail);
    check.that(!slow.registration.logged_in(), "not logged in");
    XmlTalk gone(login(kToken));
    gone.admit(xml_terminal());
    check.equal("blocked meanwhile",
                heard(gone.resume(state(DeviceState::blocked))), kLoginFail);
    check.that(!gone.registration.logged_in(), "neither");
}

void the_other_dialect_needs_no_login(Checks &check)
{
    XmlTalk talk(kOpRegister);
    auto step = talk.admit(xml_terminal(""));
    check.that(wish<OpenSession>(step) != nullptr, "opened by Register");
    step = talk.resume(approved_with(OpenedSession{9}));
    check.equal("answer", heard(step),
                "Result=success Session=" + std::string(test::kNewSession) +
                    " DeviceSerialNo=TST0000001");
    check.that(talk.registration.logged_in(), "logged in");
}

// ---- acknowledged once committed -------------------------------------------

void a_log_is_committed_first(Checks &check)
{
    XmlTalk talk(kLog);
    talk.logged_in();
    auto step = talk.start();
    const auto *store = wish<StoreAttendance>(step);
    check.equal("one record", store ? store->records.size() : 0, 1U);
    check.equal("answer", heard(talk.resume(state(DeviceState::approved))),
                kLogOk);
    for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::overloaded,
                                 ErrorCode::rejected, ErrorCode::timed_out}) {
        XmlTalk bad(kLog);
        bad.logged_in().start();
        step = bad.resume(failed_by(code));
        check.equal("error", heard(step), kLogFail);
        check.equal("it stays", closes(step), 0U);
    }
    XmlTalk late(kLog);
    late.logged_in().start();
    check.equal("deadline", heard(late.exchange->expire()), kLogFail);
}

void what_cannot_be_stored_is_quarantined(Checks &check)
{
    XmlTalk talk(kLog);
    talk.logged_in().start();
    auto step = talk.resume(failed_by(ErrorCode::bad_data));
    const auto *kept = wish<Quarantine>(step);
    check.equal("whole", kept ? std::string(as_text(kept->frame)) : "",
                std::string(kLog));
    step = talk.resume(state(DeviceState::approved));
    check.equal("and acknowledged", heard(step), kLogOk);
    check.equal("no record", std::get<xml::Answer>(step).records, 0U);

    std::string admin(kLog);
    admin.replace(admin.find("TimeLog_v2"), 10, "AdminLog");
    admin.replace(admin.find("2026-05-12"), 10, "2026-13-12");
    XmlTalk bad(admin);
    bad.logged_in();
    check.that(wish<Quarantine>(bad.start()) != nullptr, "a bad date");
    check.equal("is not if that fails",
                heard(bad.resume(failed_by(ErrorCode::bad_data))),
                "Response=AdminLog TransID=99 Result=Fail");
}

void a_terminal_that_was_blocked_is_cut_off(Checks &check)
{
    for (const std::optional<DeviceState> now :
         {std::optional(DeviceState::blocked), std::optional<DeviceState>()}) {
        XmlTalk talk(kLog);
        talk.logged_in().start();
        const auto step = talk.resume(state(now));
        check.equal("refused", heard(step), kLogFail);
        check.equal("closed", closes(step), 1008U);
    }
}

void nothing_is_stored_before_login(Checks &check)
{
    for (const std::string_view frame : {kLog, kKeepAlive}) {
        XmlTalk talk(frame);
        const auto step = talk.start();
        check.equal("unheard", heard(step), "");
        check.equal("it stays", closes(step), 0U);
        check.that(!sighting(step), "not seen either");
    }
    XmlTalk registered(kLog);
    registered.logged_in().registration.epoch = 0;
    check.equal("registered is not enough", heard(registered.start()), "");
}

// ---- signs of life ----------------------------------------------------------

void a_keepalive_gets_the_local_time(Checks &check)
{
    XmlTalk talk(kKeepAlive);
    talk.logged_in();
    talk.registration.read_at_us -= 10 * 1000000;
    const auto step = talk.start();
    check.equal("answer", heard(step),
                "Response=KeepAlive Result=OK DevTime=2026-05-12-T09:15:00Z "
                "ServerTime=2026-05-12-T09:15:41Z");
    const auto seen = sighting(step).value_or(Sighting{});
    check.that(seen.device_time == WallTime{2026, 5, 12, 9, 15, 0},
               "its clock is noted");
}

void its_clock_is_read_again_every_quarter(Checks &check)
{
    XmlTalk talk(kKeepAlive);
    talk.logged_in();
    talk.registration.read_at_us -= 20LL * 60 * 1000000;
    check.that(wish<Identify>(talk.start()) != nullptr, "read again");
    DeviceIdentity summer = xml_terminal();
    summer.now.hour = 10;
    const std::string now = heard(talk.resume(xml_identified(summer)));
    check.that(now.ends_with("ServerTime=2026-05-12-T10:15:31Z"), now);

    XmlTalk down(kKeepAlive);
    down.logged_in();
    down.registration.read_at_us -= 20LL * 60 * 1000000;
    down.start();
    const std::string old =
        heard(down.resume(failed_by(ErrorCode::unavailable)));
    check.that(old.ends_with("ServerTime=2026-05-12-T09:35:31Z"), old);
}

// ---- whose message --------------------------------------------------------

void a_connection_is_of_one_terminal(Checks &check)
{
    std::string other(kLog);
    other.replace(other.find("0001"), 4, "0009");
    XmlTalk talk(other);
    talk.logged_in();
    auto step = talk.start();
    check.equal("a log is told", heard(step), kLogFail);
    check.equal("closed", closes(step), 1008U);

    std::string again(kRegister);
    again.replace(again.find("0001"), 4, "0009");
    XmlTalk second(again);
    second.logged_in();
    step = second.start();
    check.equal("another's Register", heard(step), "");
    check.equal("ends it", closes(step), 1008U);

    XmlTalk dialect(kOpRegister);
    dialect.logged_in();
    check.equal("the other dialect", closes(dialect.start()), 1008U);
    XmlTalk back(kLog);
    back.logged_in(xml::Dialect::operation);
    check.equal("and back", closes(back.start()), 1008U);
}

void terminals_request_two_things(Checks &check)
{
    constexpr std::string_view kLock =
        "<Message><Request>LockControl</Request><Mode>1</Mode></Message>";
    XmlTalk before(kLock);
    check.equal("before", closes(before.start()), 1008U);
    XmlTalk after(kLock);
    after.logged_in();
    const auto step = after.start();
    check.equal("after", closes(step), 1008U);
    check.equal("without a word", heard(step), "");
    XmlTalk nobody("<Message><Request>Login</Request></Message>");
    check.equal("of nobody", closes(nobody.start()), 1008U);
    XmlTalk lower("<Message><Request>register</Request>"
                  "<DeviceSerialNo>S1</DeviceSerialNo></Message>");
    check.equal("in another case", closes(lower.start()), 1008U);
}

void a_name_does_not_forge_log_lines(Checks &check)
{
    XmlTalk talk("<Message><Event>x&#10;wac: y</Event></Message>");
    talk.logged_in().start();
    check.equal("name", std::string(talk.exchange->name()), "a message");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_token_is_kept_before_it_is_handed_out>),
        cmocka_unit_test(unit<a_token_that_is_not_kept_is_not_handed_out>),
        cmocka_unit_test(unit<a_stranger_is_introduced_and_refused>),
        cmocka_unit_test(unit<who_holds_a_token_does_not_get_another>),
        cmocka_unit_test(unit<the_cloud_id_decides>),
        cmocka_unit_test(unit<a_connection_that_is_logged_in_may_register>),
        cmocka_unit_test(unit<a_right_token_opens_the_session>),
        cmocka_unit_test(unit<an_offered_token_is_proved_first>),
        cmocka_unit_test(unit<a_wrong_token_is_told_from_a_refusal>),
        cmocka_unit_test(
            unit<a_stranger_that_is_to_show_its_cloud_id_is_sent_back>),
        cmocka_unit_test(unit<no_error_lets_a_terminal_in>),
        cmocka_unit_test(unit<the_other_dialect_needs_no_login>),
        cmocka_unit_test(unit<a_log_is_committed_first>),
        cmocka_unit_test(unit<what_cannot_be_stored_is_quarantined>),
        cmocka_unit_test(unit<a_terminal_that_was_blocked_is_cut_off>),
        cmocka_unit_test(unit<nothing_is_stored_before_login>),
        cmocka_unit_test(unit<a_keepalive_gets_the_local_time>),
        cmocka_unit_test(unit<its_clock_is_read_again_every_quarter>),
        cmocka_unit_test(unit<a_connection_is_of_one_terminal>),
        cmocka_unit_test(unit<terminals_request_two_things>),
        cmocka_unit_test(unit<a_name_does_not_forge_log_lines>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
