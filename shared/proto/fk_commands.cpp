#include "proto/fk_commands.hpp"

#include "proto/fk_command_table.hpp"

namespace wac::fk
{

bool is_destructive(std::string_view cmd_code) noexcept
{
    const CommandRule *rule = find_rule(cmd_code, nullptr);
    return rule && rule->care == Care::destructive;
}

bool is_urgent(std::string_view cmd_code, const json_t *cmd_param) noexcept
{
    const CommandRule *rule = find_rule(cmd_code, cmd_param);
    if (!rule || rule->care != Care::urgent) {
        return false;
    }
    return cmd_code != "SET_COMMAND" ||
           json_string(cmd_param, "cmd") == "enter_enroll";
}

std::string_view fk_name_of(std::string_view cmd_code,
                            const json_t *cmd_param) noexcept
{
    const CommandRule *rule = find_rule(cmd_code, cmd_param);
    return rule ? rule->fk_name : std::string_view{};
}

std::vector<CommandInfo> command_reference()
{
    std::vector<CommandInfo> reference;
    for (const CommandRule &rule : command_rules()) {
        if (rule.refusal.empty()) {
            reference.push_back({rule.cmd_code, rule.form, rule.summary,
                                 rule.common(),
                                 rule.care == Care::destructive});
        }
    }
    return reference;
}

} // namespace wac::fk
