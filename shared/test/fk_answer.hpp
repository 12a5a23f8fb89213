// Answers to commands, recorded or made up, read by the command that they
// answer; what the tests of fk_result have in common.
#pragma once

#include "checks.hpp"
#include "vectors.hpp"

#include "proto/fk_result.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wac::test
{

inline constexpr std::string_view kSn = "D0000000000000A1";

struct Asked {
    std::string cmd_code;
    std::string library = "";
    std::string cmd_param = "";
    std::string return_code = "OK";
};

/** An answer with all that it points into. */
struct Answer {
    std::string bytes;
    fk::Body body;
    CommandRecord command;
    Result<fk::CommandResult> result = failure(ErrorCode::misused, "unread");

    Answer(std::string from, const Asked &asked) : bytes(std::move(from))
    {
        auto decoded = fk::decode_body(as_bytes(bytes));
        if (!decoded) {
            throw std::runtime_error(decoded.error().text);
        }
        body = std::move(*decoded);
        command.cmd_code = asked.cmd_code;
        command.cmd_param = asked.cmd_param;
        command.library = asked.library;
        result = fk::CommandResult::read(command, kSn, asked.return_code, body);
    }

    Answer(const Answer &) = delete;
    Answer &operator=(const Answer &) = delete;

    ResultRecords all() const
    {
        return result ? result->portion(0, SIZE_MAX) : ResultRecords{};
    }

    CommandEnd end() const { return result ? result->end() : CommandEnd{}; }

    std::string error() const
    {
        if (result) {
            return "";
        }
        return (result.error().code == ErrorCode::malformed ? "" : "not ") +
               ("malformed: " + result.error().text);
    }
};

inline std::unique_ptr<Answer> recorded(std::string_view vector,
                                        const Asked &asked)
{
    return std::make_unique<Answer>(fk_vector_body(vector), asked);
}

inline std::unique_ptr<Answer> made(std::string_view json, const Asked &asked,
                                    const std::vector<Bytes> &bins = {})
{
    return std::make_unique<Answer>(fk::encode_body(json, bins), asked);
}

/** The binary of a recorded answer. */
inline std::string bin_of(std::string_view vector)
{
    const std::string bytes = fk_vector_body(vector);
    const auto body = fk::decode_body(as_bytes(bytes));
    return body && !body->bins.empty() ? std::string(as_text(body->bins[0]))
                                       : std::string();
}

inline void check_success(Checks &checks, const Answer &answer,
                          std::size_t bins = 0)
{
    checks.equal("error", answer.error(), "");
    const CommandEnd end = answer.end();
    checks.that(end.status == CommandStatus::succeeded, "it has failed");
    checks.equal("return_code", end.return_code, "OK");
    checks.equal("failure", end.failure, "");
    checks.equal("result", end.result, answer.body.json_text);
    checks.equal("binaries left", end.result_bin.size(), bins);
}

inline std::string not_decoded(const Answer &answer)
{
    const CommandEnd end = answer.end();
    const Json json(json_loads(end.result.c_str(), 0, nullptr));
    return std::string(json_string(json.get(), "not_decoded"));
}

} // namespace wac::test
