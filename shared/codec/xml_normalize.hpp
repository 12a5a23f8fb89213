// From a frame to the document in it: UTF-8, no byte order mark, nothing
// around it (biometric-xml.md 5, points 2 and 3). Whether UTF-8 is right is
// looked at by the gate.
#pragma once

#include "codec/xml.hpp"

#include <string>
#include <string_view>

namespace wac::xml
{

/** A view into the frame, or into `converted` if that was UTF-16; never
 *  empty. */
Decoded<std::string_view> normalize(std::string_view frame,
                                    std::string &converted);

} // namespace wac::xml
