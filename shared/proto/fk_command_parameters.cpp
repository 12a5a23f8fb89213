#include "proto/fk_command_parameters.hpp"

#include "proto/fk_command_values.hpp"

#include <algorithm>
#include <new>

namespace wac::fk
{

namespace
{

/** Far above any list of credentials; bounds the work of one command. */
constexpr std::size_t kMostItems = 256;

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

const json_t *member_of(const json_t *object, std::string_view name) noexcept
{
    return json_object_getn(object, name.data(), name.size());
}

std::string names_of(Parameters known)
{
    std::string names;
    for (const Parameter &parameter : known) {
        if (parameter.kind != Kind::refused) {
            names.append(names.empty() ? "" : ", ").append(parameter.name);
        }
    }
    return names;
}

Result<void> check_names(Parameters known, const json_t *object,
                         const std::string &place)
{
    // jansson's iterators want a mutable object, and leave it as it is.
    auto *const walked = const_cast<json_t *>(object);
    for (void *at = json_object_iter(walked); at != nullptr;
         at = json_object_iter_next(walked, at)) {
        const std::string_view name{json_object_iter_key(at),
                                    json_object_iter_key_len(at)};
        const bool found = std::any_of(
            known.begin(), known.end(),
            [name](const Parameter &row) { return row.name == name; });
        if (!found) {
            return refuse("unknown parameter " + place + quoted(name) +
                          "; known: " + names_of(known));
        }
    }
    return {};
}

Result<Json> read_object(Parameters known, const json_t *object,
                         const std::string &place);

Result<Json> read_objects(const Parameter &parameter, const json_t *array,
                          const std::string &name)
{
    const std::size_t count = json_array_size(array);
    if (!json_is_array(array) || count > kMostItems) {
        return refuse(name + " must be an array of at most " +
                      std::to_string(kMostItems) + " objects");
    }
    Json items(json_array());
    for (std::size_t i = 0; i < count; ++i) {
        const std::string place = name + "[" + std::to_string(i) + "]";
        const json_t *item = json_array_get(array, i);
        if (!json_is_object(item)) {
            return refuse(place + " must be an object");
        }
        auto read = read_object(*parameter.members, item, place + ".");
        if (!read) {
            return read;
        }
        append_item(items.get(), std::move(*read));
    }
    return items;
}

Result<Json> read_value(const Parameter &parameter, const json_t *value,
                        const std::string &name)
{
    if (parameter.kind == Kind::refused) {
        return refuse(name + ": " + std::string(parameter.why));
    }
    if (parameter.kind == Kind::objects) {
        return read_objects(parameter, value, name);
    }
    if (parameter.kind == Kind::object && json_is_object(value)) {
        return read_object(*parameter.members, value, name + ".");
    }
    Json sent = value_to_send(parameter.kind, value);
    if (!sent) {
        return refuse(name + " " + std::string(demand_of(parameter.kind)));
    }
    return sent;
}

Result<Json> read_object(Parameters known, const json_t *object,
                         const std::string &place)
{
    if (auto names = check_names(known, object, place); !names) {
        return tl::make_unexpected(std::move(names.error()));
    }
    Json sent(json_object());
    for (const Parameter &parameter : known) {
        const std::string name = place + std::string(parameter.name);
        const json_t *value = member_of(object, parameter.name);
        if (!value && parameter.need == Need::required) {
            return refuse(name + " is missing");
        }
        if (!value) {
            continue;
        }
        auto read = read_value(parameter, value, name);
        if (!read) {
            return read;
        }
        set_member(sent.get(), parameter.wire_name(), std::move(*read));
    }
    return sent;
}

} // namespace

Result<Json> read_parameters(Parameters known, const json_t *cmd_param)
{
    if (cmd_param && !json_is_object(cmd_param) && !json_is_null(cmd_param)) {
        return refuse("the parameters must be a JSON object");
    }
    if (known.empty() && json_object_size(cmd_param) > 0) {
        return refuse("it takes no parameters");
    }
    return read_object(known, cmd_param, "");
}

std::vector<std::size_t> named_bins(Parameters known, const json_t *checked)
{
    std::vector<std::size_t> named;
    const auto append = [&named](const std::vector<std::size_t> &more) {
        named.insert(named.end(), more.begin(), more.end());
    };
    for (const Parameter &parameter : known) {
        const json_t *value = member_of(checked, parameter.wire_name());
        if (parameter.kind == Kind::bin) {
            if (const auto number = bin_number(text_of(value))) {
                named.push_back(*number);
            }
        } else if (parameter.kind == Kind::object) {
            append(named_bins(*parameter.members, value));
        } else if (parameter.kind == Kind::objects) {
            for (std::size_t i = 0; i < json_array_size(value); ++i) {
                append(
                    named_bins(*parameter.members, json_array_get(value, i)));
            }
        }
    }
    return named;
}

std::string quoted(std::string_view text)
{
    constexpr std::size_t kMost = 40;
    std::string plain = "\"";
    for (const char c : text.substr(0, kMost)) {
        plain.push_back(c >= ' ' && c <= '~' && c != '"' ? c : '?');
    }
    return plain.append(text.size() > kMost ? "...\"" : "\"");
}

void set_member(json_t *object, std::string_view name, Json value)
{
    if (json_object_setn_new(object, name.data(), name.size(),
                             value.release()) != 0) {
        throw std::bad_alloc();
    }
}

void append_item(json_t *array, Json value)
{
    if (json_array_append_new(array, value.release()) != 0) {
        throw std::bad_alloc();
    }
}

} // namespace wac::fk
