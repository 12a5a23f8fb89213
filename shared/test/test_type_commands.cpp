// Operations and commands of the `type` dialect, and what a dashboard's words
// become for terminals of the others.
#include "checks.hpp"

#include "base/sha256.hpp"
#include "codec/cloud.hpp"
#include "proto/command_dialects.hpp"
#include "proto/type_commands.hpp"
#include "proto/type_operations.hpp"

#include <set>
#include <string>

using namespace wac;
using test::Checks;

namespace
{

type::Message decoded(std::string_view text)
{
    auto message = type::decode_message(as_bytes(text));
    return message ? std::move(*message) : type::Message();
}

Json json_of(std::string_view text)
{
    return Json(json_loadb(text.data(), text.size(), JSON_DECODE_ANY, nullptr));
}

// ---- operations ------------------------------------------------------------

void messages_become_operations(Checks &checks)
{
    Texts texts;
    const auto telemetry = type::handle_telemetry(
        decoded(R"({"type":"telemetry","payload":{"t":23.5}})"), "D1", texts);
    checks.equal("sn", telemetry.sn, "D1");
    checks.equal("payload", telemetry.payload, R"({"t":23.5})");

    const auto event = type::handle_event(
        decoded(R"({"type":"event","event_type":"door_opened"})"), "D1", texts);
    checks.equal("event sn", event->sn, "D1");
    checks.equal("event_type", event->event_type, "door_opened");
    checks.equal("no payload", event->payload, "{}");
    for (const std::string_view text :
         {R"({"type":"event"})", R"({"type":"event","event_type":""})",
          R"({"type":"event","event_type":5})",
          R"({"type":"event","event_type":"a\tb"})"}) {
        const auto refused = type::handle_event(decoded(text), "D1", texts);
        checks.that(!refused && refused.error().code == ErrorCode::malformed,
                    text);
    }
}

void a_registration_carries_a_token(Checks &checks)
{
    const auto contact = type::contact_of(
        decoded(R"({"type":"register","device_id":"D1","token":"tok_one"})"),
        "D1", Enrolment::open, "10.0.0.7", "Asia/Jakarta");
    const Sha256 hash = sha256(as_bytes("tok_one"));
    checks.equal("sn", contact.sn, "D1");
    checks.that(contact.protocol == Protocol::type, "protocol");
    checks.that(contact.policy == Enrolment::open, "policy");
    checks.equal("addr", contact.addr, "10.0.0.7");
    checks.equal("zone", contact.zone, "Asia/Jakarta");
    checks.that(contact.token_hash == as_text(hash), "token_hash");
    for (const std::string_view text :
         {R"({"type":"register"})", R"({"type":"register","token":""})",
          R"({"type":"register","token":5})",
          R"({"type":"telemetry","token":"tok_one"})"}) {
        const auto bare =
            type::contact_of(decoded(text), "D1", Enrolment::approve, "", "");
        checks.equal(text, bare.token_hash, "");
    }
}

// ---- commands --------------------------------------------------------------

std::string refusal_of(std::string_view cmd_code, std::size_t bins = 0,
                       bool native = false)
{
    const auto checked = type::check_command(cmd_code, nullptr, bins, native);
    if (!checked && checked.error().code != ErrorCode::refused) {
        return "another error code";
    }
    return checked ? "accepted" : checked.error().text;
}

void any_name_of_its_own_is_accepted(Checks &checks)
{
    for (const std::string_view code :
         {"unlock", "set", "Open the gate", "open_door", "lock_door", "reboot",
          "Get_User"}) {
        checks.equal(code, refusal_of(code), "accepted");
    }
    for (const std::string_view word :
         {"get_user", "set_user", "delete_user", "rename_user", "set_privilege",
          "list_users", "enroll_user", "clear_users", "get_logs", "clear_logs",
          "get_status", "get_info", "set_info", "get_time", "set_time",
          "set_name", "reset", "set_server"}) {
        checks.that(refusal_of(word).find("no such command") !=
                        std::string::npos,
                    word);
        checks.equal(word, refusal_of(word, 0, true), "accepted");
    }
    checks.that(refusal_of("unlock", 1) != "accepted", "binaries");
    checks.that(refusal_of("a\nb", 0, true) != "accepted", "controls");
    checks.that(refusal_of("") != "accepted", "no name");
}

void the_reference_is_accepted(Checks &checks)
{
    bool common_over = false;
    for (const CommandInfo &info : type::command_reference()) {
        checks.equal(info.cmd_code, refusal_of(info.cmd_code), "accepted");
        checks.that(info.form.empty() || json_of(info.form), info.form);
        checks.equal("destructive", info.destructive,
                     type::is_destructive(info.cmd_code));
        checks.that(type::is_urgent(info.cmd_code, nullptr), info.cmd_code);
        common_over = common_over || !info.common;
        checks.that(!info.common || !common_over, "a common word comes late");
    }
    checks.that(common_over, "there are names of its own");
}

/** The trigger wac_command_limits has the same names. */
void commands_have_their_classes(Checks &checks)
{
    for (const std::string_view code :
         {"open_door", "lock_door", "reboot", "reset", "enroll_user", "unlock",
          "lock", "opendoor", "lockctrl", "adduser", "RESET_FK", "OPEN_DOOR",
          "SET_DOOR_STATUS", "LockControl", "RemoteEnroll", "UNLOCK"}) {
        checks.that(type::is_urgent(code, nullptr), code);
    }
    checks.that(!type::is_urgent("set", nullptr), "set");
    for (const std::string_view code :
         {"clear_users", "clear_logs", "Clear_Everything", "set_server"}) {
        checks.that(type::is_destructive(code), code);
        checks.that(!type::loss_by(code).empty(), code);
    }
    checks.that(!type::is_destructive("unlock"), "unlock");
    checks.that(!type::is_destructive("clear"), "clear");
}

std::string frame_of(const ClaimedCommand &command)
{
    const auto run = type::CommandRun::begin(command, "D1");
    return run ? run->frame() : run.error().text;
}

void commands_go_out_in_one_frame(Checks &checks)
{
    ClaimedCommand command;
    command.trans_id = "1001";
    command.cmd_code = "open_door";
    command.cmd_param = R"({"door": 2})";
    command.request_id = "\"c-1\"";
    checks.equal("open_door", frame_of(command),
                 R"({"type":"command","command":"unlock",)"
                 R"("payload":{"door":2},"device_id":"D1","id":"c-1"})");
    command.native = true;
    checks.equal("native", frame_of(command),
                 R"({"type":"command","command":"open_door",)"
                 R"("payload":{"door":2},"device_id":"D1","id":"c-1"})");

    command = ClaimedCommand();
    command.cmd_code = "set";
    checks.equal("set", frame_of(command),
                 R"({"type":"command","command":"set","payload":{},)"
                 R"("device_id":"D1"})");
    command.cmd_code = "lock_door";
    checks.that(frame_of(command).find(R"("command":"lock")") !=
                    std::string::npos,
                "lock_door");
    command.cmd_param = "5";
    checks.that(frame_of(command).find(R"("payload":5)") != std::string::npos,
                "a payload that is no object");
    for (const std::string_view broken : {"{", "["}) {
        command.cmd_param = broken;
        checks.that(frame_of(command).find("parameters") == 4, broken);
    }
    command.cmd_param = "";
    command.cmd_bin = {"x"};
    checks.that(frame_of(command).find("binaries") != std::string::npos,
                "binaries");
    command.cmd_code = "get_user";
    checks.that(frame_of(command).find("no such command") != std::string::npos,
                "get_user");
}

void a_command_is_done_when_it_is_sent(Checks &checks)
{
    ClaimedCommand command;
    command.trans_id = "1001";
    command.cmd_code = "reboot";
    auto run = type::CommandRun::begin(command, "D1");
    checks.equal("trans_id", run->trans_id(), "1001");
    checks.equal("cmd_code", run->cmd_code(), "reboot");
    checks.that(!run->restarts(), "nobody waits for it");
    checks.that(!run->give_up(), "silence is no end");
    const auto end = run->sent();
    checks.that(end && end->status == CommandStatus::succeeded, "succeeded");
}

// ---- of all dialects -------------------------------------------------------

std::string ordered(Protocol protocol, std::string_view command,
                    std::string_view payload = "{}", bool native = false)
{
    const Json value = json_of(payload);
    const auto words = common_command(protocol, command, value.get(), native);
    return words ? words->cmd_code + ' ' + words->cmd_param
                 : "refused: " + words.error().text;
}

void every_protocol_has_its_dialect(Checks &checks)
{
    checks.equal("dialects", command_dialects().size(), 4U);
    for (const Protocol protocol :
         {Protocol::fk, Protocol::cloud, Protocol::type, Protocol::xml}) {
        const CommandDialect &dialect = command_dialect(protocol);
        checks.that(dialect.protocol == protocol, name_of(protocol));
        checks.that(command_dialect(name_of(protocol)) == &dialect,
                    name_of(protocol));
        checks.that(!dialect.reference().empty(), "a reference");
        checks.that(dialect.is_urgent("open_door", nullptr), "open_door");
        checks.equal("unlock", ordered(protocol, "unlock"),
                     protocol == Protocol::type ? "unlock " : "open_door ");
        checks.equal("open_door", ordered(protocol, "open_door"), "open_door ");
        checks.equal("native", ordered(protocol, "Whatever", "{}", true),
                     "Whatever ");
    }
    checks.that(!command_dialect("telnet"), "another");
}

void the_words_of_dashboards_are_translated(Checks &checks)
{
    checks.equal("lock", ordered(Protocol::cloud, "lock", R"({"door":1})"),
                 R"(lock_door {"door":1})");
    checks.equal("own", ordered(Protocol::cloud, "getdevinfo", "null"),
                 "getdevinfo ");
    checks.equal("null is a payload", ordered(Protocol::type, "set", "null"),
                 "set null");
    checks.equal("a word of its own", ordered(Protocol::type, "set", "[1]"),
                 "set [1]");
    checks.equal("native unlock",
                 ordered(Protocol::cloud, "unlock", "{}", true), "unlock ");
    for (const std::string &text : {ordered(Protocol::cloud, "unlock", "[1]"),
                                    ordered(Protocol::cloud, "dance"),
                                    ordered(Protocol::type, "get_user")}) {
        checks.that(text.starts_with("refused: "), text);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<messages_become_operations>),
        cmocka_unit_test(test::unit<a_registration_carries_a_token>),
        cmocka_unit_test(test::unit<any_name_of_its_own_is_accepted>),
        cmocka_unit_test(test::unit<the_reference_is_accepted>),
        cmocka_unit_test(test::unit<commands_have_their_classes>),
        cmocka_unit_test(test::unit<commands_go_out_in_one_frame>),
        cmocka_unit_test(test::unit<a_command_is_done_when_it_is_sent>),
        cmocka_unit_test(test::unit<every_protocol_has_its_dialect>),
        cmocka_unit_test(test::unit<the_words_of_dashboards_are_translated>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
