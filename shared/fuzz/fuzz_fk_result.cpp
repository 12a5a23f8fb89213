// libFuzzer over answers to commands: the first byte is the command, the
// second the terminal's data library, the rest a body. Beyond the sanitizers
// it holds fk_result to its promises: portions add up, no row is lost, what
// goes into the database is text and JSON that a database takes, views lie
// inside the input.
// Seeds: fuzz/make_corpus.sh.
#include "proto/fk_result.hpp"

#include <array>
#include <functional>
#include <set>
#include <string>

using namespace wac;

namespace
{

struct Command {
    const char *cmd_code;
    const char *cmd_param;
    const char *return_code;
};

// make_corpus.sh knows their order
constexpr std::array<Command, 10> kCommands{{
    {"GET_LOG_DATA", "", "OK"},
    {"GET_USER_ID_LIST", "", "OK"},
    {"GET_SLOG_DATA", "", "OK"},
    {"GET_USER_INFO", R"({"user_id":"4"})", "OK"},
    {"GET_ENROLL_DATA", R"({"user_id":"4","backup_number":0})", "OK"},
    {"get_user", R"({"enrollid":"4","backupnum":10})", ""},
    {"get_user", R"({"enrollid":4})", "Success"},
    {"GET_ENROLL_DATA", "[", "OK"},
    {"GET_DEVICE_STATUS", "", "OK"},
    {"GET_LOG_DATA", "", "ERROR_NO_DATA"},
}};

constexpr std::array<const char *, 12> kLibraries{
    "",
    "FKDataHS001",
    "FKDataHS100",
    "FKDataHS101",
    "FKDataHS102",
    "FKDataHS103",
    "FKDataHS104",
    "FKDataHS105",
    "FKDataHS200",
    "M50",
    "M60",
    "FKDATAHS\"",
};

void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

bool lies_inside(Bytes view, Bytes whole)
{
    const std::less_equal<const unsigned char *> before;
    return view.empty() ||
           (before(whole.data(), view.data()) &&
            before(view.data() + view.size(), whole.data() + whole.size()));
}

void check_object(std::string_view text)
{
    const Json json(json_loadb(text.data(), text.size(), 0, nullptr));
    require(json_is_object(json.get()));
}

void check_enrolment(const StoreEnrolment &user, Bytes input)
{
    require(user.sn == "SN");
    require(!user.enrollid.empty() && user.enrollid.size() <= 32);
    require(lies_inside(user.photo, input));
    require(lies_inside(as_bytes(user.raw), input));
    for (const StoredCredential &credential : user.credentials) {
        require(credential.backupnum >= 0 && credential.backupnum <= 255);
        require(!credential.data.empty());
        require(lies_inside(credential.data, input));
        require(!credential.is_text ||
                fk::is_clean_text(as_text(credential.data)));
    }
}

void check_records(const ResultRecords &records, Bytes input)
{
    for (const AttendanceRecord &log : records.logs) {
        require(!log.enrollid.empty() && fk::is_clean_text(log.enrollid));
        require(log.record_time.valid() && log.mode && log.inout);
        check_object(log.raw);
    }
    std::set<std::string> people;
    for (const ListedUser &user : records.users) {
        require(!user.enrollid.empty() && fk::is_clean_text(user.enrollid));
        require(people.insert(user.enrollid).second);
        require(user.admin && user.enabled && !user.privilege.empty());
        check_object(user.raw);
    }
    for (const AdminRecord &log : records.admin_logs) {
        require(log.record_time.valid() && !log.action.empty());
        require(log.log_id.size() == 6);
        require(fk::is_clean_text(log.admin_id));
        require(fk::is_clean_text(log.user_id));
        check_object(log.raw);
    }
    if (records.enrolment) {
        check_enrolment(*records.enrolment, input);
    }
    require(records.invalid_rows <= records.rows);
    require(records.invalid.empty() == (records.invalid_rows == 0));
    require(records.invalid_reason.empty() == (records.invalid_rows == 0));
    const bool has_users = !records.users.empty();
    const std::size_t kept = records.logs.size() + records.users.size() +
                             records.admin_logs.size() +
                             (records.enrolment ? 1 : 0);
    require(has_users ? kept + records.invalid_rows <= records.rows
                      : kept + records.invalid_rows == records.rows);
}

void check_portions(const fk::CommandResult &result, Bytes input)
{
    const std::size_t all = result.rows();
    const std::size_t step = all / 3 + 1;
    std::size_t rows = 0;
    std::size_t logs = 0;
    std::string invalid;
    for (std::size_t first = 0; first <= all; first += step) {
        const ResultRecords records = result.portion(first, step);
        check_records(records, input);
        rows += records.rows;
        logs += records.logs.size() + records.admin_logs.size();
        invalid += records.invalid;
    }
    const ResultRecords whole = result.portion(0, SIZE_MAX);
    check_records(whole, input);
    require(rows == all && whole.rows == all);
    require(logs == whole.logs.size() + whole.admin_logs.size());
    require(invalid == whole.invalid);
    require(result.portion(all, 1).rows == 0);
}

void check_end(const fk::CommandResult &result, const fk::Body &body)
{
    const CommandEnd end = result.end();
    require((end.status == CommandStatus::succeeded) == end.failure.empty());
    require(end.result.empty() == (body.json == nullptr));
    if (!end.result.empty()) {
        check_object(end.result);
    }
    require(end.result_bin.size() <= body.bins.size());
    for (std::size_t i = 0; i < end.result_bin.size(); ++i) {
        require(end.result_bin[i].empty() ||
                end.result_bin[i] == as_text(body.bins[i]));
    }
    std::size_t left = 0;
    for (const std::string &bin : end.result_bin) {
        left += bin.size();
    }
    std::size_t came = 0;
    for (const Bytes bin : body.bins) {
        came += bin.size();
    }
    require(result.rows() > 0 || left == came);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    if (size < 2) {
        return 0;
    }
    const Command &asked = kCommands[data[0] % kCommands.size()];
    const Bytes input{data + 2, size - 2};
    const auto body = fk::decode_body(input);
    if (!body) {
        const CommandEnd end =
            fk::unreadable_result(asked.return_code, input, body.error().text);
        require(end.status == CommandStatus::failed);
        require(end.result_bin.size() == 1);
        return 0;
    }
    CommandRecord command;
    command.cmd_code = asked.cmd_code;
    command.cmd_param = asked.cmd_param;
    command.library = kLibraries[data[1] % kLibraries.size()];
    const auto result =
        fk::CommandResult::read(command, "SN", asked.return_code, *body);
    if (!result) {
        require(result.error().code == ErrorCode::malformed);
        return 0;
    }
    check_portions(*result, input);
    check_end(*result, *body);
    return 0;
}
