#include "proto/cloud_commands.hpp"

#include "base/text.hpp"
#include "proto/cloud_command_plan.hpp"
#include "proto/cloud_command_table.hpp"

namespace wac::cloud
{

namespace
{

/** Terminals may not mind the case of a native name, so care does not. */
const CommandRule *find_in_any_case(std::string_view cmd_code) noexcept
{
    for (const auto rules : {common_words(), terminal_commands()}) {
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

} // namespace

Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native)
{
    const std::vector<std::string> binaries(bins); // their contents are nothing
    PlanInput input;
    input.cmd_code = cmd_code;
    input.param = cmd_param;
    input.bins = binaries;
    return (native ? plan_native(input) : plan_command(input))
        .map([](const CommandPlan &) {});
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
    const std::string_view wire = rule ? rule->wire : std::string_view{};
    if (wire == "cleanlog") {
        return "deletes all punches that the terminal keeps, those not yet "
               "sent included";
    }
    if (wire == "cleanuser") {
        return "deletes all users of the terminal with their fingerprints, "
               "faces, cards and passwords";
    }
    if (wire == "initsys") {
        return "deletes all users and all punches of the terminal, those not "
               "yet sent included";
    }
    if (wire == "cleanadmin") {
        return "takes the rights of all administrators: anybody can then open "
               "the terminal's menu";
    }
    if (wire == "upgrade" || wire == "forceota") {
        return "replaces the terminal's firmware; a wrong file can leave it "
               "unusable";
    }
    if (wire == "writefile") {
        return "overwrites a file of the terminal; a wrong one can leave it "
               "unusable";
    }
    return "deletes what cannot be brought back";
}

std::vector<CommandInfo> command_reference()
{
    std::vector<CommandInfo> reference;
    const auto add = [&reference](const CommandRule &rule, bool common) {
        if (rule.refusal.empty()) {
            reference.push_back({rule.cmd_code, rule.form, rule.summary, common,
                                 rule.care == Care::destructive});
        }
    };
    for (const CommandRule &rule : common_words()) {
        add(rule, true);
    }
    for (const CommandRule &rule : terminal_commands()) {
        add(rule, false);
    }
    return reference;
}

} // namespace wac::cloud
