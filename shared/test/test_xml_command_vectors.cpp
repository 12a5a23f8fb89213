// Each recorded request to an XML terminal from its native command, and what
// its recorded answer makes of it.
#include "checks.hpp"
#include "xml_command_talk.hpp"

using namespace wac;
using test::Checks;
using test::line_of;
using test::xml_bytes;
using test::xml_command;
using test::xml_decoded;
using test::xml_elements;

namespace
{

/** The fields of a request as a native command's parameters. */
std::string parameters_of(const xml::Message &request)
{
    const Json param(json_object());
    for (const xml::Field &field : request.fields) {
        json_object_set_new(param.get(), field.name.c_str(),
                            json_string(field.value.c_str()));
    }
    return json_text(param.get());
}

struct Row {
    std::string_view vector;
    std::string_view line;
};

constexpr std::string_view kAna =
    " user 42/USER/on enrolment 42/Ana Ruiz 10:012345 11:5342354";

// clang-format off
const Row kVectors[] = {
    {"getuserdata-missing", R"(failed Fail refused {"UserID":"77"})"},
    {"setuserdata", R"(succeeded OK {"UserID":"42","Type":"Set"})"},
    {"setuserdata-nocert",
     "failed Fail refused: No Certificates "
     R"({"UserID":"43","Type":"Set","Error":"No Certificates"})"},
    {"setuserdata-clearcard", R"(succeeded OK {"UserID":"42","Type":"Set"})"},
    {"deleteuser", R"(succeeded OK {"UserID":"42","Type":"Delete"})"},
    {"getfacedata",
     R"(succeeded OK {"UserID":"42","FaceEnrolled":"Yes"} enrolment 42/ 20:AAECAwQF)"},
    {"setfacedata", R"(succeeded OK {"UserID":"42","Action":"Update"})"},
    {"getfingerdata",
     R"(succeeded OK {"UserID":"42","FingerNo":"0","Duress":"No"})"
     " enrolment 42/ 0:AAECAwQF"},
    {"setfingerdata", R"(succeeded OK {"UserID":"42","FingerNo":"0"})"},
    {"enrollfacebyphoto", R"(succeeded OK {"UserID":"42"})"},
    {"enrollfacebyphoto-fail",
     R"(failed Fail refused: No face {"UserID":"42","Reason":"No face"})"},
    {"setuserphoto", R"(succeeded OK {"UserID":"42"})"},
    {"remoteenroll", R"(succeeded Success {"ResultCode":"Success"})"},
    {"remoteenroll-busy",
     R"(failed MenuProcessing MenuProcessing {"ResultCode":"MenuProcessing"})"},
    {"exitremoteenroll",
     "failed NotStartedRemoteEnroll NotStartedRemoteEnroll "
     R"({"ResultCode":"NotStartedRemoteEnroll"})"},
    {"gettime", R"(succeeded OK {"Time":"2026-5-12-T9:15:30Z"})"},
    {"settime", "succeeded OK"},
    {"getdevicestatus",
     R"(succeeded OK {"ParamName":"UserCount","Value":"37"})"},
    {"getdeviceinfo",
     R"(succeeded OK {"ParamName":"UtcTimezoneMinutes","Value":"-300"})"},
    {"setdeviceinfo", R"(succeeded OK {"ParamName":"SoundVolume"})"},
    {"setdeviceinfoext-url", "succeeded OK"},
    {"lockcontrol-open", "succeeded OK"},
    {"lockcontrol-reboot", "succeeded OK"},
    {"lockcontrolstatus", R"(succeeded OK {"Mode":"6"})"},
    {"enabledevice-no", "succeeded OK"},
    {"getglogposinfo",
     R"(succeeded OK {"LogCount":"37","MaxCount":"500000","StartPos":"0"})"},
    {"getnextglog-end", "failed Fail refused"},
    {"deleteglogwithpos", "succeeded OK"},
    {"emptytimelog", "succeeded OK"},
    {"emptyuserenrollmentdata", "succeeded OK"},
    {"getfirmwareversion",
     R"(succeeded OK {"Version":"TestFace v1.2.3","BuildNumber":"0x20260101"})"},
    {"firmwareupgradehttp", "succeeded OK"},
    {"setethernet", "succeeded OK"},
    {"getdepartment", R"(succeeded OK {"DeptNo":"3","Name":"Sales"})"},
    {"setdepartment", "succeeded OK"},
    {"setaccesstimezone", "succeeded OK"},
    {"setbelltime", "succeeded OK"},
};
// clang-format on

/** What becomes of a recorded request and its answer. */
std::string played(Checks &checks, const std::string &name)
{
    const std::string request = xml_bytes("cmd-" + name + ".request.xml");
    const xml::Message asked = xml_decoded(request);
    auto run = xml::CommandRun::begin(
        xml_command(asked.name, parameters_of(asked), true));
    if (!run) {
        return run.error().text;
    }
    checks.equal("frame", xml_elements(run->frame()), xml_elements(request));
    const xml::Message answer = test::xml_vector("cmd-" + name + ".reply.xml");
    checks.that(run->answered_by(answer), "the answer is not taken");
    return line_of(run->take(answer));
}

void recorded_requests_are_native_commands(Checks &checks)
{
    for (const Row &row : kVectors) {
        checks.about(row.vector);
        checks.equal("end", played(checks, std::string(row.vector)), row.line);
    }
    for (const auto &entry : std::filesystem::directory_iterator(
             std::filesystem::path(WAC_VECTORS) / "xml")) {
        const std::string file = entry.path().filename().string();
        if (file.starts_with("cmd-") && file.ends_with(".request.xml")) {
            checks.about(file);
            checks.that(
                !played(checks, file.substr(4, file.size() - 16)).empty(),
                "nothing became of it");
        }
    }
}

void records_of_answers_are_found(Checks &checks)
{
    for (const std::string name :
         {"getuserdata", "getfirstuserdata", "getnextuserdata-last",
          "getnextuserdataext"}) {
        checks.about(name);
        const std::string line = played(checks, name);
        checks.that(line.starts_with("succeeded OK ") && line.ends_with(kAna) &&
                        line.find("\"PWD\"") == line.npos &&
                        line.find("koRRAA") == line.npos,
                    line);
    }
    for (const std::string name : {"getfirstglog", "getnextglog"}) {
        checks.about(name);
        checks.that(played(checks, name).ends_with(" log 1042"), "no log");
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<recorded_requests_are_native_commands>),
        cmocka_unit_test(test::unit<records_of_answers_are_found>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
