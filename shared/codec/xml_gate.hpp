// What a document may hold before a parser sees it (biometric-xml.md 6.2):
// tags without attributes, two levels of them and not many; text, comments
// and CDATA. It knows no names, and does not check that tags match.
#pragma once

#include "codec/xml.hpp"

#include <cstddef>
#include <string_view>

namespace wac::xml
{

inline constexpr std::size_t kLongestTag = 80; // bytes, "<" and ">" included
inline constexpr std::size_t kMostTags = 160;  // <A/> is two
inline constexpr int kDeepest = 2;

/** How many tags there are, <A/> being two. Faults are of FaultKind::encoding
 * or FaultKind::gate. What is cut off passes: the parser says that best. */
Decoded<std::size_t> pass_gate(std::string_view document);

} // namespace wac::xml
