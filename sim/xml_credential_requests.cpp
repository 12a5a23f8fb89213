// Requests on single credentials of people, and enrolment at the terminal.
#include "xml_request.hpp"

namespace wac::sim
{

namespace
{

constexpr std::int64_t kFingers = 10;

/** One field of a person under its name in the reply. */
XmlOutcome one_field(const XmlRequest &request, const char *name,
                     std::string XmlUser::*field)
{
    const XmlUser *user = request.user();
    if (!user) {
        return repeating(request, {"UserID"}, xml_failed());
    }
    XmlOutcome outcome;
    outcome.fields.emplace_back(name, user->*field);
    return repeating(request, {"UserID"}, std::move(outcome));
}

XmlOutcome get_password(const XmlRequest &request)
{
    return one_field(request, "Password", &XmlUser::password);
}

XmlOutcome get_card(const XmlRequest &request)
{
    return one_field(request, "CardNo", &XmlUser::card);
}

XmlOutcome get_qr(const XmlRequest &request)
{
    return one_field(request, "QR", &XmlUser::qr);
}

// ---- photo and face --------------------------------------------------------

XmlOutcome get_photo(const XmlRequest &request)
{
    const XmlUser *user = request.user();
    return user && !user->photo.empty()
               ? one_field(request, "PhotoData", &XmlUser::photo)
               : repeating(request, {"UserID"}, xml_failed());
}

XmlOutcome set_photo(const XmlRequest &request)
{
    XmlUser *user = request.user();
    if (!user) {
        return repeating(request, {"UserID"}, xml_failed());
    }
    user->photo = request.text("PhotoData");
    return repeating(request, {"UserID"}, {});
}

XmlOutcome enroll_face_by_photo(const XmlRequest &request)
{
    XmlUser *user = request.user();
    if (!user || !request.text("PhotoData").starts_with("/9j/")) {
        XmlOutcome outcome = xml_failed();
        outcome.error = "No face"; // under Reason, as the reply has it
        return repeating(request, {"UserID"}, std::move(outcome));
    }
    user->photo = request.text("PhotoData");
    user->has_face = true;
    user->face.clear();
    return repeating(request, {"UserID"}, {});
}

XmlOutcome get_face(const XmlRequest &request)
{
    const XmlUser *user = request.user();
    if (!user) {
        return repeating(request, {"UserID"}, xml_failed());
    }
    XmlOutcome outcome;
    outcome.fields.emplace_back("FaceEnrolled", yes_no(user->has_face));
    if (user->has_face) {
        outcome.fields.emplace_back("FaceData",
                                    user->face.empty()
                                        ? made_face(*request.number("UserID"))
                                        : user->face);
    }
    return repeating(request, {"UserID"}, std::move(outcome));
}

XmlOutcome set_face(const XmlRequest &request)
{
    XmlUser *user = request.user();
    if (!user) {
        return repeating(request, {"UserID"}, xml_failed());
    }
    XmlOutcome outcome;
    outcome.fields.emplace_back("Action", user->has_face ? "Update" : "Add");
    user->face = request.text("FaceData");
    user->has_face = !user->face.empty();
    return repeating(request, {"UserID"}, std::move(outcome));
}

// ---- fingers ---------------------------------------------------------------

std::optional<int> finger_of(const XmlRequest &request)
{
    const auto number = request.number("FingerNo");
    return number && *number >= 0 && *number < kFingers
               ? std::optional{static_cast<int>(*number)}
               : std::nullopt;
}

XmlOutcome get_finger(const XmlRequest &request)
{
    const XmlUser *user = request.user();
    const auto number = finger_of(request);
    if (!user || !number || !user->fingers.contains(*number)) {
        return repeating(request, {"UserID", "FingerNo"}, xml_failed());
    }
    const XmlFinger &finger = user->fingers.at(*number);
    XmlOutcome outcome;
    outcome.fields = {
        {"Duress", yes_no(finger.duress)},
        {"FingerData", finger.data.empty()
                           ? made_finger(*request.number("UserID"), *number)
                           : finger.data}};
    return repeating(request, {"UserID", "FingerNo"}, std::move(outcome));
}

XmlOutcome set_finger(const XmlRequest &request)
{
    XmlUser *user = request.user();
    const auto number = finger_of(request);
    if (!user || !number) {
        return repeating(request, {"UserID", "FingerNo"}, xml_failed());
    }
    const std::string data = request.text("FingerData");
    if (data.empty()) {
        user->fingers.erase(*number);
    } else {
        user->fingers[*number] = {data, request.truth("Duress", false)};
    }
    return repeating(request, {"UserID", "FingerNo"}, {});
}

// ---- at the terminal -------------------------------------------------------

XmlOutcome result_code(const char *code)
{
    XmlOutcome outcome;
    outcome.result.clear();
    outcome.fields.emplace_back("ResultCode", code);
    return outcome;
}

/** The person is there at once, and does it; an AdminLog says so. */
XmlOutcome remote_enroll(const XmlRequest &request)
{
    const auto id = request.number("UserID");
    const std::string backup = request.text("Backup");
    if (!id || *id < 1) {
        return result_code("EnrollNumberError");
    }
    XmlUser changed;
    if (const XmlUser *known = request.user()) {
        changed = *known;
    }
    XmlOutcome outcome = result_code("Success");
    std::string action;
    if (backup == "RemoteEnrollFace") {
        if (changed.has_face) {
            return result_code("FaceAlreadyEnrolled");
        }
        changed.has_face = true;
        action = "EnrollFace";
    } else if (backup == "RemoteEnrollFP") {
        const auto number = finger_of(request);
        if (!number || changed.fingers.contains(*number)) {
            return result_code(number ? "FPAlreadyEnrolled"
                                      : "InvalidFingerNumber");
        }
        changed.fingers[*number] = {};
        action = "EnrollUserFP";
    } else if (backup == "RemoteEnrollCard") {
        if (!changed.card.empty()) {
            return result_code("CardAlreadyEnrolled");
        }
        changed.card = xml::encode_card(static_cast<std::uint32_t>(*id));
        action = "EnrollUserCard";
    } else {
        return result_code("InvalidBackup");
    }
    request.terminal.users[*id] = std::move(changed);
    outcome.admin_log = {0, request.now_s(), 0, *id, action};
    return outcome;
}

XmlOutcome not_started(const XmlRequest &)
{
    return result_code("NotStartedRemoteEnroll");
}

constexpr std::array<XmlRequestRow, 13> kRows{{
    {"GetUserPassword", get_password},
    {"GetUserCardNo", get_card},
    {"GetUserQR", get_qr},
    {"GetUserPhoto", get_photo},
    {"SetUserPhoto", set_photo},
    {"EnrollFaceByPhoto", enroll_face_by_photo},
    {"GetFaceData", get_face},
    {"SetFaceData", set_face},
    {"GetFingerData", get_finger},
    {"SetFingerData", set_finger},
    {"RemoteEnroll", remote_enroll},
    {"ExitRemoteEnroll", not_started},
    {"QueryRemoteEnrollStatus", not_started},
}};

} // namespace

std::span<const XmlRequestRow> xml_credential_requests()
{
    return kRows;
}

} // namespace wac::sim
