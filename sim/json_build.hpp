// Making JSON with jansson: values are taken, and only exhaustion fails.
#pragma once

#include "codec/json.hpp"

#include <cstdint>
#include <new>
#include <string_view>

namespace wac::sim
{

/** `value` is valid UTF-8. */
inline Json json_text_value(std::string_view value)
{
    return Json(json_stringn(value.data(), value.size()));
}

/** Keys stay in the order in which they are set. */
inline void set(const Json &object, const char *key, Json value)
{
    if (!value || json_object_set_new(object.get(), key, value.release())) {
        throw std::bad_alloc();
    }
}

inline void append(const Json &array, Json value)
{
    if (!value || json_array_append_new(array.get(), value.release())) {
        throw std::bad_alloc();
    }
}

} // namespace wac::sim
