// A person changed at a terminal. A slot is rewritten whole and keeps the
// face of whoever was in it (biometric-xml.md 3), so it is read first, and
// what is not given is sent as it was. Templates follow, one request each.
//
//   GetUserData ──▶ SetUserData ──▶ SetFingerData, SetFaceData, … ──▶ end
//        └─ nothing of the person changes ──▲
#include "proto/xml_command_course.hpp"

#include "proto/xml_command_answer.hpp"

#include <algorithm>

namespace wac::xml
{

namespace
{

constexpr std::string_view kUser = "User";

bool wants_privilege(const Request &request) noexcept
{
    return request.name == "SetFingerData" || request.name == "SetFaceData";
}

class ChangePerson final : public Way
{
  public:
    explicit ChangePerson(UserChange change) : change_(std::move(change))
    {
        Step &read = steps_.emplace_back();
        read.label = "reading the user";
        read.request.name = "GetUserData";
        read.request.add("UserID", change_.user_id);
    }

    const Request &request() const override { return steps_[at_].request; }
    Patience patience() const override { return patience_for(request()); }
    CommandProgress take(const Message &answer) override;

    /** Half a change is not worth keeping. */
    std::optional<CommandEnd> give_up() override { return std::nullopt; }

  private:
    void plan(const Message *known);
    Step person_step(const Message *known) const;
    bool changes_person() const noexcept
    {
        return change_.name || change_.privilege || change_.enabled ||
               change_.pin || change_.card;
    }

    UserChange change_;
    std::vector<Step> steps_;
    std::size_t at_ = 0;
};

CommandProgress ChangePerson::take(const Message &answer)
{
    const Verdict verdict = verdict_of(answer);
    const bool unknown = at_ == 0 && verdict.missing;
    if (unknown && change_.must_exist) {
        CommandEnd end = end_by(answer);
        end.failure = "there is no such user";
        end.result.clear();
        return ended(std::move(end));
    }
    if (!verdict.done && !unknown) {
        CommandEnd end = end_by(answer);
        end.failure = steps_[at_].label + ": " + end.failure;
        return ended(std::move(end));
    }
    if (at_ == 0) {
        plan(verdict.done ? &answer : nullptr);
    }
    if (at_ + 1 == steps_.size()) {
        CommandEnd end = end_by(answer);
        end.result = "{\"requests\":" + std::to_string(steps_.size()) + "}";
        return ended(std::move(end));
    }
    ++at_;
    return {};
}

/** `known`: the person as the terminal has them, null for nobody. */
void ChangePerson::plan(const Message *known)
{
    if (!known || changes_person()) {
        steps_.push_back(person_step(known));
    }
    const std::string_view was =
        known ? known->value("Privilege") : std::string_view{};
    const std::string privilege =
        change_.privilege.value_or(std::string(was.empty() ? kUser : was));
    for (Step &step : change_.credentials) {
        if (wants_privilege(step.request)) {
            auto &fields = step.request.fields;
            fields.insert(fields.begin() + 1, {"Privilege", privilege});
        }
        steps_.push_back(std::move(step));
    }
    change_.credentials.clear();
}

Step ChangePerson::person_step(const Message *known) const
{
    Step step;
    step.label = "the user";
    Request &set = step.request;
    set.name = "SetUserData";
    set.add("UserID", change_.user_id).add("Type", "Set");
    const auto as_it_was = [&](std::string_view field) {
        const std::string *value = known ? known->find(field) : nullptr;
        if (value && !value->empty()) {
            set.add(field, *value);
        }
    };
    const auto given_or_as_it_was = [&](std::string_view field,
                                        const std::optional<std::string> &now) {
        if (now) {
            set.add(field, *now);
        } else {
            as_it_was(field);
        }
    };
    std::optional<std::string> name, privilege = change_.privilege, enabled;
    if (change_.name) {
        name = encode_name(*change_.name);
    }
    if (!known && !privilege) {
        privilege = kUser;
    }
    if (change_.enabled || !known) {
        enabled = change_.enabled.value_or(true) ? "Yes" : "No";
    }
    given_or_as_it_was("Name", name);
    as_it_was("Depart");
    given_or_as_it_was("Privilege", privilege);
    given_or_as_it_was("Enabled", enabled);
    for (const std::string_view field :
         {"TimeSet1", "TimeSet2", "TimeSet3", "TimeSet4", "TimeSet5",
          "UserPeriod_Used", "UserPeriod_Start", "UserPeriod_End"}) {
        as_it_was(field);
    }
    given_or_as_it_was("Card", change_.card);
    given_or_as_it_was("PWD", change_.pin);
    as_it_was("QR");
    set.add("AllowNoCertificate", "Yes");
    return step;
}

} // namespace

std::unique_ptr<Way> way_to_change(UserChange change)
{
    return std::make_unique<ChangePerson>(std::move(change));
}

} // namespace wac::xml
