#include "token_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace wac::sim
{

Result<Tokens> read_tokens(const std::string &path)
{
    std::ifstream file(path);
    if (!file) {
        return failure(ErrorCode::refused,
                       "cannot read \"" + path + "\": " + std::strerror(errno));
    }
    Tokens tokens;
    for (std::string line; std::getline(file, line);) {
        const std::size_t blank = line.find(' ');
        if (blank != line.npos) {
            const std::string rest = line.substr(blank + 1);
            tokens[line.substr(0, blank)] =
                rest.substr(0, rest.find_first_of(" \r"));
        }
    }
    return tokens;
}

Result<void> write_tokens(const std::string &path, const Tokens &tokens)
{
    std::ofstream file(path, std::ios::trunc);
    for (const auto &[name, token] : tokens) {
        file << name << ' ' << token << '\n';
    }
    if (!file.flush()) {
        return failure(ErrorCode::refused, "cannot write \"" + path +
                                               "\": " + std::strerror(errno));
    }
    return {};
}

} // namespace wac::sim
