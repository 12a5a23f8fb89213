// Plays a conversation of t/vectors/cloud-json against CommandRun, and says
// what became of its commands. Answers of the server to the terminal are not
// looked at here.
#pragma once

#include "checks.hpp"

#include "proto/cloud_commands.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>

namespace wac::test
{

inline std::filesystem::path cloud_vectors()
{
    return std::filesystem::path(WAC_VECTORS) / "cloud-json";
}

inline Json cloud_vector(std::string_view name)
{
    const auto path = cloud_vectors() / (std::string(name) + ".json");
    Json steps(json_load_file(path.c_str(), 0, nullptr));
    if (!json_is_array(steps.get())) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return steps;
}

inline bool is_command_step(const json_t *step)
{
    return json_string(step, "dir") == "server" &&
           !json_string(json_object_get(step, "frame"), "cmd").empty();
}

inline std::set<std::string> cloud_talks_with_commands()
{
    std::set<std::string> names;
    for (const auto &entry :
         std::filesystem::directory_iterator(cloud_vectors())) {
        const std::string name = entry.path().stem().string();
        const Json steps = cloud_vector(name);
        for (std::size_t i = 0; i < json_array_size(steps.get()); ++i) {
            if (is_command_step(json_array_get(steps.get(), i))) {
                names.insert(name);
            }
        }
    }
    return names;
}

/** "$time" stands for any time, "$any" for anything. */
inline bool is_subset(const json_t *wanted, const json_t *got)
{
    const std::string_view text =
        json_is_string(wanted) ? json_string_value(wanted) : "";
    if (text == "$any") {
        return got != nullptr;
    }
    if (text == "$time") {
        return json_is_string(got) &&
               cloud::parse_time(json_string_value(got)).has_value();
    }
    if (!json_is_object(wanted)) {
        return json_equal(wanted, got) == 1;
    }
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(wanted), key, value)
    {
        if (!is_subset(value, json_object_get(got, key))) {
            return false;
        }
    }
    return true;
}

/** The queue's command whose first frame is steps[at]. */
inline ClaimedCommand command_behind(const json_t *steps, std::size_t at)
{
    const json_t *frame = json_object_get(json_array_get(steps, at), "frame");
    Json param(json_object());
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(frame), key, value)
    {
        const std::string_view name = key;
        const bool time =
            json_is_string(value) && json_string(frame, key) == "$time";
        if (name != "cmd" && name != "sn" && !time) {
            json_object_set_new(param.get(), key, json_deep_copy(value));
        }
    }
    ClaimedCommand command;
    command.trans_id = "7";
    command.cmd_code = json_string(frame, "cmd");
    // packets of one command
    for (std::size_t i = at + 1;
         command.cmd_code == "setusername" && i < json_array_size(steps); ++i) {
        const json_t *next = json_object_get(json_array_get(steps, i), "frame");
        if (json_string(next, "cmd") == "setusername") {
            json_array_extend(json_object_get(param.get(), "record"),
                              json_object_get(next, "record"));
        }
    }
    command.cmd_param = json_text(param.get());
    command.device_now = {2026, 3, 2, 8, 0, 0};
    return command;
}

/** What a command brought and how it ended, in words. */
class Account
{
  public:
    void add(const ResultRecords &records)
    {
        users_ += records.users.size();
        logs_ += records.logs.size();
        if (const auto &store = records.enrolment) {
            text_ += " enrolment " + store->enrollid + '/' + store->name + '/' +
                     store->privilege;
            for (const StoredCredential &credential : store->credentials) {
                text_ += ' ' + std::to_string(credential.backupnum) + ':' +
                         std::to_string(credential.data.size());
            }
        }
    }

    std::string line(const std::string &cmd_code, const CommandEnd &end) const
    {
        std::string line = cmd_code + ' ' + std::string(name_of(end.status)) +
                           ' ' + end.return_code;
        line += end.result.empty() ? "" : ' ' + end.result;
        line += end.failure.empty() ? "" : ' ' + end.failure;
        line += users_ > 0 ? " users " + std::to_string(users_) : "";
        line += logs_ > 0 ? " logs " + std::to_string(logs_) : "";
        return line + text_ + '\n';
    }

  private:
    std::size_t users_ = 0;
    std::size_t logs_ = 0;
    std::string text_;
};

class CommandTalk
{
  public:
    CommandTalk(Checks &checks, std::string_view vector, bool resumed)
        : checks_(checks), steps_(cloud_vector(vector)), resumed_(resumed)
    {
    }

    std::string play()
    {
        for (std::size_t i = 0; i < json_array_size(steps_.get()); ++i) {
            const json_t *step = json_array_get(steps_.get(), i);
            if (is_command_step(step)) {
                expect(step, i);
            } else if (json_string(step, "dir") == "device" &&
                       json_object_get(step, "frame")) {
                hear(json_object_get(step, "frame"));
            }
        }
        give_up();
        return std::move(lines_);
    }

  private:
    void expect(const json_t *step, std::size_t at)
    {
        if (json_object_get(step, "after_ms")) {
            give_up();
        }
        if (!run_) {
            begin(command_behind(steps_.get(), at));
        }
        const json_t *frame = json_object_get(step, "frame");
        const std::string sent =
            run_ ? run_->frame(json_string(frame, "sn")) : std::string();
        const Json got(json_loads(sent.c_str(), 0, nullptr));
        checks_.that(is_subset(frame, got.get()), "another frame: " + sent);
        checks_.that(sent.starts_with("{\"cmd\":\""), "cmd is not first");
    }

    void begin(ClaimedCommand command)
    {
        command_ = std::move(command);
        account_ = {};
        const Json param(json_loads(command_.cmd_param.c_str(), 0, nullptr));
        const auto checked =
            cloud::check_command(command_.cmd_code, param.get(), 0, false);
        checks_.that(checked.has_value(),
                     checked ? "" : "refused: " + checked.error().text);
        take_up();
    }

    void take_up()
    {
        auto run =
            cloud::CommandRun::begin(command_, cloud::Profile::th, false);
        if (!run) {
            checks_.fail(run.error().text);
            run_.reset();
            return;
        }
        run_ = std::move(*run);
    }

    void hear(const json_t *frame)
    {
        const auto message = cloud::decode_message(as_bytes(json_text(frame)));
        if (!run_ || !message || !run_->answered_by(*message)) {
            return;
        }
        const auto progress = run_->take(*message);
        account_.add(progress.records);
        if (progress.end) {
            lines_ += account_.line(run_->cmd_code(), *progress.end);
            run_.reset();
        } else if (resumed_) {
            command_.progress = run_->progress();
            take_up();
        }
    }

    /** No answer came: to a time out, or until the end. */
    void give_up()
    {
        if (!run_) {
            return;
        }
        if (const auto end = run_->give_up()) {
            lines_ += account_.line(run_->cmd_code(), *end);
        } else {
            lines_ += run_->cmd_code() +
                      (run_->restarts() ? " restarts\n" : " unanswered\n");
        }
        run_.reset();
    }

    Checks &checks_;
    Json steps_;
    bool resumed_;
    std::string lines_;
    ClaimedCommand command_;
    std::optional<cloud::CommandRun> run_;
    Account account_;
};

/** What became of the commands of a conversation, a line each; `resumed`:
 *  each answer is taken by a run that goes on from the progress of another. */
inline std::string talk_of(Checks &checks, std::string_view vector,
                           bool resumed)
{
    return CommandTalk(checks, vector, resumed).play();
}

} // namespace wac::test
