// What a simulated XML terminal answers to requests: the protocol's vectors,
// t/vectors/xml/cmd-*, one after the other on a terminal that holds what they
// speak of; and walks over people and logs.
#include "checks.hpp"

#include "xml_frames.hpp"
#include "xml_messages.hpp"

using namespace wac;
using namespace wac::sim;
using test::Checks;

namespace
{

constexpr std::int64_t kNow = 831000000; // of the host

std::string vector_of(const std::string &name)
{
    return test::xml_vector(name + ".xml");
}

using Fields = std::map<std::string, std::string>;

Fields fields_of(const xml::Message &message)
{
    Fields fields;
    for (const xml::Field &field : message.fields) {
        fields[field.name] = field.value;
    }
    return fields;
}

std::string text_of(const Fields &fields)
{
    std::string text;
    for (const auto &[name, value] : fields) {
        text += name + '=' + value + ' ';
    }
    return text;
}

struct Bench {
    Bench()
    {
        xml::set_up_library();
        terminal.sn = "TST0000001";
        terminal.utc_offset_minutes = -300;
        XmlUser ana;
        ana.name = "Ana Ruiz";
        ana.period_used = true;
        ana.period_start = "1704193";
        ana.period_end = "1707039";
        ana.card = "koRRAA==";
        ana.password = "012345";
        ana.fingers[0].data = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
        ana.fingers[1] = {};
        ana.has_face = true;
        ana.face = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp"
                   "KissLS4v";
        terminal.users[42] = ana;
        terminal.logs.make(CloudFamily::ai, 37, 1, kNow);
    }

    /** The answer to a request, read as the server reads it. */
    xml::Message ask(const std::string &frame)
    {
        xml::Decoder from_server(xml::Sender::server);
        xml::Decoder from_terminal;
        const auto request = from_server.decode(frame);
        if (!request) {
            return {};
        }
        last = execute(terminal, *request, kNow);
        const auto reply =
            from_terminal.decode(xml_response(terminal, request->name, last));
        return reply ? *reply : xml::Message{};
    }

    /** Fields are given as name, value, name, value … */
    xml::Message ask(const std::string &name,
                     std::initializer_list<const char *> fields)
    {
        xml::Writer writer("Message");
        writer.text("Request", name);
        for (const auto *at = fields.begin(); at < fields.end(); at += 2) {
            writer.text(*at, at[1]);
        }
        return ask(writer.encode());
    }

