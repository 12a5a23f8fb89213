// Commands about users other than their credentials' records
// (cloud-json.md 3.1): whole users, names, enrolment.
#include "proto/cloud_command_plan.hpp"

#include "proto/cloud_command_values.hpp"

#include <algorithm>
#include <array>

namespace wac::cloud
{

namespace
{

constexpr std::int64_t kAllFingers = 12;
constexpr std::int64_t kWholeUser = 13;
constexpr std::int64_t kFingers = 10;

Json number(std::int64_t value)
{
    return Json(json_integer(value));
}

Json credential_frame(std::string_view name, const json_t *param,
                      std::int64_t backupnum)
{
    Json of(json_object());
    set_member(of.get(), "enrollid",
               shared(json_object_get(param, "enrollid")));
    set_member(of.get(), "backupnum", number(backupnum));
    return frame_of(name, of.get());
}

/** Fingers, PIN, card, faces, palms, photo and feature (4.1). Of faces and
 *  palms there are several in a row: where one is missing, the row ends. */
CommandPlan whole_user(const json_t *param)
{
    struct Row {
        std::int64_t first, last;
        int group;
    };
    constexpr std::array<Row, 6> kRows{{{0, 9, 0},
                                        {10, 11, 0},
                                        {20, 27, 20},
                                        {30, 37, 30},
                                        {40, 41, 40},
                                        {50, 51, 0}}};
    CommandPlan plan;
    plan.course = Course::each;
    for (const Row &row : kRows) {
        for (std::int64_t i = row.first; i <= row.last; ++i) {
            plan.steps.push_back({credential_frame("getuserinfo", param, i),
                                  "credential " + std::to_string(i),
                                  row.group});
        }
    }
    return plan;
}

Result<CommandPlan> get_user(const CommandRule &rule, Json param,
                             const PlanInput &)
{
    return rule.when.empty() ? whole_user(param.get())
                             : one_frame(rule.wire, param.get());
}

/** Firmware differs in the number that means everything (3.1). Topdata's 0 is
 *  one finger to all others, and so would tell of a success that is none. */
CommandPlan delete_whole(const json_t *param)
{
    CommandPlan plan;
    plan.course = Course::first;
    for (const std::int64_t i : {kWholeUser, kAllFingers}) {
        plan.steps.push_back({credential_frame("deleteuser", param, i),
                              "backupnum " + std::to_string(i)});
    }
    return plan;
}

CommandPlan delete_fingers(const json_t *param)
{
    CommandPlan plan;
    plan.course = Course::sweep;
    for (std::int64_t i = 0; i < kFingers; ++i) {
        plan.steps.push_back({credential_frame("deleteuser", param, i),
                              "credential " + std::to_string(i)});
    }
    return plan;
}

/** 12 of the common word is all fingers and nothing else; firmware exists
 *  that takes it for the whole user, so it is not sent. */
Result<CommandPlan> delete_user(const CommandRule &rule, Json param,
                                const PlanInput &)
{
    const json_t *given = json_object_get(param.get(), "backupnum");
    const std::int64_t backupnum =
        given ? json_integer_value(given) : kWholeUser;
    if (backupnum == kWholeUser) {
        return delete_whole(param.get());
    }
    return backupnum == kAllFingers && rule.cmd_code == "delete_user"
               ? delete_fingers(param.get())
               : one_frame(rule.wire, param.get());
}

/** {"count":n,"record":[…]}, at most so many in one frame. */
CommandPlan packets(std::string_view name, const json_t *record,
                    std::size_t most)
{
    CommandPlan plan;
    const std::size_t all = json_array_size(record);
    for (std::size_t first = 0; first < all; first += most) {
        const std::size_t last = std::min(first + most, all);
        Json part(json_array());
        for (std::size_t i = first; i < last; ++i) {
            append_item(part.get(), shared(json_array_get(record, i)));
        }
        Json param(json_object());
        set_member(param.get(), "count",
                   number(static_cast<std::int64_t>(last - first)));
        set_member(param.get(), "record", std::move(part));
        plan.steps.push_back({frame_of(name, param.get()),
                              "entries " + std::to_string(first + 1) + " to " +
                                  std::to_string(last)});
    }
    return plan;
}

Result<CommandPlan> names(const CommandRule &rule, Json param,
                          const PlanInput &)
{
    constexpr std::size_t kMost = 50;
    return packets(rule.wire, json_object_get(param.get(), "record"), kMost);
}

Result<CommandPlan> user_locks(const CommandRule &rule, Json param,
                               const PlanInput &)
{
    constexpr std::size_t kMost = 40;
    return packets(rule.wire, json_object_get(param.get(), "record"), kMost);
}

Result<CommandPlan> rename_user(const CommandRule &rule, Json param,
                                const PlanInput &input)
{
    Json list(json_array());
    append_item(list.get(), std::move(param));
    Json record(json_object());
    set_member(record.get(), "record", std::move(list));
    return names(rule, std::move(record), input);
}

Result<CommandPlan> enable_user(const CommandRule &, Json param,
                                const PlanInput &)
{
    CommandPlan plan;
    plan.steps.push_back(enabling_step(param.get(), "enflag"));
    return plan;
}

/** The terminal's own texts print every member. */
Result<CommandPlan> enroll_user(const CommandRule &rule, Json param,
                                const PlanInput &)
{
    constexpr std::int64_t kAutomatic = 10;
    Json sent(json_object());
    const auto add = [&](const char *name, Json otherwise) {
        const json_t *given = json_object_get(param.get(), name);
        set_member(sent.get(), name,
                   given ? shared(given) : std::move(otherwise));
    };
    add("enrollid", Json());
    add("backupnum", number(0));
    add("admin", number(0));
    add("name", json_of(""));
    set_member(sent.get(), "flag", number(kAutomatic));
    return one_frame(rule.wire, sent.get());
}

constexpr Shape kShapes[] = {
    {"get_user", get_user},       {"deleteuser", delete_user},
    {"rename_user", rename_user}, {"setusername", names},
    {"enableuser", enable_user},  {"enroll_user", enroll_user},
    {"setuserlock", user_locks},
};

} // namespace

Shapes user_shapes() noexcept
{
    return kShapes;
}

} // namespace wac::cloud
