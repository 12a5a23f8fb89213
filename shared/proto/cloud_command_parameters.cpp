// The object of a command's parameters: each read by its row, the others
// refused or passed on.
#include "proto/cloud_command_values.hpp"

#include <algorithm>
#include <vector>

namespace wac::cloud
{

namespace
{

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

std::string names_of(Parameters known)
{
    std::string names;
    for (const Parameter &parameter : known) {
        names.append(names.empty() ? "" : ", ").append(parameter.name);
    }
    return names;
}

struct Member {
    std::string_view name;
    const json_t *value;
};

std::vector<Member> members_of(const json_t *object)
{
    std::vector<Member> members;
    // jansson's iterators want a mutable object, and leave it as it is.
    auto *const walked = const_cast<json_t *>(object);
    for (void *at = json_object_iter(walked); at != nullptr;
         at = json_object_iter_next(walked, at)) {
        members.push_back(
            {{json_object_iter_key(at), json_object_iter_key_len(at)},
             json_object_iter_value(at)});
    }
    return members;
}

bool knows(Parameters known, std::string_view name)
{
    return std::any_of(
        known.begin(), known.end(),
        [name](const Parameter &row) { return row.name == name; });
}

Result<Json> read_object(Parameters known, const json_t *object,
                         const std::string &place);

constexpr Parameter kEnrollid{"enrollid", Value::enrollid};

Result<Json> read_item(const Parameter &parameter, const json_t *item,
                       const std::string &place)
{
    if (!json_is_object(item)) {
        return refuse(place + " must be an object");
    }
    if (parameter.members) {
        return read_object(*parameter.members, item, place + ".");
    }
    Json sent(json_copy(const_cast<json_t *>(item)));
    if (parameter.kind != Value::people) {
        return sent;
    }
    Json enrollid = value_to_send(kEnrollid, json_object_get(item, "enrollid"));
    if (!enrollid) {
        return refuse(place + ".enrollid " + demand_of(kEnrollid));
    }
    set_member(sent.get(), "enrollid", std::move(enrollid));
    return sent;
}

Result<Json> read_items(const Parameter &parameter, const json_t *array,
                        const std::string &name)
{
    const std::size_t count = json_array_size(array);
    if (!json_is_array(array) ||
        count < static_cast<std::size_t>(parameter.least) ||
        count > static_cast<std::size_t>(parameter.most)) {
        return refuse(name + " " + demand_of(parameter));
    }
    Json items(json_array());
    for (std::size_t i = 0; i < count; ++i) {
        auto item = read_item(parameter, json_array_get(array, i),
                              name + "[" + std::to_string(i) + "]");
        if (!item) {
            return item;
        }
        append_item(items.get(), std::move(*item));
    }
    return items;
}

Result<Json> read_value(const Parameter &parameter, const json_t *value,
                        const std::string &name)
{
    if (parameter.kind == Value::objects || parameter.kind == Value::people) {
        return read_items(parameter, value, name);
    }
    Json sent = value_to_send(parameter, value);
    if (!sent) {
        return refuse(name + " " + demand_of(parameter));
    }
    return sent;
}

Result<Json> read_known(Parameters known, const json_t *object,
                        const std::string &place)
{
    Json sent(json_object());
    for (const Parameter &parameter : known) {
        const std::string name = place + std::string(parameter.name);
        const json_t *value = json_object_getn(object, parameter.name.data(),
                                               parameter.name.size());
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

Result<Json> read_object(Parameters known, const json_t *object,
                         const std::string &place)
{
    for (const Member &member : members_of(object)) {
        if (!knows(known, member.name)) {
            return refuse("unknown parameter " + place + quoted(member.name) +
                          "; known: " + names_of(known));
        }
    }
    return read_known(known, object, place);
}

} // namespace

Result<Json> read_parameters(const CommandRule &rule, const json_t *cmd_param)
{
    if (cmd_param && !json_is_object(cmd_param) && !json_is_null(cmd_param)) {
        return refuse("the parameters must be a JSON object");
    }
    if (rule.others == Others::refused) {
        if (rule.parameters.empty() && json_object_size(cmd_param) > 0) {
            return refuse("it takes no parameters");
        }
        return read_object(rule.parameters, cmd_param, "");
    }
    auto sent = read_known(rule.parameters, cmd_param, "");
    if (!sent) {
        return sent;
    }
    for (const Member &member : members_of(cmd_param)) {
        if (member.name == "cmd" || member.name == "ret") {
            return refuse(quoted(member.name) + " is no parameter");
        }
        if (!knows(rule.parameters, member.name)) {
            set_member(sent->get(), member.name, shared(member.value));
        }
    }
    return sent;
}

} // namespace wac::cloud