    XmlTerminal terminal;
    XmlOutcome last;
};

/** Against the whole reply of the vector. */
void check_vector(Checks &checks, Bench &bench, const std::string &name)
{
    checks.about(name);
    xml::Decoder decoder;
    const auto wanted = decoder.decode(vector_of(name + ".reply"));
    const auto got = bench.ask(vector_of(name + ".request"));
    checks.that(wanted.has_value(), "a vector");
    if (wanted) {
        checks.equal("name", got.name, wanted->name);
        checks.equal("reply", text_of(fields_of(got)),
                     text_of(fields_of(*wanted)));
    }
}

void vectors(Checks &checks)
{
    Bench bench;
    for (const char *name : {"cmd-getuserdata",
                             "cmd-getuserdata-missing",
                             "cmd-getfacedata",
                             "cmd-setfacedata",
                             "cmd-getfingerdata",
                             "cmd-setfingerdata",
                             "cmd-enrollfacebyphoto",
                             "cmd-setuserphoto",
                             "cmd-exitremoteenroll",
                             "cmd-getdeviceinfo",
                             "cmd-setdeviceinfo",
                             "cmd-setdeviceinfoext-url",
                             "cmd-lockcontrol-open",
                             "cmd-lockcontrol-reboot",
                             "cmd-enabledevice-no",
                             "cmd-getglogposinfo",
                             "cmd-getnextglog-end",
                             "cmd-deleteglogwithpos",
                             "cmd-emptytimelog",
                             "cmd-getfirmwareversion",
                             "cmd-firmwareupgradehttp",
                             "cmd-setethernet",
                             "cmd-setdepartment",
                             "cmd-getdepartment",
                             "cmd-setaccesstimezone",
                             "cmd-setbelltime",
                             "cmd-settime",
                             "cmd-setuserdata",
                             "cmd-setuserdata-nocert",
                             "cmd-setuserdata-clearcard",
                             "cmd-deleteuser",
                             "cmd-emptyuserenrollmentdata"}) {
        check_vector(checks, bench, name);
    }
}

void people_are_walked_over(Checks &checks)
{
    Bench bench;
    check_vector(checks, bench, "cmd-getnextuserdata-last");
    bench.terminal.users[50].password = "1";
    check_vector(checks, bench, "cmd-getfirstuserdata");
    check_vector(checks, bench, "cmd-getnextuserdataext");
    checks.about("");
    const auto next = bench.ask("GetNextUserDataExt", {"UserID", "42"});
    checks.equal("next", next.value("UserID"), "50");
    checks.equal("last", next.value("More"), "No");
    const auto end = bench.ask("GetNextUserDataExt", {"UserID", "50"});
    checks.equal("end", end.value("Result"), "Fail");
}

void people_are_changed(Checks &checks)
{
    Bench bench;
    bench.ask(vector_of("cmd-setuserdata-clearcard.request"));
    const XmlUser &ana = bench.terminal.users.at(42);
    checks.equal("card", ana.card, "");
    checks.equal("what is not named stays", ana.password, "012345");
    checks.equal("her name too", ana.name, "Ana Ruiz");
    bench.ask(vector_of("cmd-setuserdata-nocert.request"));
    checks.that(!bench.terminal.users.contains(43), "43 is refused whole");
    bench.ask("SetFingerData", {"UserID", "42", "FingerNo", "1"});
    checks.equal("fingers", ana.finger_mask(), 1U);
    bench.ask("SetFingerData", {"UserID", "42", "FingerNo", "9", "Duress", "1",
                                "FingerData", "AAAA"});
    checks.equal("fingers", ana.finger_mask(), 1U | 3U << 18);
    const auto refused =
        bench.ask("SetFingerData", {"UserID", "42", "FingerNo", "10"});
    checks.equal("eleven fingers", refused.value("Result"), "Fail");
    checks.equal("Type is needed",
                 bench.ask("SetUserData", {"UserID", "42"}).value("Result"),
                 "Fail");
    bench.ask("TakeOffManager", {});
    bench.ask(vector_of("cmd-deleteuser.request"));
    checks.that(bench.terminal.users.empty(), "nobody left");
}

void enrolment_is_followed_by_an_admin_log(Checks &checks)
{
    Bench bench;
    const auto code = [&bench](const char *user, const char *backup,
                               const char *finger) {
        const auto reply =
            bench.ask("RemoteEnroll",
                      {"UserID", user, "Backup", backup, "FingerNo", finger});
        return std::string(reply.value("ResultCode"));
    };
    checks.equal("whose", code("", "RemoteEnrollFP", "0"), "EnrollNumberError");
    checks.equal("face", code("42", "RemoteEnrollFace", "0"),
                 "FaceAlreadyEnrolled");
    checks.equal("finger", code("42", "RemoteEnrollFP", "0"),
                 "FPAlreadyEnrolled");
    checks.that(!bench.last.admin_log, "nothing happened");
    checks.equal("new", code("7", "RemoteEnrollFP", "3"), "Success");
    checks.that(bench.last.admin_log.has_value(), "an admin log");
    if (bench.last.admin_log) {
        checks.equal("on whom", bench.last.admin_log->user_id, 7);
        checks.equal("what", bench.last.admin_log->action, "EnrollUserFP");
    }
    checks.equal("held", bench.terminal.users.at(7).finger_mask(), 1U << 6);
}

void logs_are_read_by_position(Checks &checks)
{
    Bench bench;
    const auto at = [&bench](const char *position) {
        return bench.ask("GetNextGlog", {"BeginLogPos", position});
    };
    checks.equal("first", at("0").value("LogID"), "1");
    const auto last = at("36");
    checks.equal("last", last.value("LogID"), "37");
    checks.equal("offset", last.value("UtcTimezoneMinutes"), "4294966996");
    checks.equal("time", last.value("Time"), xml::format_time(wall_time(kNow)));
    checks.equal("behind", at("37").value("Result"), "Fail");
    checks.equal("negative", at("-1").value("Result"), "Fail");
    bench.ask("DeleteGlogWithPos", {"EndPos", "10"});
    checks.equal("the oldest are gone", at("0").value("LogID"), "11");
    checks.equal("count", bench.ask("GetGlogPosInfo", {}).value("LogCount"),
                 "27");
    const std::string from = xml::format_time(wall_time(kNow - 60));
    const auto found = bench.ask(
        "GetFirstGlog", {"BeginLogPos", "0", "StartTime", from.c_str()});
    checks.equal("from a time on", found.value("LogID"), "36");
    const auto nobody =
        bench.ask("GetFirstGlog", {"BeginLogPos", "0", "UserID", "2"});
    checks.equal("of nobody", nobody.value("Result"), "Fail");
    bench.ask("EmptyTimeLog", {});
    bench.terminal.logs.add({42, kNow, 1, 0});
    checks.equal("ids go on", at("0").value("LogID"), "38");
}

void the_clock_and_the_state(Checks &checks)
{
    Bench bench;
    bench.ask("SetTime", {"Time", "2026-5-12-T9:15:30Z"});
    checks.equal("time", bench.ask("GetTime", {}).value("Time"),
                 "2026-05-12-T09:15:30Z");
    checks.equal(
        "no time",
        bench.ask("SetTime", {"Time", "2026-02-30-T00:00:00Z"}).value("Result"),
        "Fail");
    const auto status = bench.ask("GetDeviceStatusAll", {});
    checks.equal("status", text_of(fields_of(status)),
                 "AlarmStatus=0 CardCount=1 DeviceSerialNo=TST0000001 "
                 "DoorStatus=0 FaceCount=1 FpCount=2 ManagerCount=0 "
                 "PwdCount=1 QRCount=0 TerminalID=1 TerminalType=F500 "
                 "UserCount=1 ");
    bench.ask("LockControl", {"Mode", "3"});
    checks.equal("lock", bench.ask("LockControlStatus", {}).value("Mode"), "3");
    checks.equal("door",
                 bench.ask("GetDeviceStatus", {"ParamName", "DoorStatus"})
                     .value("Value"),
                 "1");
    bench.ask("SetDeviceInfo", {"ParamName", "SoundVolume", "Value", "9"});
    checks.equal("kept", bench.ask("GetDeviceInfoAll", {}).value("SoundVolume"),
                 "9");
    bench.ask("LockControl", {"Mode", "5"});
    checks.that(bench.last.restart, "5 is a restart");
    checks.equal("and no state", bench.terminal.lock, 3);
    checks.equal("unknown", bench.ask("Whistle", {}).value("Result"), "Fail");
    checks.equal("never set",
                 bench.ask("GetDepartment", {"DeptNo", "4"}).value("Error"),
                 "Not exist");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<vectors>),
        cmocka_unit_test(test::unit<people_are_walked_over>),
        cmocka_unit_test(test::unit<people_are_changed>),
        cmocka_unit_test(test::unit<enrolment_is_followed_by_an_admin_log>),
        cmocka_unit_test(test::unit<logs_are_read_by_position>),
        cmocka_unit_test(test::unit<the_clock_and_the_state>),
    };
    return cmocka_run_group_tests_name("sim_xml_requests", tests, nullptr,
                                       nullptr);
}
