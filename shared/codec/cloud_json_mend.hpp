// What terminals write instead of JSON, made JSON (cloud-json.md 1.3), in
// one pass that also holds a message to its bounds. Clean text, nearly all
// there is, costs that pass and no copy. Whether the result is JSON is left
// to jansson.
#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac::cloud
{

/** The mended text, or nothing if there was nothing to mend. Fails with
 *  ErrorCode::malformed beyond kMostValues or kDeepest. */
Result<std::optional<std::string>> mend_json(std::string_view text);

/** The text as jansson takes it into a string: NULs and bytes that are not
 *  UTF-8 become U+FFFD. */
std::string mend_text(std::string_view text);

} // namespace wac::cloud
