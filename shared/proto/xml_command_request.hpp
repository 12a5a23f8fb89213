// One request to an XML terminal, and which message answers it.
#pragma once

#include "codec/xml.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wac::xml
{

struct Request {
    std::string name;
    std::vector<Field> fields;

    /** "" if absent. */
    std::string_view value(std::string_view field) const noexcept;

    Request &add(std::string_view field, std::string_view value);
    Request &add(std::string_view field, std::int64_t value);
};

std::string encode(const Request &request);

/** Matched by its name and by echoed keys: there is no number (section 3). */
bool answers(const Message &message, const Request &request);

} // namespace wac::xml
