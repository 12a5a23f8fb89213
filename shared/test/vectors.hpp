// The protocol's recorded messages, t/vectors/<dialect>/*.hex, as bytes.
// Each line of a file is an offset, up to 16 bytes in columns 10 to 56, and
// the same as text.
#pragma once

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wac::test
{

inline std::filesystem::path fk_vectors()
{
    return std::filesystem::path(WAC_VECTORS) / "fk";
}

inline void append_hex_line(std::string &bytes, std::string_view line)
{
    constexpr std::size_t kFirst = 10, kLast = 57;
    for (std::size_t at = kFirst; at + 1 < std::min(line.size(), kLast);
         at += 3) {
        unsigned byte = 0;
        const char *const end = line.data() + at + 2;
        if (std::from_chars(line.data() + at, end, byte, 16).ptr != end) {
            return;
        }
        bytes.push_back(static_cast<char>(byte));
    }
}

/** The bytes of `<name>.hex`. */
inline std::string fk_vector(std::string_view name)
{
    const auto path = fk_vectors() / (std::string(name) + ".hex");
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    std::string bytes;
    for (std::string line; std::getline(file, line);) {
        append_hex_line(bytes, line);
    }
    return bytes;
}

/** The names of all vectors whose name ends so, without `.hex`, sorted. */
inline std::set<std::string> fk_vector_names(std::string_view ending = "")
{
    std::set<std::string> names;
    for (const auto &entry :
         std::filesystem::directory_iterator(fk_vectors())) {
        const std::string name = entry.path().stem().string();
        if (entry.path().extension() == ".hex" && name.ends_with(ending)) {
            names.insert(name);
        }
    }
    return names;
}

/** An HTTP message cut up as sent: no case folded, no header merged. */
struct HttpMessage {
    std::string first_line;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    /** The last value under exactly this name. */
    std::string header(std::string_view name) const
    {
        std::string value;
        for (const auto &[known, text] : headers) {
            if (known == name) {
                value = text;
            }
        }
        return value;
    }
};

inline HttpMessage parse_http(std::string_view text)
{
    HttpMessage message;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == text.npos) {
        throw std::runtime_error("no end of HTTP headers");
    }
    message.body = text.substr(end + 4);
    std::string_view head = text.substr(0, end + 2);
    message.first_line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(message.first_line.size() + 2);
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        const std::size_t colon = line.find(": ");
        if (colon == line.npos) {
            throw std::runtime_error("bad HTTP header line");
        }
        message.headers.emplace_back(line.substr(0, colon),
                                     line.substr(colon + 2));
        head.remove_prefix(line.size() + 2);
    }
    return message;
}

/** The body of a vector of any kind. */
inline std::string fk_vector_body(std::string_view name)
{
    const std::string bytes = fk_vector(name);
    return name.ends_with(".body") ? bytes : parse_http(bytes).body;
}

} // namespace wac::test
