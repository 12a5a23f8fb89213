// Commands to XML terminals played against answers by hand: what was sent,
// what the answers brought and how it ended, a line each.
#pragma once

#include "xml_talk.hpp"

#include "base/bytes.hpp"
#include "codec/json.hpp"
#include "proto/xml_commands.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace wac::test
{

inline ClaimedCommand xml_command(std::string_view code, std::string_view param,
                                  bool native = false)
{
    ClaimedCommand command;
    command.trans_id = "7";
    command.cmd_code = code;
    command.cmd_param = param;
    command.native = native;
    command.device_now = {2026, 5, 12, 9, 15, 30};
    return command;
}

inline std::string line_of(const ResultRecords &records)
{
    std::string line;
    for (const ListedUser &user : records.users) {
        line += " user " + user.enrollid + '/' + user.privilege;
        line += user.enabled ? (*user.enabled ? "/on" : "/off") : "";
    }
    for (const AttendanceRecord &log : records.logs) {
        line += " log " + log.log_id;
    }
    if (const auto &store = records.enrolment) {
        line += " enrolment " + store->enrollid + '/' + store->name;
        for (const StoredCredential &credential : store->credentials) {
            line += ' ' + std::to_string(credential.backupnum) + ':' +
                    std::string(as_text(credential.data).substr(0, 8));
        }
        line += store->photo.empty() ? "" : " photo";
    }
    line += records.invalid_rows > 0 ? " aside " + records.invalid_reason : "";
    return line;
}

inline std::string line_of(const CommandEnd &end)
{
    std::string line = std::string(name_of(end.status)) + ' ' + end.return_code;
    line += end.failure.empty() ? "" : ' ' + end.failure;
    return line + (end.result.empty() ? "" : ' ' + end.result);
}

inline std::string line_of(const CommandProgress &progress)
{
    const std::string on = progress.not_ready ? "not ready" : "on";
    return (progress.end ? line_of(*progress.end) : on) +
           line_of(progress.records);
}

using XmlAnswer = std::initializer_list<xml::Field>;

/** Frames and ends of a command against answers, a line each. */
class XmlTalk
{
  public:
    explicit XmlTalk(const ClaimedCommand &claimed)
    {
        auto run = xml::CommandRun::begin(claimed);
        if (run) {
            run_.emplace(std::move(*run));
        } else {
            lines_ = "refused: " +
                     run.error().text.substr(0, run.error().text.find('\n'));
        }
    }

    /** The answer to the request under way, named by it. */
    XmlTalk &hear(XmlAnswer fields)
    {
        if (!run_) {
            return *this;
        }
        const std::string frame = run_->frame();
        const std::string name = name_of_request(frame);
        lines_ += shown(frame) + '\n';
        const auto answer = xml_message(xml::Kind::response, name, fields);
        if (!run_->answered_by(answer)) {
            lines_ += "not its answer\n";
            return *this;
        }
        const auto progress = run_->take(answer);
        lines_ += "  " + line_of(progress) + '\n';
        if (progress.end) {
            run_.reset();
        }
        return *this;
    }

    XmlTalk &silence()
    {
        const auto end = run_ ? run_->give_up() : std::nullopt;
        lines_ += "silence: " + (end ? line_of(*end) : "again") + '\n';
        return *this;
    }

    std::string lines() const { return lines_; }

  private:
    static std::string name_of_request(const std::string &frame)
    {
        return xml_decoded(frame).name;
    }

    /** Name and fields on one line. */
    static std::string shown(const std::string &frame)
    {
        const xml::Message message = xml_decoded(frame);
        std::string line = message.name;
        for (const xml::Field &field : message.fields) {
            line += ' ' + field.name + '=' + field.value;
        }
        return line;
    }

    std::optional<xml::CommandRun> run_;
    std::string lines_;
};

} // namespace wac::test
