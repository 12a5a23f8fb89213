// Requests that are known before the first is sent.
#include "proto/xml_command_course.hpp"

#include "proto/cloud_command_values.hpp"
#include "proto/xml_command_answer.hpp"
#include "proto/xml_command_records.hpp"

namespace wac::xml
{

namespace
{

class Steps final : public Way
{
  public:
    explicit Steps(std::vector<Step> steps) : steps_(std::move(steps)) {}

    const Request &request() const override { return steps_[at_].request; }
    Patience patience() const override { return patience_for(request()); }
    CommandProgress take(const Message &answer) override;

    /** Half a change is not worth keeping. */
    std::optional<CommandEnd> give_up() override { return std::nullopt; }

  private:
    std::vector<Step> steps_;
    std::size_t at_ = 0;
};

CommandProgress Steps::take(const Message &answer)
{
    CommandEnd end = end_by(answer);
    if (end.status == CommandStatus::failed) {
        if (steps_.size() > 1) {
            end.failure = steps_[at_].label + ": " + end.failure;
        }
        return ended(std::move(end));
    }
    CommandProgress progress;
    progress.records = records_in(answer, request());
    if (at_ + 1 < steps_.size()) {
        ++at_;
        return progress;
    }
    if (steps_.size() > 1) {
        end.result = "{\"requests\":" + std::to_string(steps_.size()) + "}";
    }
    progress.end = std::move(end);
    return progress;
}

} // namespace

Patience patience_for(const Request &request) noexcept
{
    if (request.name == "RemoteEnroll") {
        return Patience::person;
    }
    return request.name == "EnrollFaceByPhoto" ||
                   request.name == "SetUserPhoto" ||
                   request.name == "SetFaceData"
               ? Patience::photo
               : Patience::answer;
}

CommandProgress ended(CommandEnd end, ResultRecords records)
{
    CommandProgress progress;
    progress.records = std::move(records);
    progress.end = std::move(end);
    return progress;
}

std::unique_ptr<Way> way_of_steps(std::vector<Step> steps)
{
    return std::make_unique<Steps>(std::move(steps));
}

} // namespace wac::xml
