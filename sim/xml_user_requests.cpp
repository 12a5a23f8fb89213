// Requests on people: their rows, one by one or all.
#include "xml_request.hpp"

namespace wac::sim
{

namespace
{

XmlFields fields_of(std::int64_t id, const XmlUser &user)
{
    XmlFields fields{
        {"UserID", std::to_string(id)},
        {"Name", xml::encode_name(user.name)},
        {"Privilege", user.privilege},
        {"Depart", user.depart},
        {"Enabled", yes_no(user.enabled)},
    };
    for (std::size_t i = 0; i < user.time_sets.size(); ++i) {
        fields.emplace_back("TimeSet" + std::to_string(i + 1),
                            user.time_sets[i]);
    }
    fields.emplace_back("UserPeriod_Used", yes_no(user.period_used));
    fields.emplace_back("UserPeriod_Start", user.period_start);
    fields.emplace_back("UserPeriod_End", user.period_end);
    fields.emplace_back("Card", user.card);
    fields.emplace_back("PWD", user.password);
    fields.emplace_back("Fingers", std::to_string(user.finger_mask()));
    fields.emplace_back("FaceEnrolled", yes_no(user.has_face));
    return fields;
}

// ---- reading ---------------------------------------------------------------

XmlOutcome get_user_data(const XmlRequest &request)
{
    const XmlUser *user = request.user();
    if (!user) {
        return repeating(request, {"UserID"}, xml_failed());
    }
    XmlOutcome outcome;
    outcome.fields = fields_of(*request.number("UserID"), *user);
    return outcome;
}

/** The first person above `id`. */
XmlOutcome user_above(const XmlRequest &request, std::int64_t id)
{
    const XmlUsers &users = request.terminal.users;
    const auto user = users.upper_bound(id);
    if (user == users.end()) {
        return xml_failed();
    }
    request.terminal.user_cursor = user->first;
    XmlOutcome outcome;
    outcome.fields = fields_of(user->first, user->second);
    outcome.fields.emplace_back("More", yes_no(std::next(user) != users.end()));
    return outcome;
}

XmlOutcome get_first_user(const XmlRequest &request)
{
    return user_above(request, 0);
}

XmlOutcome get_next_user(const XmlRequest &request)
{
    return user_above(request, request.terminal.user_cursor);
}

XmlOutcome get_next_user_ext(const XmlRequest &request)
{
    return user_above(request, request.number("UserID").value_or(0));
}

// ---- writing ---------------------------------------------------------------

void take(const XmlRequest &request, const char *field, std::string &value)
{
    if (request.has(field)) {
        value = request.text(field);
    }
}

void take_fields(const XmlRequest &request, XmlUser &user)
{
    if (request.has("Name")) {
        user.name = xml::decode_name(request.text("Name")).value_or("");
    }
    take(request, "Privilege", user.privilege);
    take(request, "Depart", user.depart);
    user.enabled = request.truth("Enabled", user.enabled);
    for (std::size_t i = 0; i < user.time_sets.size(); ++i) {
        take(request, ("TimeSet" + std::to_string(i + 1)).c_str(),
             user.time_sets[i]);
    }
    user.period_used = request.truth("UserPeriod_Used", user.period_used);
    take(request, "UserPeriod_Start", user.period_start);
    take(request, "UserPeriod_End", user.period_end);
    take(request, "Card", user.card); // empty deletes it
    take(request, "PWD", user.password);
    take(request, "QR", user.qr);
    if (request.has("FaceData")) {
        user.face = request.text("FaceData");
        user.has_face = !user.face.empty();
    }
}

XmlOutcome set_user_data(const XmlRequest &request)
{
    const auto id = request.number("UserID");
    const bool deletes = request.text("Type") == "Delete";
    XmlOutcome outcome;
    if (!id || *id < 1 || (!deletes && request.text("Type") != "Set")) {
        outcome = xml_failed();
    } else if (deletes) {
        if (request.terminal.users.erase(*id) == 0) {
            outcome = xml_failed();
        }
    } else {
        XmlUser changed;
        if (const XmlUser *known = request.user()) {
            changed = *known;
        }
        take_fields(request, changed);
        if (changed.has_credential() ||
            request.truth("AllowNoCertificate", false)) {
            request.terminal.users[*id] = std::move(changed);
        } else {
            outcome = xml_failed("No Certificates");
        }
    }
    return repeating(request, {"UserID", "Type"}, std::move(outcome));
}

// ---- all -------------------------------------------------------------------

XmlOutcome take_off_manager(const XmlRequest &request)
{
    for (auto &[id, user] : request.terminal.users) {
        user.privilege = "User";
    }
    return {};
}

XmlOutcome empty_users(const XmlRequest &request)
{
    request.terminal.users.clear();
    return {};
}

constexpr std::array<XmlRequestRow, 7> kRows{{
    {"GetUserData", get_user_data},
    {"GetFirstUserData", get_first_user},
    {"GetNextUserData", get_next_user},
    {"GetNextUserDataExt", get_next_user_ext},
    {"SetUserData", set_user_data},
    {"TakeOffManager", take_off_manager},
    {"EmptyUserEnrollmentData", empty_users},
}};

} // namespace

std::span<const XmlRequestRow> xml_user_requests()
{
    return kRows;
}

} // namespace wac::sim
