// Frame by frame. What a missing credential means depends on the course:
// nothing at all, the next try, or the end.
#include "proto/cloud_command_course.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "proto/cloud_command_answer.hpp"
#include "proto/cloud_command_records.hpp"
#include "proto/cloud_command_values.hpp"

namespace wac::cloud
{

namespace
{

constexpr std::int64_t kPhoto = 50;

bool is_read(const json_t *frame) noexcept
{
    return equals_ignoring_case(command_of(frame), "getuserinfo") ||
           equals_ignoring_case(command_of(frame), "getallusers");
}

CommandProgress ended(CommandEnd end, ResultRecords records = {})
{
    CommandProgress progress;
    progress.records = std::move(records);
    progress.end = std::move(end);
    return progress;
}

class Steps final : public Way
{
  public:
    explicit Steps(CommandPlan plan) : plan_(std::move(plan)) {}

    const json_t *frame() const override { return step().frame.get(); }
    Patience patience() const override;
    CommandProgress take(const json_t *answer) override;
    std::optional<CommandEnd> give_up() override;
    Json progress() const override;
    void resume(const json_t *progress) override;

  private:
    const Step &step() const { return plan_.steps[at_]; }
    bool is_last() const { return at_ + 1 == plan_.steps.size(); }
    bool found() const { return json_array_size(found_.get()) > 0; }

    CommandProgress go_on(const json_t *answer, ResultRecords records);
    CommandProgress miss(const json_t *answer);
    void note(const FoundCredential &credential);
    void note_step();
    CommandEnd end_of_all(const json_t *answer) const;
    CommandEnd end_of_search(bool incomplete) const;
    CommandEnd failed(const json_t *answer) const;

    CommandPlan plan_;
    std::size_t at_ = 0;
    Json found_{json_array()};  // backupnums, for each and sweep
    Json about_{json_object()}; // name and admin, for each
};

Patience Steps::patience() const
{
    const std::string_view name = command_of(frame());
    if (equals_ignoring_case(name, "adduser")) {
        return Patience::person;
    }
    return equals_ignoring_case(name, "setuserinfo") &&
                   integer_of(json_object_get(frame(), "backupnum")) == kPhoto
               ? Patience::photo
               : Patience::answer;
}

CommandProgress Steps::take(const json_t *answer)
{
    const Verdict verdict = verdict_of(answer, frame());
    ResultRecords records;
    std::optional<FoundCredential> credential;
    if (verdict.done && is_read(frame())) {
        credential = read_enrolment(answer, frame(), records);
    }
    switch (plan_.course) {
    case Course::all:
        if (!verdict.done) {
            return ended(failed(answer));
        }
        return go_on(answer, std::move(records));
    case Course::first:
        if (verdict.done || is_last()) {
            return ended(verdict.done ? end_by(answer, frame())
                                      : failed(answer));
        }
        ++at_;
        return {};
    case Course::each:
        if (!credential || !credential->has_record) {
            return miss(answer);
        }
        note(*credential);
        return go_on(answer, std::move(records));
    case Course::sweep:
        if (!verdict.done && !verdict.missing) {
            return ended(failed(answer));
        }
        if (verdict.done) {
            note_step();
        }
        return go_on(answer, {});
    case Course::pages:
        break;
    }
    return ended(end_by(answer, frame()));
}

CommandProgress Steps::go_on(const json_t *answer, ResultRecords records)
{
    if (is_last()) {
        return ended(plan_.course == Course::all ? end_of_all(answer)
                                                 : end_of_search(false),
                     std::move(records));
    }
    ++at_;
    CommandProgress progress;
    progress.records = std::move(records);
    return progress;
}

CommandProgress Steps::miss(const json_t *answer)
{
    const int group = step().group;
    while (group != 0 && !is_last() && plan_.steps[at_ + 1].group == group) {
        ++at_;
    }
    if (is_last() && !found()) {
        CommandEnd end = end_by(answer, frame());
        end.status = CommandStatus::failed;
        end.failure = "there is no such user, or nothing is enrolled for them";
        end.result.clear();
        return ended(std::move(end));
    }
    return go_on(answer, {});
}

void Steps::note(const FoundCredential &credential)
{
    append_item(found_.get(), Json(json_integer(*credential.backupnum)));
    if (!credential.name.empty()) {
        set_member(about_.get(), "name", json_of(credential.name));
    }
    if (credential.admin) {
        set_member(about_.get(), "admin",
                   Json(json_integer(*credential.admin)));
    }
}

void Steps::note_step()
{
    append_item(found_.get(), shared(json_object_get(frame(), "backupnum")));
}

CommandEnd Steps::end_of_all(const json_t *answer) const
{
    CommandEnd end = end_by(answer, frame());
    if (plan_.steps.size() > 1) {
        end.result = "{\"frames\":" + std::to_string(plan_.steps.size()) + "}";
    }
    return end;
}

CommandEnd Steps::end_of_search(bool incomplete) const
{
    Json result(json_object());
    set_member(result.get(), "enrollid",
               shared(json_object_get(frame(), "enrollid")));
    json_object_update(result.get(), about_.get());
    set_member(result.get(), "backupnums", shared(found_.get()));
    if (incomplete) {
        set_member(result.get(), "incomplete", Json(json_true()));
    }
    CommandEnd end;
    end.return_code = "0";
    end.result = json_text(result.get());
    return end;
}

CommandEnd Steps::failed(const json_t *answer) const
{
    CommandEnd end = end_by(answer, frame());
    if (plan_.steps.size() > 1 && !step().label.empty()) {
        end.failure = step().label + ": " + end.failure;
    }
    return end;
}

/** Credentials that were read are worth keeping; half a change is not. */
std::optional<CommandEnd> Steps::give_up()
{
    return plan_.course == Course::each && found()
               ? std::optional(end_of_search(true))
               : std::nullopt;
}

Json Steps::progress() const
{
    Json progress(json_object());
    set_member(progress.get(), "step",
               Json(json_integer(static_cast<json_int_t>(at_))));
    if (found()) {
        set_member(progress.get(), "found", shared(found_.get()));
        set_member(progress.get(), "about", shared(about_.get()));
    }
    return progress;
}

void Steps::resume(const json_t *progress)
{
    const auto at = integer_of(json_object_get(progress, "step"));
    if (!at || *at <= 0 ||
        *at >= static_cast<std::int64_t>(plan_.steps.size())) {
        return;
    }
    at_ = static_cast<std::size_t>(*at);
    if (json_t *found = json_object_get(progress, "found");
        json_is_array(found)) {
        found_.reset(json_deep_copy(found));
    }
    if (json_t *about = json_object_get(progress, "about");
        json_is_object(about)) {
        about_.reset(json_deep_copy(about));
    }
}

} // namespace

std::unique_ptr<Way> way_of_steps(CommandPlan plan)
{
    return std::make_unique<Steps>(std::move(plan));
}

} // namespace wac::cloud
