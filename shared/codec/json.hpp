// RAII over jansson. Parsing is bounded by the caller's body limit and by
// jansson's own depth limit; NUL characters inside strings are refused, as
// PostgreSQL cannot hold them.
#pragma once

#include <cstdlib>
#include <jansson.h>
#include <memory>
#include <string>
#include <string_view>

namespace wac
{

struct JsonRelease {
    void operator()(json_t *json) const noexcept { json_decref(json); }
};

/** One counted reference to a jansson value; null when there is none. */
using Json = std::unique_ptr<json_t, JsonRelease>;

/** json_loadb(), faster for plain texts; the outcome is the same. `flags` is 0
 *  or JSON_DECODE_ANY. */
Json load_json(std::string_view text, std::size_t flags = 0,
               json_error_t *error = nullptr);

/** The value as compact JSON text, keys in their order of arrival. */
inline std::string json_text(const json_t *json)
{
    struct Release {
        void operator()(char *text) const noexcept { std::free(text); }
    };
    const std::unique_ptr<char, Release> text(
        json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY));
    return text ? std::string(text.get()) : std::string();
}

/** A string member's text; empty when absent or of another type. The view
 *  lives as long as `object`. */
inline std::string_view json_string(const json_t *object,
                                    const char *key) noexcept
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? std::string_view{json_string_value(value),
                                                    json_string_length(value)}
                                 : std::string_view{};
}

} // namespace wac
