// After a fault it goes on to read, as the gate bounds what may come: a log
// with a bad field is told Fail by its TransID, which comes last.
#include "codec/xml_assemble.hpp"

#include <algorithm>
#include <utility>

namespace wac::xml
{

namespace
{

constexpr std::size_t kLongestShort = 64;
constexpr std::size_t kLongestName = 256;
constexpr std::string_view kTransId = "TransID";

Fault form(std::string text)
{
    return Fault{FaultKind::form, std::move(text)};
}

/** Images, templates and the like; bounded by the frame alone. */
bool is_long(std::string_view field) noexcept
{
    constexpr std::string_view kLong[] = {"LogImage",
                                          "Photo",
                                          "FaceData",
                                          "FingerData",
                                          "PhotoData",
                                          "Data",
                                          "QR",
                                          "QRCode",
                                          "IconData",
                                          "UserMessage",
                                          "center_screen_message"};
    return std::find(std::begin(kLong), std::end(kLong), field) !=
           std::end(kLong);
}

/** What people write. */
bool is_name(std::string_view field) noexcept
{
    constexpr std::string_view kNames[] = {
        "Name",   "Error",  "Reason", "ProductName", "Value",
        "Value1", "Value2", "Value3", "Value4",      "Value5"};
    return std::find(std::begin(kNames), std::end(kNames), field) !=
           std::end(kNames);
}

bool is_too_long(std::string_view field, std::size_t length) noexcept
{
    if (length <= kLongestShort || is_long(field)) {
        return false;
    }
    return length > kLongestName || !is_name(field);
}

/** What names the kind of a dialect M message. */
std::optional<Kind> kind_of(std::string_view name) noexcept
{
    if (name == "Event") {
        return Kind::event;
    }
    if (name == "Response") {
        return Kind::response;
    }
    // the second is the vendor document's own spelling of GetUserData
    if (name == "Request" || name == "Reuqest") {
        return Kind::request;
    }
    return std::nullopt;
}

/** Blanks off, in place. */
void trim(std::string &text)
{
    const std::string_view kept = trim_blanks(text);
    if (kept.size() != text.size()) {
        const auto first =
            kept.empty() ? 0
                         : static_cast<std::size_t>(kept.data() - text.data());
        text.resize(first + kept.size());
        text.erase(0, first);
    }
}

} // namespace

void Assembler::begin(std::size_t tags)
{
    message_ = Message{};
    // but for the root and the kind
    message_.fields.reserve(tags / 2 - std::min<std::size_t>(tags / 2, 2));
    fault_.reset();
    names_.clear();
    value_ = nullptr;
    depth_ = 0;
    kinds_ = 0;
}

void Assembler::open(const char *name)
{
    ++depth_;
    if (depth_ == 1) {
        open_root(name);
    } else if (depth_ == 2) {
        open_field(name);
    } else {
        refuse({FaultKind::gate, "there is an element inside a field"});
    }
}

void Assembler::open_root(std::string_view name)
{
    if (name == "Message") {
        return;
    }
    message_.dialect = Dialect::operation;
    if (sender_ == Sender::server && name == "Response") {
        message_.kind = Kind::response;
    } else if (sender_ == Sender::terminal && name == "Request") {
        message_.kind = Kind::event;
    } else {
        refuse(form("the root is unknown"));
    }
}

void Assembler::open_field(std::string_view name)
{
    for (const std::string_view known : names_) {
        if (known.data() == name.data()) {
            refuse(form(std::string(name) + " is there twice"));
        }
    }
    names_.push_back(name);
    if (message_.dialect == Dialect::message) {
        if (const auto kind = kind_of(name)) {
            return add_kind(*kind);
        }
    } else if (sender_ == Sender::terminal && name == "Operation") {
        return add_kind(message_.kind);
    }
    Field &field = message_.fields.emplace_back();
    field.name = name;
    value_ = &field.value;
}

void Assembler::add_kind(Kind kind)
{
    if (++kinds_ == 1) {
        message_.kind = kind;
        value_ = &message_.name;
        return;
    }
    refuse(form("it is of two kinds"));
    spare_.clear();
    value_ = &spare_;
}

void Assembler::refuse_text()
{
    refuse(form("there is text outside the fields"));
}

void Assembler::close()
{
    if (depth_-- == 2) {
        close_field();
    }
}

void Assembler::close_field()
{
    std::string &value = *std::exchange(value_, nullptr);
    trim(value);
    const std::string_view name = names_.back();
    if (is_too_long(name, value.size())) {
        refuse(form(std::string(name) + " is too long"));
    }
    if (name == "DeviceSerialNo" && !valid_serial(value)) {
        refuse(form("DeviceSerialNo is no serial number"));
    }
}

void Assembler::refuse(Fault fault)
{
    if (!fault_ ||
        (fault.kind == FaultKind::gate && fault_->kind != FaultKind::gate)) {
        fault_ = std::move(fault);
    }
}

void Assembler::check_whole()
{
    const bool named = message_.dialect == Dialect::message
                           ? kinds_ > 0
                           : sender_ == Sender::terminal;
    if (named && message_.name.empty()) {
        refuse(form("its kind has no name"));
    }
}

Decoded<Message> Assembler::finish()
{
    if (!fault_) {
        check_whole();
    }
    if (!fault_) {
        return std::move(message_);
    }
    if (fault_->kind == FaultKind::form) {
        tell_event(*fault_);
    }
    return tl::make_unexpected(std::move(*fault_));
}

void Assembler::tell_event(Fault &fault)
{
    // a field that never closed is in doubt
    if (value_ == &message_.name) {
        return;
    }
    if (value_ && value_ != &spare_) {
        message_.fields.pop_back();
    }
    if (message_.dialect != Dialect::message || kinds_ != 1 ||
        message_.kind != Kind::event || message_.name.size() > kLongestShort) {
        return;
    }
    fault.event = message_.name;
    const auto &fields = message_.fields;
    const auto count =
        std::count_if(fields.begin(), fields.end(), [](const Field &field) {
            return field.name == kTransId;
        });
    // too long for a field, but to be told Fail it is short enough
    const std::string_view trans_id = message_.value(kTransId);
    if (count == 1 && trans_id.size() <= kLongestName) {
        fault.trans_id = trans_id;
    }
}

} // namespace wac::xml
