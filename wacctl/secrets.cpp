#include "secrets.hpp"

#include "base/text.hpp"
#include "json_rows.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace wac::ctl
{

namespace
{

constexpr std::size_t kLongestPlain = 256; // bytes
constexpr const char *kHidden = "(hidden)";

/** Names are compared in lower case, without what joins their words. */
std::string plain_name(std::string_view name)
{
    std::string plain;
    for (const char c : name) {
        if (c != '_' && c != '-' && c != ' ') {
            plain += ascii_lower(c);
        }
    }
    return plain;
}

/** A count of passwords is none: names are taken by their ends. */
bool names_secret(std::string_view name)
{
    static constexpr std::array<std::string_view, 18> kEnds{
        "password", "passwd", "pwd",    "secret",     "token",   "tokenid",
        "card",     "cardno", "cardid", "cardnum",    "pincode", "template",
        "photo",    "image",  "record", "enrolldata", "feature", "cardnumber"};
    const std::string plain = plain_name(name);
    return plain == "pin" ||
           std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) {
               return std::string_view(plain).ends_with(end);
           });
}

bool names_binary(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && std::strncmp(text, "BIN_", 4) == 0 && std::strlen(text) < 16;
}

/** Nothing is in it that could be hidden. */
bool says_nothing(const json_t *value)
{
    return json_is_null(value) || json_is_boolean(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           names_binary(value);
}

Json hidden_leaf(const json_t *value, bool secret)
{
    const bool too_long =
        json_is_string(value) && json_string_length(value) > kLongestPlain;
    return (secret && !says_nothing(value)) || too_long
               ? json_of(kHidden)
               : Json(json_deep_copy(value));
}

Json copied(const json_t *value, bool secret)
{
    if (json_is_object(value)) {
        Json object(json_object());
        const char *name;
        json_t *member;
        json_object_foreach(const_cast<json_t *>(value), name, member)
        {
            const std::string plain = plain_name(name);
            const bool below =
                plain != "backupnum" && plain != "backupnumber" &&
                (secret || plain == "credentials" || names_secret(name));
            set_member(object, name, copied(member, below));
        }
        return object;
    }
    if (json_is_array(value)) {
        Json array(json_array());
        for (std::size_t i = 0; i < json_array_size(value); ++i) {
            append(array, copied(json_array_get(value, i), secret));
        }
        return array;
    }
    return hidden_leaf(value, secret);
}

} // namespace

Json without_secrets(const json_t *value)
{
    return copied(value, false);
}

} // namespace wac::ctl
