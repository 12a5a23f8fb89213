#include "proto/xml_commands.hpp"

#include "base/text.hpp"
#include "proto/xml_command_plan.hpp"
#include "proto/xml_command_table.hpp"

namespace wac::xml
{

namespace
{

/** Terminals may not mind the case of a native name, so care does not. */
const CommandRule *find_in_any_case(std::string_view cmd_code) noexcept
{
    for (const auto rules : {common_words(), terminal_requests()}) {
        for (const CommandRule &rule : rules) {
            if (equals_ignoring_case(rule.cmd_code, cmd_code)) {
                return &rule;
            }
        }
    }
    return nullptr;
}

bool has_care(std::string_view cmd_code, Care care) noexcept
{
    const CommandRule *rule = find_in_any_case(cmd_code);
    return rule && rule->care == care;
}

struct Loss {
    std::string_view request;
    std::string_view words;
};

constexpr Loss kLosses[] = {
    {"EmptyTimeLog", "deletes all punches that the terminal keeps, those not "
                     "yet sent included"},
    {"DeleteGlogWithPos", "deletes the oldest punches that the terminal "
                          "keeps, those not yet sent included"},
    {"EmptyManageLog", "deletes all admin logs of the terminal, those not yet "
                       "sent included"},
    {"EmptyUserEnrollmentData", "deletes all users of the terminal with their "
                                "fingerprints, faces, cards and passwords"},
    {"EmptyAllData", "deletes all users and all logs of the terminal, those "
                     "not yet sent included"},
    {"TakeOffManager", "takes the rights of all managers: anybody can then "
                       "open the terminal's menu"},
    {"FirmwareUpgradeHttp", "replaces the terminal's firmware; a wrong file "
                            "can leave it unusable"},
    {"SetDeviceInfoExt", "can send the terminal to another server: if that "
                         "does not answer, only its menu brings it back"},
    {"SetEthernet", "can cut the terminal off: only its menu brings it back"},
    {"SetWiFi", "can cut the terminal off: only its menu brings it back"},
};

} // namespace

Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native)
{
    const std::vector<std::string> binaries(bins);
    PlanInput input;
    input.cmd_code = cmd_code;
    input.param = cmd_param;
    input.bins = binaries;
    input.has_contents = false;
    return (native ? plan_native(input) : plan_command(input))
        .map([](const std::unique_ptr<Way> &) {});
}

bool is_destructive(std::string_view cmd_code) noexcept
{
    return has_care(cmd_code, Care::destructive);
}

bool is_urgent(std::string_view cmd_code, const json_t *) noexcept
{
    return has_care(cmd_code, Care::urgent);
}

std::string loss_by(std::string_view cmd_code)
{
    const CommandRule *rule = find_in_any_case(cmd_code);
    for (const Loss &loss : kLosses) {
        if (rule && rule->wire == loss.request) {
            return std::string(loss.words);
        }
    }
    return "deletes what cannot be brought back";
}

std::vector<CommandInfo> command_reference()
{
    std::vector<CommandInfo> reference;
    const auto add = [&reference](const CommandRule &rule, bool common) {
        reference.push_back({rule.cmd_code, rule.form, rule.summary, common,
                             rule.care == Care::destructive});
    };
    for (const CommandRule &rule : common_words()) {
        add(rule, true);
    }
    for (const CommandRule &rule : terminal_requests()) {
        add(rule, false);
    }
    return reference;
}

} // namespace wac::xml
