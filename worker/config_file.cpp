#include "config_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace wac::worker
{

namespace
{

std::string_view trimmed(std::string_view text)
{
    static constexpr std::string_view kBlanks = " \t\r";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view unquoted(std::string_view value)
{
    return value.size() >= 2 && value.front() == '"' && value.back() == '"'
               ? value.substr(1, value.size() - 2)
               : value;
}

} // namespace

Result<std::vector<Setting>> parse_settings(std::string_view text,
                                            const std::string &file)
{
    std::vector<Setting> settings;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::string place = file + ":" + std::to_string(number);
        const std::size_t sign = line.find('=');
        const std::string key(trimmed(line.substr(0, sign)));
        if (sign == line.npos || key.empty()) {
            return failure(ErrorCode::misused,
                           place + ": this is no \"key = value\"");
        }
        const bool again = std::any_of(
            settings.begin(), settings.end(),
            [&key](const Setting &each) { return each.key == key; });
        if (again) {
            return failure(ErrorCode::misused,
                           place + ": \"" + key + "\" is duplicate");
        }
        settings.push_back(
            {key, std::string(unquoted(trimmed(line.substr(sign + 1)))),
             place});
    }
    return settings;
}

Result<std::vector<Setting>> read_settings(const std::string &file)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> stream(
        std::fopen(file.c_str(), "re"), std::fclose);
    std::string text;
    char part[4096];
    while (stream) {
        const std::size_t got = std::fread(part, 1, sizeof part, stream.get());
        if (got == 0) {
            break;
        }
        text.append(part, got);
    }
    if (!stream || std::ferror(stream.get())) {
        return failure(ErrorCode::misused,
                       "\"" + file + "\": " + std::strerror(errno));
    }
    return parse_settings(text, file);
}

} // namespace wac::worker
