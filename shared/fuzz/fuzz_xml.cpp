// libFuzzer over the XML codec: any bytes as a frame of either side, and as
// a time, an offset, a name and a card. Beyond the sanitizers it holds the
// codec to its promises: a frame leaves nothing behind in the decoder, what
// was read keeps to the bounds, can be written and is read again as the same.
// Seeds: fuzz/make_corpus.sh.
#include "base/bytes.hpp"
#include "codec/xml.hpp"
#include "codec/xml_characters.hpp"

#include <algorithm>
#include <string>

using namespace wac;
using xml::Sender;

namespace
{

constexpr std::size_t kMostFields = 80;
constexpr std::size_t kLongestName = 80;

void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

/** The name of the element that says the kind; null if there is none. */
const char *element_of_kind(const xml::Message &message)
{
    if (message.dialect == xml::Dialect::operation) {
        return message.kind == xml::Kind::event ? "Operation" : nullptr;
    }
    switch (message.kind) {
    case xml::Kind::request:
        return "Request";
    case xml::Kind::event:
        return "Event";
    case xml::Kind::response:
        return "Response";
    case xml::Kind::none:
        return nullptr;
    }
    return nullptr;
}

const char *root_of(const xml::Message &message)
{
    if (message.dialect == xml::Dialect::message) {
        return "Message";
    }
    return message.kind == xml::Kind::event ? "Request" : "Response";
}

std::string written(const xml::Message &message)
{
    xml::Writer writer(root_of(message));
    if (const char *const kind = element_of_kind(message)) {
        writer.text(kind, message.name);
    }
    for (const xml::Field &field : message.fields) {
        writer.text(field.name, field.value);
    }
    return writer.encode();
}

bool same(const xml::Message &a, const xml::Message &b)
{
    return a.dialect == b.dialect && a.kind == b.kind && a.name == b.name &&
           std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(),
                      b.fields.end(),
                      [](const xml::Field &x, const xml::Field &y) {
                          return x.name == y.name && x.value == y.value;
                      });
}

void check_bounds(const xml::Message &message)
{
    require(message.fields.size() < kMostFields);
    require((element_of_kind(message) == nullptr) == message.name.empty());
    for (const xml::Field &field : message.fields) {
        require(!field.name.empty() && field.name.size() < kLongestName);
        require(xml::trim_blanks(field.value) == field.value);
        require(xml::find_nul_or_foreign(field.value) == std::string::npos);
        require(message.find(field.name) == &field.value);
    }
    const std::string *const serial = message.find("DeviceSerialNo");
    require(!serial || xml::valid_serial(*serial));
}

void check_fault(const xml::Fault &fault)
{
    require(!fault.text.empty());
    require(fault.event.size() <= 64 && fault.trans_id.size() <= 64);
    require(fault.kind == xml::FaultKind::form || fault.event.empty());
    require(!fault.event.empty() || fault.trans_id.empty());
}

void check_frame(xml::Decoder &decoder, std::string_view frame)
{
    constexpr std::string_view kGood =
        "<Message><Event>X</Event><A>1</A></Message>";
    const auto decoded = decoder.decode(frame);
    const auto good = decoder.decode(kGood);
    require(good && good->name == "X" && good->value("A") == "1");
    if (!decoded) {
        check_fault(decoded.error());
        return;
    }
    require(xml::begins_as_xml(frame));
    check_bounds(*decoded);
    const std::string text = written(*decoded);
    const auto again = decoder.decode(text);
    require(again && same(*again, *decoded));
    require(written(*again) == text);
}

void check_texts(std::string_view input)
{
    if (const auto time = xml::parse_time(input)) {
        require(time->valid());
        require(xml::parse_time(xml::format_time(*time)) == time);
        require(xml::parse_time(xml::format_iso_time(*time)) == time);
    }
    for (const auto &minutes :
         {xml::parse_offset_minutes(input), xml::parse_gmt(input)}) {
        require(!minutes || (*minutes >= -720 && *minutes <= 840));
    }
    static_cast<void>(xml::truth_of(input));
    if (const auto name = xml::decode_name(input)) {
        require(xml::find_nul_or_foreign(*name) == std::string::npos);
        require(xml::decode_name(xml::encode_name(*name, name->size())) ==
                name);
    }
    require(xml::decode_name(xml::encode_name(input)).has_value());
    if (const auto card = xml::decode_card(input)) {
        require(xml::decode_card(xml::encode_card(*card)) == card);
    }
}

/** Whatever a value is, it is read as one value. */
void check_writer(xml::Decoder &decoder, std::string_view value)
{
    const auto read = decoder.decode(
        xml::Writer("Message").text("Event", "X").text("Data", value).encode());
    require(read && read->fields.size() == 1);
    const auto name = decoder.decode(
        xml::Writer("Message").text("A", "1").text("Event", value).encode());
    require(!name ||
            (name->kind == xml::Kind::event && name->value("A") == "1"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    static xml::Decoder terminal(Sender::terminal);
    static xml::Decoder server(Sender::server);
    const std::string_view input = as_text(Bytes{data, size});
    check_frame(terminal, input);
    check_frame(server, input);
    check_writer(terminal, input);
    check_texts(input);
    return 0;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***)
{
    xml::set_up_library();
    return 0;
}
