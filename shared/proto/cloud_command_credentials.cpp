// A user's credentials on their way to a terminal: one frame each (3.1). A
// record is the text that it is, or a file in base64; numbers are written as
// numbers where firmware wants them so.
#include "proto/cloud_command_plan.hpp"

#include "codec/cloud_records.hpp"
#include "proto/cloud_command_values.hpp"

#include <algorithm>
#include <array>

namespace wac::cloud
{

namespace
{

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

std::string bin_name(std::size_t number)
{
    return "BIN_" + std::to_string(number);
}

std::int64_t backupnum_of(const json_t *credential) noexcept
{
    return json_integer_value(json_object_get(credential, "backupnum"));
}

/** Deals the binaries out to the credentials: the one that a record names,
 *  or else the next one that none names. */
class BinDealer
{
  public:
    BinDealer(const std::vector<json_t *> &holders,
              std::span<const std::string> bins)
        : bins_(bins)
    {
        for (const json_t *holder : holders) {
            if (const auto named = bin_number(json_string(holder, "record"))) {
                named_.push_back(*named);
            }
        }
    }

    /** The record of a credential, as text. */
    Result<std::string> record_of(const json_t *holder)
    {
        const std::string_view record = json_string(holder, "record");
        if (const auto number = bin_number(record)) {
            return bin(*number);
        }
        if (!record.empty()) {
            return std::string(record);
        }
        std::size_t next = 1;
        while (std::find(named_.begin(), named_.end(), next) != named_.end()) {
            ++next;
        }
        named_.push_back(next);
        if (next > bins_.size()) {
            return refuse("the record of backupnum " +
                          std::to_string(backupnum_of(holder)) +
                          " is missing, and no binary is left");
        }
        return bin(next);
    }

    /** Each binary has its credential, and no two the same. */
    Result<void> check() const
    {
        for (std::size_t number = 1; number <= bins_.size(); ++number) {
            const auto uses = std::count(named_.begin(), named_.end(), number);
            if (uses != 1) {
                return refuse(uses == 0
                                  ? "no parameter names " + bin_name(number)
                                  : bin_name(number) + " is named twice");
            }
        }
        return {};
    }

  private:
    Result<std::string> bin(std::size_t number) const
    {
        if (number > bins_.size()) {
            return refuse(bin_name(number) +
                          " is named and did not come with the command");
        }
        return encode_base64(as_bytes(bins_[number - 1]));
    }

    std::span<const std::string> bins_;
    std::vector<std::size_t> named_;
};

Json record_to_send(const json_t *holder, const std::string &record,
                    bool always_string)
{
    return is_number_credential(backupnum_of(holder))
               ? number_or_text(record, always_string)
               : json_of(record);
}

/** {"enrollid","name","backupnum","admin","record"}, as the texts print it. */
Json credential_frame(const json_t *user, const json_t *credential, Json record)
{
    Json sent(json_object());
    const auto add = [&sent](const char *name, const json_t *from) {
        if (const json_t *value = json_object_get(from, name)) {
            set_member(sent.get(), name, shared(value));
        }
    };
    add("enrollid", user);
    add("name", user);
    add("backupnum", credential);
    add("admin", user);
    set_member(sent.get(), "record", std::move(record));
    return frame_of("setuserinfo", sent.get());
}

Step naming_step(const json_t *user)
{
    Json entry(json_object());
    for (const char *name : {"enrollid", "name"}) {
        set_member(entry.get(), name, shared(json_object_get(user, name)));
    }
    Json list(json_array());
    append_item(list.get(), std::move(entry));
    Json sent(json_object());
    set_member(sent.get(), "count", Json(json_integer(1)));
    set_member(sent.get(), "record", std::move(list));
    return {frame_of("setusername", sent.get()), "name"};
}

/** The credentials of either form of set_user. */
std::vector<json_t *> holders_of(json_t *user)
{
    const json_t *array = json_object_get(user, "credentials");
    std::vector<json_t *> holders;
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        holders.push_back(json_array_get(array, i));
    }
    if (json_object_get(user, "backupnum")) {
        holders.push_back(user);
    }
    return holders;
}

Result<CommandPlan> plan_user(json_t *user, const PlanInput &input)
{
    const auto holders = holders_of(user);
    BinDealer bins(holders, input.bins);
    CommandPlan plan;
    for (const json_t *holder : holders) {
        const auto record = bins.record_of(holder);
        if (!record) {
            return tl::make_unexpected(record.error());
        }
        plan.steps.push_back(
            {credential_frame(
                 user, holder,
                 record_to_send(holder, *record, input.always_string)),
             "credential " + std::to_string(backupnum_of(holder))});
    }
    if (auto fits = bins.check(); !fits) {
        return tl::make_unexpected(std::move(fits.error()));
    }
    if (holders.empty() && json_object_get(user, "admin")) {
        return refuse("a terminal takes a privilege only together with a "
                      "credential");
    }
    if (holders.empty() && json_object_get(user, "name")) {
        plan.steps.push_back(naming_step(user));
    }
    if (json_object_get(user, "enabled")) {
        plan.steps.push_back(enabling_step(user, "enabled"));
    }
    if (plan.steps.empty()) {
        return refuse("there is nothing to set: neither credentials nor name "
                      "nor enabled");
    }
    return plan;
}

/** The terminal's own command: its record may be missing beside other fields
 *  of a user (firmware 5.09, 2.09 and later). */
Result<CommandPlan> plan_user_info(Json info, const PlanInput &input)
{
    const json_t *given = json_object_get(info.get(), "record");
    if (given || !input.bins.empty()) {
        BinDealer bins({info.get()}, input.bins);
        const auto record = bins.record_of(info.get());
        auto fits = bins.check();
        if (!record || !fits) {
            return tl::make_unexpected(record ? fits.error() : record.error());
        }
        set_member(info.get(), "record",
                   record_to_send(info.get(), *record, input.always_string));
    }
    if (json_object_size(info.get()) < 2) {
        return refuse("there is nothing to set");
    }
    CommandPlan plan;
    plan.steps.push_back({frame_of("setuserinfo", info.get()), {}});
    return plan;
}

} // namespace

Result<CommandPlan> plan_credentials(Json param, const PlanInput &input)
{
    return input.cmd_code == "set_user"
               ? plan_user(param.get(), input)
               : plan_user_info(std::move(param), input);
}

} // namespace wac::cloud
