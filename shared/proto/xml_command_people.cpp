// People read from a terminal: one with all templates, or all of them one
// after the other. What was read before a silence is kept.
#include "proto/xml_command_course.hpp"

#include "proto/cloud_command_values.hpp"
#include "proto/xml_command_answer.hpp"
#include "proto/xml_command_records.hpp"

#include <unordered_set>

namespace wac::xml
{

namespace
{

Json number(std::int64_t value)
{
    return Json(json_integer(value));
}

// ---- one -------------------------------------------------------------------

/** GetUserData says which fingers there are, and whether a face. A template
 *  that the terminal does not give is passed over. */
class ReadPerson final : public Way
{
  public:
    explicit ReadPerson(const std::string &user_id)
    {
        requests_.emplace_back().name = "GetUserData";
        requests_.back().add("UserID", user_id);
    }

    const Request &request() const override { return requests_[at_]; }
    Patience patience() const override { return Patience::answer; }
    CommandProgress take(const Message &answer) override;
    std::optional<CommandEnd> give_up() override;

  private:
    void plan();
    CommandEnd end(bool incomplete) const;

    std::vector<Request> requests_;
    std::size_t at_ = 0;
    std::optional<Person> person_;
    std::vector<std::int32_t> backupnums_;
};

CommandProgress ReadPerson::take(const Message &answer)
{
    const Verdict verdict = verdict_of(answer);
    ResultRecords records;
    if (verdict.done) {
        records = records_in(answer, request());
    }
    if (at_ == 0) {
        person_ = verdict.done ? person_in(answer, request()) : std::nullopt;
        if (!person_) {
            CommandEnd failed = end_by(answer);
            failed.status = CommandStatus::failed;
            failed.failure = verdict.done || verdict.missing
                                 ? "there is no such user"
                                 : verdict.failure;
            failed.result.clear();
            return ended(std::move(failed));
        }
        plan();
    }
    if (records.enrolment) {
        for (const auto &credential : records.enrolment->credentials) {
            backupnums_.push_back(credential.backupnum);
        }
    }
    CommandProgress progress;
    progress.records = std::move(records);
    if (++at_ == requests_.size()) {
        --at_;
        progress.end = end(false);
    }
    return progress;
}

void ReadPerson::plan()
{
    for (const std::int32_t finger : person_->fingers) {
        Request &asked = requests_.emplace_back();
        asked.name = "GetFingerData";
        asked.add("UserID", person_->user_id)
            .add("FingerNo", finger)
            .add("FingerOnly", 1);
    }
    if (person_->has_face) {
        requests_.emplace_back().name = "GetFaceData";
        requests_.back().add("UserID", person_->user_id);
    }
}

CommandEnd ReadPerson::end(bool incomplete) const
{
    const Json result(json_object());
    const auto add = [&result](const char *name, Json value) {
        cloud::set_member(result.get(), name, std::move(value));
    };
    add("enrollid", cloud::json_of(person_->enrollid));
    add("name", cloud::json_of(person_->name));
    add("privilege", cloud::json_of(privilege_word(person_->privilege)));
    if (person_->enabled) {
        add("enabled", Json(json_boolean(*person_->enabled)));
    }
    Json backupnums(json_array());
    for (const std::int32_t backupnum : backupnums_) {
        cloud::append_item(backupnums.get(), number(backupnum));
    }
    add("backupnums", std::move(backupnums));
    if (incomplete) {
        add("incomplete", Json(json_true()));
    }
    return end_with(result);
}

std::optional<CommandEnd> ReadPerson::give_up()
{
    return person_ ? std::optional(end(true)) : std::nullopt;
}

// ---- all -------------------------------------------------------------------

/** GetNextUserDataExt keeps no place on the terminal: it is asked for the one
 *  behind the last, from 0. A Fail is the end, and cannot be told from an
 *  error; one who comes twice ends it, too. */
class ReadPeople final : public Way
{
  public:
    ReadPeople() { ask("0"); }

    const Request &request() const override { return request_; }
    Patience patience() const override
    {
        return seen_.empty() ? Patience::answer : Patience::page;
    }
    CommandProgress take(const Message &answer) override;
    std::optional<CommandEnd> give_up() override
    {
        return seen_.empty() ? std::nullopt : std::optional(end(true));
    }

  private:
    void ask(std::string_view user_id)
    {
        request_ = {"GetNextUserDataExt", {}};
        request_.add("UserID", user_id);
    }
    CommandEnd end(bool incomplete) const;

    Request request_;
    std::unordered_set<std::string> seen_;
};

CommandProgress ReadPeople::take(const Message &answer)
{
    constexpr std::size_t kMostPeople = 100000;
    const Verdict verdict = verdict_of(answer);
    if (!verdict.done) {
        return ended(verdict.missing || !seen_.empty() ? end(!verdict.missing)
                                                       : end_by(answer));
    }
    const auto person = person_in(answer, request_);
    if (!person || !seen_.insert(person->user_id).second) {
        return ended(end(!answer.value("UserID").empty()));
    }
    CommandProgress progress;
    progress.records = records_in(answer, request_);
    const bool more = truth_of(answer.value("More")).value_or(true);
    if (!more || seen_.size() >= kMostPeople) {
        progress.end = end(more);
        return progress;
    }
    ask(person->user_id);
    return progress;
}

CommandEnd ReadPeople::end(bool incomplete) const
{
    const Json result(json_object());
    cloud::set_member(result.get(), "count",
                      number(static_cast<std::int64_t>(seen_.size())));
    if (incomplete) {
        cloud::set_member(result.get(), "incomplete", Json(json_true()));
    }
    return end_with(result);
}

} // namespace

std::unique_ptr<Way> way_to_read(const std::string &user_id)
{
    return std::make_unique<ReadPerson>(user_id);
}

std::unique_ptr<Way> way_of_people()
{
    return std::make_unique<ReadPeople>();
}

} // namespace wac::xml
