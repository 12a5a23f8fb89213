// The common words as XML terminals get them: requests, and what the answers
// make of them.
#include "checks.hpp"
#include "xml_command_talk.hpp"

using namespace wac;
using test::Checks;
using test::xml_command;
using test::xml_elements;
using test::xml_message;
using test::XmlAnswer;
using test::XmlTalk;

namespace
{

void simple_words_are_one_request(Checks &checks)
{
    struct Word {
        std::string_view code, param, request;
    };
    // clang-format off
    const Word kWords[] = {
        {"clear_users", "", "EmptyUserEnrollmentData"},
        {"clear_logs", "", "EmptyTimeLog"},
        {"get_status", "", "GetDeviceStatusAll"},
        {"get_info", "", "GetDeviceInfoAll"},
        {"get_time", "", "GetTime"},
        {"set_time", "", "SetTime Time=2026-05-12-T09:15:30Z"},
        {"set_time", R"({"time":"2026-09-29 20:00:00"})",
         "SetTime Time=2026-09-29-T20:00:00Z"},
        {"set_name", R"({"name":"gate 2"})",
         "SetDeviceInfoExt ParamName=DeviceName Value1=gate 2"},
        {"set_server", R"({"host":"wss://h.example/ws"})",
         "SetDeviceInfoExt ParamName=WebServerUrl Value1=wss://h.example/ws"},
        {"set_server", R"({"host":"192.0.2.20","port":7788})",
         "SetDeviceInfoExt ParamName=WebServerUrl Value1=ws://192.0.2.20:7788/"},
        {"open_door", "", "LockControl Mode=1"},
        {"lock_door", "", "LockControl Mode=2"},
        {"lock_door", R"({"mode":"open"})", "LockControl Mode=3"},
        {"lock_door", R"({"mode":"normal"})", "LockControl Mode=4"},
        {"reboot", "", "LockControl Mode=5"},
        {"reset", "", "LockControl Mode=5"},
        {"delete_user", R"({"enrollid":42})",
         "SetUserData UserID=42 Type=Delete"},
        {"delete_user", R"({"enrollid":42,"backupnum":3})",
         "SetFingerData UserID=42 FingerNo=3"},
        {"delete_user", R"({"enrollid":42,"backupnum":11})",
         "SetUserData UserID=42 Type=Set Card= AllowNoCertificate=Yes"},
        {"enroll_user", R"({"enrollid":"42"})",
         "RemoteEnroll UserID=42 Backup=RemoteEnrollFP FingerNo=0"},
        {"enroll_user", R"({"enrollid":42,"backupnum":50})",
         "RemoteEnroll UserID=42 Backup=RemoteEnrollFace"},
        {"get_user", R"({"enrollid":42,"backupnum":4})",
         "GetFingerData UserID=42 FingerNo=4 FingerOnly=1"},
        {"get_user", R"({"enrollid":42,"backupnum":50})",
         "GetUserPhoto UserID=42"},
    };
    // clang-format on
    for (const Word &word : kWords) {
        checks.about(word.code);
        checks.equal(
            "talk",
            XmlTalk(xml_command(word.code, word.param)).hear({}).lines(),
            std::string(word.request) + "\n  succeeded OK\n");
    }
    const auto native = xml::CommandRun::begin(xml_command(
        "SetPowerSetting", R"({"a":true,"b":false,"c":1.5,"d":""})", true));
    checks.equal("native", native ? xml_elements(native->frame()) : "nothing",
                 "M\n=SetPowerSetting\na=Yes\nb=No\nc=1.5\nd=\n");
}

void a_user_is_read_with_templates(Checks &checks)
{
    const XmlAnswer user = {{"UserID", "42"},
                            {"Name", "QQBuAG4A"},
                            {"Privilege", "Administrator"},
                            {"Enabled", "No"},
                            {"PWD", "012345"},
                            {"Fingers", "65"},
                            {"FaceEnrolled", "Yes"},
                            {"Result", "OK"}};
    XmlTalk talk(xml_command("get_user", R"({"enrollid":42})"));
    talk.hear(user)
        .hear({{"UserID", "42"}, {"FingerData", "AAAA"}, {"Result", "OK"}})
        .hear({{"UserID", "42"}, {"Result", "Fail"}})
        .hear({{"UserID", "41"}, {"FaceData", "AAEC"}})
        .hear({{"UserID", "42"}, {"FaceData", "AAEC"}});
    checks.equal(
        "talk", talk.lines(),
        "GetUserData UserID=42\n"
        "  on user 42/SUPER/off enrolment 42/Ann 10:012345\n"
        "GetFingerData UserID=42 FingerNo=0 FingerOnly=1\n"
        "  on enrolment 42/ 0:AAAA\n"
        "GetFingerData UserID=42 FingerNo=3 FingerOnly=1\n"
        "  on\n"
        "GetFaceData UserID=42\nnot its answer\n"
        "GetFaceData UserID=42\n"
        R"(  succeeded OK {"enrollid":"42","name":"Ann","privilege":"SUPER",)"
        R"("enabled":false,"backupnums":[10,0,20]} enrolment 42/ 20:AAEC)"
        "\n");

    XmlTalk missing(xml_command("get_user", R"({"enrollid":42})"));
    checks.equal("missing", missing.hear({{"Result", "Fail"}}).lines(),
                 "GetUserData UserID=42\n"
                 "  failed Fail there is no such user\n");
    XmlTalk silent(xml_command("get_user", R"({"enrollid":42})"));
    checks.that(silent.silence().hear(user).silence().lines().ends_with(
                    R"("backupnums":[10],"incomplete":true})"
                    "\n"),
                silent.lines());
}

void a_terminal_that_is_not_ready_is_asked_again(Checks &checks)
{
    const XmlAnswer not_ready{{"Result", "Device Not Ready"}};
    const std::string once = "GetUserData UserID=42\n  not ready\n";
    XmlTalk busy(xml_command("get_user", R"({"enrollid":42,"backupnum":4})"));
    busy.hear(not_ready).hear({{"FingerData", "AAEC"}});
    checks.equal("busy", busy.lines(),
                 "GetFingerData UserID=42 FingerNo=4 FingerOnly=1\n"
                 "  not ready\n"
                 "GetFingerData UserID=42 FingerNo=4 FingerOnly=1\n"
                 "  succeeded OK enrolment 42/ 4:AAEC\n");

    XmlTalk never(xml_command("get_user", R"({"enrollid":42})"));
    never.hear(not_ready).hear(not_ready).hear(not_ready).hear(not_ready);
    checks.equal("never", never.lines(),
                 once + once + once +
                     "GetUserData UserID=42\n"
                     "  failed Device Not Ready Device Not Ready\n");
}

void a_user_is_changed_and_the_rest_kept(Checks &checks)
{
    XmlTalk talk(xml_command(
        "set_user",
        R"({"enrollid":42,"name":"Bo","credentials":[)"
        R"({"backupnum":11,"record":"5342354"},)"
        R"({"backupnum":0,"record":"AAEC"},{"backupnum":20,"record":"AAED"}]})"));
    talk.hear({{"UserID", "42"},
               {"Name", "QQBuAG4A"},
               {"Depart", "3"},
               {"Privilege", "Manager"},
               {"Enabled", "No"},
               {"TimeSet1", "1"},
               {"UserPeriod_Used", "No"},
               {"Card", ""},
               {"PWD", "012345"},
               {"Fingers", "5"},
               {"Result", "OK"}})
        .hear({{"UserID", "42"}, {"Type", "Set"}, {"Result", "OK"}})
        .hear({{"UserID", "42"}, {"FingerNo", "0"}, {"Result", "OK"}})
        .hear({{"UserID", "42"}, {"Result", "Fail"}, {"Reason", "full"}});
    checks.equal("talk", talk.lines(),
                 "GetUserData UserID=42\n  on\n"
                 "SetUserData UserID=42 Type=Set Name=" +
                     xml::encode_name("Bo") +
                     " Depart=3 Privilege=Manager Enabled=No TimeSet1=1 "
                     "UserPeriod_Used=No Card=koRRAA== PWD=012345 "
                     "AllowNoCertificate=Yes\n  on\n"
                     "SetFingerData UserID=42 Privilege=Manager FingerNo=0 "
                     "DuplicationCheck=1 Duress=0 FingerData=AAEC\n  on\n"
                     "SetFaceData UserID=42 Privilege=Manager "
                     "DuplicationCheck=No FaceData=AAED\n"
                     "  failed Fail credential 20: refused: full "
                     R"({"UserID":"42","Reason":"full"})"
                     "\n");

    ClaimedCommand photo = xml_command("set_user", R"({"enrollid":43,)"
                                                   R"("backupnum":50})");
    photo.cmd_bin = {"\xff\xd8\xff\xd9"};
    checks.equal("new user",
                 XmlTalk(photo)
                     .hear({{"Result", "Fail"}})
                     .hear({{"Result", "OK"}})
                     .hear({{"Result", "OK"}})
                     .lines(),
                 "GetUserData UserID=43\n  on\n"
                 "SetUserData UserID=43 Type=Set Privilege=User Enabled=Yes "
                 "AllowNoCertificate=Yes\n  on\n"
                 "EnrollFaceByPhoto UserID=43 PhotoSize=4 PhotoData=/9j/2Q==\n"
                 "  succeeded OK {\"requests\":3}\n");
    checks.equal(
        "template only",
        XmlTalk(xml_command("set_user", R"({"enrollid":42,"backupnum":9,)"
                                        R"("record":"AAEC"})"))
            .hear({{"UserID", "42"}, {"Privilege", "User"}})
            .hear({})
            .lines(),
        "GetUserData UserID=42\n  on\n"
        "SetFingerData UserID=42 Privilege=User FingerNo=9 "
        "DuplicationCheck=1 Duress=0 FingerData=AAEC\n"
        "  succeeded OK {\"requests\":2}\n");
    photo.cmd_bin = {"GIF"};
    checks.equal("no JPEG", XmlTalk(photo).lines(),
                 "refused: the record of backupnum 50 must be a JPEG; a face "
                 "template is backupnum 20");
    checks.equal(
        "rename a stranger",
        XmlTalk(xml_command("rename_user", R"({"enrollid":42,"name":"B"})"))
            .hear({{"Result", "Fail"}})
            .lines(),
        "GetUserData UserID=42\n"
        "  failed Fail there is no such user\n");
    checks.equal("privilege",
                 XmlTalk(xml_command("set_privilege",
                                     R"({"enrollid":42,"privilege":"SUPER"})"))
                     .hear({{"Name", "QQBuAG4A"}, {"Privilege", "User"}})
                     .silence()
                     .hear({})
                     .lines(),
                 "GetUserData UserID=42\n  on\nsilence: again\n"
                 "SetUserData UserID=42 Type=Set Name=QQBuAG4A "
                 "Privilege=Administrator AllowNoCertificate=Yes\n"
                 "  succeeded OK {\"requests\":2}\n");
}

void people_are_walked(Checks &checks)
{
    const auto person = [](std::string id, std::string more) {
        return std::pair(std::move(id), std::move(more));
    };
    const auto walk =
        [&](std::initializer_list<std::pair<std::string, std::string>> people) {
            XmlTalk talk(xml_command("list_users", ""));
            for (const auto &[id, more] : people) {
                if (id.empty()) {
                    talk.hear({{"Result", "Fail"}});
                } else {
                    talk.hear({{"UserID", id},
                               {"Privilege", "User"},
                               {"Enabled", "Yes"},
                               {"More", more},
                               {"Result", "OK"}});
                }
            }
            return talk.lines();
        };
    const std::string one = "GetNextUserDataExt UserID=0\n"
                            "  on user 3/USER/on enrolment 3/\n";
    checks.equal("More=No", walk({person("3", "Yes"), person("12", "No")}),
                 one + "GetNextUserDataExt UserID=3\n"
                       "  succeeded OK {\"count\":2} user 12/USER/on "
                       "enrolment 12/\n");
    checks.equal("Fail", walk({person("3", "Yes"), person("", "")}),
                 one + "GetNextUserDataExt UserID=3\n"
                       "  succeeded OK {\"count\":1}\n");
    checks.equal("nobody", walk({person("", "")}),
                 "GetNextUserDataExt UserID=0\n"
                 "  succeeded OK {\"count\":0}\n");
    checks.equal("the same again",
                 walk({person("3", "Yes"), person("3", "Yes")}),
                 one + "GetNextUserDataExt UserID=3\n"
                       "  succeeded OK {\"count\":1,\"incomplete\":true}\n");
    checks.equal(
        "silence",
        XmlTalk(xml_command("list_users", ""))
            .silence()
            .hear({{"UserID", "3"}, {"Privilege", "User"}, {"Enabled", "Yes"}})
            .silence()
            .lines(),
        "silence: again\n" + one +
            "silence: succeeded OK "
            "{\"count\":1,\"incomplete\":true}\n");
}

void settings_are_set_one_by_one(Checks &checks)
{
    checks.equal("all",
                 XmlTalk(xml_command("set_info",
                                     R"({"SoundVolume":5,"UseFailLog":true})"))
                     .hear({{"ParamName", "SoundVolume"}})
                     .hear({{"ParamName", "UseFailLog"}})
                     .lines(),
                 "SetDeviceInfo ParamName=SoundVolume Value=5\n  on\n"
                 "SetDeviceInfo ParamName=UseFailLog Value=Yes\n"
                 "  succeeded OK {\"requests\":2}\n");
    checks.equal("one fails",
                 XmlTalk(xml_command("set_info", R"({"A":5,"B":6})"))
                     .hear({{"Result", "Invalid Param"}})
                     .lines(),
                 "SetDeviceInfo ParamName=A Value=5\n"
                 "  failed Invalid Param A: Invalid Param\n");
    checks.equal("secrets",
                 XmlTalk(xml_command("get_info", ""))
                     .hear({{"CommPassword", "123456"}, {"MachineID", "1"}})
                     .lines(),
                 "GetDeviceInfoAll\n"
                 "  succeeded OK {\"MachineID\":\"1\"}\n");
}

void only_the_right_answer_is_one(Checks &checks)
{
    const auto run = xml::CommandRun::begin(
        xml_command("GetDeviceInfo", R"({"ParamName":"Language"})", true));
    const auto is_answer = [&](xml::Kind kind, std::string name,
                               XmlAnswer fields,
                               xml::Dialect dialect = xml::Dialect::message) {
        return run && run->answered_by(
                          xml_message(kind, std::move(name), fields, dialect));
    };
    using xml::Kind;
    checks.that(is_answer(Kind::response, "GetDeviceInfo", {}), "its own");
    checks.that(
        is_answer(Kind::response, "GetDeviceInfo", {{"ParamName", "Language"}}),
        "its own, with the key");
    checks.that(!is_answer(Kind::response, "GetDeviceInfo",
                           {{"ParamName", "SoundVolume"}}),
                "another key");
    checks.that(!is_answer(Kind::response, "SetDeviceInfo", {}),
                "another name");
    checks.that(!is_answer(Kind::event, "GetDeviceInfo", {}), "an event");
    checks.that(!is_answer(Kind::response, "GetDeviceInfo", {},
                           xml::Dialect::operation),
                "another dialect");
    const auto reboot = xml::CommandRun::begin(xml_command("reboot", ""));
    const auto open = xml::CommandRun::begin(xml_command("open_door", ""));
    checks.that(reboot && reboot->restarts(), "reboot restarts");
    checks.that(open && !open->restarts(), "open_door does not");
    const auto enrol =
        xml::CommandRun::begin(xml_command("enroll_user", R"({"enrollid":1})"));
    checks.that(enrol && enrol->patience() == Patience::person, "patience");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<simple_words_are_one_request>),
        cmocka_unit_test(test::unit<a_user_is_read_with_templates>),
        cmocka_unit_test(
            test::unit<a_terminal_that_is_not_ready_is_asked_again>),
        cmocka_unit_test(test::unit<a_user_is_changed_and_the_rest_kept>),
        cmocka_unit_test(test::unit<people_are_walked>),
        cmocka_unit_test(test::unit<settings_are_set_one_by_one>),
        cmocka_unit_test(test::unit<only_the_right_answer_is_one>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
