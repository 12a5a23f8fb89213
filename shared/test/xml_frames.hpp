// Frames of the XML dialects for tests: those of t/vectors/xml, and ways to
// write one down.
#pragma once

#include "codec/xml.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wac::test
{

/** A file below t/vectors/xml, byte for byte. */
inline std::string xml_vector(std::string_view name)
{
    const auto path = std::filesystem::path(WAC_VECTORS) / "xml" / name;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
}

/** The rows of an index.tsv below its head. */
inline std::vector<std::vector<std::string>> xml_index(std::string_view name)
{
    std::vector<std::vector<std::string>> rows;
    std::istringstream file(xml_vector(name));
    std::string line;
    for (std::getline(file, line); std::getline(file, line);) {
        std::istringstream cells(line);
        std::vector<std::string> row;
        for (std::string cell; std::getline(cells, cell, '\t');) {
            row.push_back(cell);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/** ASCII as UTF-16. */
inline std::string utf16(std::string_view ascii, bool big = false)
{
    std::string bytes;
    for (const char c : ascii) {
        bytes += big ? std::string{'\0', c} : std::string{c, '\0'};
    }
    return bytes;
}

inline std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

inline std::string element(std::string_view name, std::string_view value)
{
    std::string text("<");
    text.append(name).append(">").append(value);
    return text.append("</").append(name).append(">");
}

inline std::string message(std::string_view elements)
{
    return element("Message", elements);
}

/** "message", or the kind of the fault. */
inline std::string outcome(const xml::Decoded<xml::Message> &decoded)
{
    if (decoded) {
        return "message";
    }
    switch (decoded.error().kind) {
    case xml::FaultKind::empty:
        return "empty";
    case xml::FaultKind::encoding:
        return "encoding";
    case xml::FaultKind::gate:
        return "gate";
    case xml::FaultKind::form:
        return "form";
    }
    return "";
}

/** "event KeepAlive: A=1 B=2", for comparing. */
inline std::string shown(const xml::Decoded<xml::Message> &decoded)
{
    constexpr std::string_view kKinds[] = {"request", "event", "response",
                                           "none"};
    if (!decoded) {
        return outcome(decoded) + " fault: " + decoded.error().text;
    }
    std::string text(decoded->dialect == xml::Dialect::operation ? "O " : "");
    text += kKinds[static_cast<std::size_t>(decoded->kind)];
    text += ' ' + decoded->name + ':';
    for (const xml::Field &field : decoded->fields) {
        text += ' ' + field.name + '=' + field.value;
    }
    return text;
}

} // namespace wac::test
