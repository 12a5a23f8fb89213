#include "command_input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace wac::ctl
{

namespace
{

struct FileRelease {
    void operator()(std::FILE *file) const noexcept
    {
        if (file != stdin) {
            std::fclose(file);
        }
    }
};

using File = std::unique_ptr<std::FILE, FileRelease>;

/** The whole file, or standard input for "-"; more than `most` bytes are
 *  refused unread. */
Result<std::string> read_file(const std::string &path, std::size_t most,
                              const std::string &what)
{
    const File file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
    std::string content;
    char buffer[65536];
    while (file && content.size() <= most) {
        const std::size_t n = std::fread(buffer, 1, sizeof buffer, file.get());
        content.append(buffer, n);
        if (n < sizeof buffer) {
            break;
        }
    }
    if (!file || std::ferror(file.get())) {
        return failure(ErrorCode::refused,
                       what + " " + path + ": " + std::strerror(errno));
    }
    if (content.size() > most) {
        return failure(ErrorCode::refused, what + " " + path +
                                               ": too long, a command takes "
                                               "16 MB in all");
    }
    return content;
}

const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        break;
    }
    return json_is_null(value) ? "null" : "true or false";
}

/** jansson's reason ends with what stands near the fault. */
std::string place_and_reason(const json_error_t &error, bool quote)
{
    std::string reason = error.text;
    if (const auto near = reason.rfind(" near "); !quote) {
        reason.resize(std::min(near, reason.size()));
    }
    return "line " + std::to_string(error.line) + ", column " +
           std::to_string(error.column) + ": " + reason;
}

Result<Json> parse_param(const std::string &text, bool typed)
{
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return failure(ErrorCode::misused,
                       "command send: --param is empty; without parameters, "
                       "leave it out");
    }
    json_error_t error;
    Json param(json_loadb(text.data(), text.size(),
                          JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error));
    if (!param) {
        return failure(ErrorCode::misused,
                       "command send: --param is not JSON: " +
                           place_and_reason(error, typed));
    }
    if (!json_is_object(param.get())) {
        return failure(ErrorCode::misused,
                       std::string("command send: --param must be a JSON "
                                   "object such as {\"user_id\": \"12\"}, and "
                                   "is ") +
                           type_name(param.get()));
    }
    return param;
}

Result<std::vector<std::string>>
read_binaries(const std::vector<std::string> &files)
{
    std::vector<std::string> binaries;
    std::size_t left = kMostInputBytes;
    for (const std::string &path : files) {
        auto content = read_file(path, left, "command send: --bin");
        if (!content) {
            return tl::make_unexpected(content.error());
        }
        if (content->empty()) {
            return failure(ErrorCode::refused,
                           "command send: --bin " + path + ": is empty");
        }
        left -= content->size();
        binaries.push_back(std::move(*content));
    }
    return binaries;
}

} // namespace

Result<CommandInput> read_command_input(const std::optional<std::string> &param,
                                        const std::vector<std::string> &files)
{
    CommandInput input;
    if (param) {
        const bool typed = !param->starts_with("@");
        auto text = typed ? Result<std::string>(*param)
                          : read_file(param->substr(1), kMostInputBytes,
                                      "command send: --param");
        if (!text) {
            return tl::make_unexpected(text.error());
        }
        auto parsed = parse_param(*text, typed);
        if (!parsed) {
            return tl::make_unexpected(parsed.error());
        }
        input.param_text = std::move(*text);
        input.param = std::move(*parsed);
    }
    auto binaries = read_binaries(files);
    if (!binaries) {
        return tl::make_unexpected(binaries.error());
    }
    input.binaries = std::move(*binaries);
    return input;
}

} // namespace wac::ctl
