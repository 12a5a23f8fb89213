// XML messages for tests: vectors of t/vectors/xml, decoded, and messages by
// hand; answers compared as sets of elements.
#pragma once

#include "codec/xml.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wac::test
{

/** The bytes of t/vectors/xml/<file>. */
inline std::string xml_bytes(std::string_view file)
{
    const auto path = std::filesystem::path(WAC_VECTORS) / "xml" / file;
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path.string());
    }
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

inline xml::Message xml_decoded(std::string_view frame)
{
    static const bool set_up = (xml::set_up_library(), true);
    static xml::Decoder decoder;
    auto message = decoder.decode(frame);
    if (!set_up || !message) {
        throw std::runtime_error("no message: " + message.error().text);
    }
    return std::move(*message);
}

inline xml::Message xml_vector(std::string_view file)
{
    return xml_decoded(xml_bytes(file));
}

/** Its elements on a line each, sorted: the order does not count. The root
 *  of an answer in dialect O, which no terminal sends, is read as M's. */
inline std::string xml_elements(std::string frame)
{
    const bool operation = frame.find("<Response><Result>") != frame.npos;
    if (operation) {
        const auto rename = [&frame](std::string_view from,
                                     std::string_view to) {
            frame.replace(frame.rfind(from), from.size(), to);
        };
        rename("</Response>", "</Message>");
        frame.replace(frame.find("<Response>"), 10, "<Message>");
    }
    const xml::Message message = xml_decoded(frame);
    std::vector<std::string> lines;
    if (!operation) {
        lines.push_back("=" + message.name);
    }
    for (const xml::Field &field : message.fields) {
        lines.push_back(field.name + "=" + field.value);
    }
    std::sort(lines.begin(), lines.end());
    std::string text = operation ? "O\n" : "M\n";
    for (const std::string &line : lines) {
        text += line + "\n";
    }
    return text;
}

inline xml::Message xml_message(xml::Kind kind, std::string name,
                                std::initializer_list<xml::Field> fields = {},
                                xml::Dialect dialect = xml::Dialect::message)
{
    xml::Message message;
    message.dialect = dialect;
    message.kind = kind;
    message.name = std::move(name);
    message.fields = fields;
    return message;
}

} // namespace wac::test
