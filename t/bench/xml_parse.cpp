// What xml::Decoder costs beside libxml2's push parser alone, in one process:
// the same bytes, a context that is used again, and a handler that does no
// more than copy the texts (biometric-xml.md 6.4). Each figure is the best of
// several batches, and those of both sides alternate.
//
//     xml_parse [BATCHES]
//
// Fails if a TimeLog_v2 without a photo costs more than 1.5 times as much.
#include "codec/xml.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libxml/parser.h>
#include <string>
#include <string_view>

namespace
{

using Clock = std::chrono::steady_clock;

constexpr double kMostRatio = 1.5;
constexpr double kBatchNs = 1e6;

[[noreturn]] void die(const char *text)
{
    std::fprintf(stderr, "xml_parse: %s\n", text);
    std::exit(1);
}

// ---- libxml2 alone ----------------------------------------------------------

void copy_text(void *pointer, const xmlChar *text, int length) noexcept
{
    static_cast<std::string *>(pointer)->append(
        reinterpret_cast<const char *>(text), static_cast<std::size_t>(length));
}

class BareParser
{
  public:
    BareParser()
    {
        xmlSAXHandler handler{};
        handler.initialized = XML_SAX2_MAGIC;
        handler.characters = copy_text;
        handler.cdataBlock = copy_text;
        handler.ignorableWhitespace = copy_text;
        handler.startElementNs = [](void *, const xmlChar *, const xmlChar *,
                                    const xmlChar *, int, const xmlChar **, int,
                                    int, const xmlChar **) noexcept {};
        handler.endElementNs = [](void *, const xmlChar *, const xmlChar *,
                                  const xmlChar *) noexcept {};
        parser_ =
            xmlCreatePushParserCtxt(&handler, &text_, nullptr, 0, nullptr);
        if (!parser_) {
            die("no parser");
        }
        xmlCtxtUseOptions(parser_, XML_PARSE_NONET | XML_PARSE_NOERROR |
                                       XML_PARSE_NOWARNING |
                                       XML_PARSE_IGNORE_ENC);
    }
    ~BareParser() { xmlFreeParserCtxt(parser_); }
    BareParser(const BareParser &) = delete;
    BareParser &operator=(const BareParser &) = delete;

    void parse(std::string_view document)
    {
        text_.clear();
        xmlCtxtResetPush(parser_, nullptr, 0, nullptr, nullptr);
        if (xmlParseChunk(parser_, document.data(),
                          static_cast<int>(document.size()), 1) != 0) {
            die("libxml2 refuses a sample");
        }
    }

  private:
    std::string text_;
    xmlParserCtxt *parser_ = nullptr;
};

// ---- samples ----------------------------------------------------------------

struct Sample {
    const char *name;
    std::string document;
};

/** As terminals lay their messages out. */
class Layout
{
  public:
    Layout &field(std::string_view name, std::string_view value)
    {
        text_.append("\t<").append(name).append(">").append(value);
        text_.append("</").append(name).append(">\r\n");
        return *this;
    }

    std::string message() const
    {
        return "<?xml version=\"1.0\"?>\r\n<Message>\r\n" + text_ +
               "</Message>\r\n";
    }

  private:
    std::string text_;
};

std::string keep_alive()
{
    return Layout()
        .field("TerminalType", "F500")
        .field("TerminalID", "1")
        .field("DeviceSerialNo", "TST0000001")
        .field("Event", "KeepAlive")
        .field("DevTime", "2026-05-12-T09:15:30Z")
        .message();
}

std::string time_log(std::size_t photo_bytes)
{
    Layout layout;
    layout.field("TerminalType", "F500")
        .field("TerminalID", "1")
        .field("DeviceSerialNo", "TST0000001")
        .field("Event", "TimeLog_v2")
        .field("LogID", "101")
        .field("UtcTimezoneMinutes", "480")
        .field("Time", "2026-9-6-T8:5:7Z")
        .field("UserID", "1")
        .field("Action", "FACE")
        .field("AttendStat", "DutyOff")
        .field("APStat", "None")
        .field("JobCode", "0")
        .field("Photo", photo_bytes == 0 ? "No" : "Yes");
    if (photo_bytes != 0) {
        std::string image = "/9j/";
        while (image.size() < photo_bytes / 3 * 4) {
            image += "4AAQSkZJRgABAQEASABIAAD";
        }
        layout.field("LogImage", image);
    }
    return layout.field("TransID", "101").message();
}

// ---- the race ---------------------------------------------------------------

/** Nanoseconds a call takes, of so many. */
template <typename Call>
double time_of(int calls, Call call)
{
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) {
        call();
    }
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    return took.count() / calls;
}

double ratio_of(const Sample &sample, int batches)
{
    BareParser bare;
    wac::xml::Decoder decoder;
    const auto parse = [&] { bare.parse(sample.document); };
    const auto decode = [&] {
        if (!decoder.decode(sample.document)) {
            die("the decoder refuses a sample");
        }
    };
    const int calls =
        std::max(20, static_cast<int>(kBatchNs / time_of(100, decode)));
    double best_parse = time_of(calls, parse);
    double best_decode = time_of(calls, decode);
    for (int batch = 1; batch < batches; ++batch) {
        best_parse = std::min(best_parse, time_of(calls, parse));
        best_decode = std::min(best_decode, time_of(calls, decode));
    }
    const double ratio = best_decode / best_parse;
    std::printf("%-22s %7zu B  libxml2 %8.0f ns  decode %8.0f ns  %.2f\n",
                sample.name, sample.document.size(), best_parse, best_decode,
                ratio);
    return ratio;
}

} // namespace

int main(int argc, char **argv)
{
    const int batches = argc > 1 ? std::atoi(argv[1]) : 400;
    wac::xml::set_up_library();
    ratio_of({"KeepAlive", keep_alive()}, batches);
    const double log = ratio_of({"TimeLog_v2", time_log(0)}, batches);
    ratio_of({"TimeLog_v2 + 20 KB", time_log(20000)}, batches);
    ratio_of({"TimeLog_v2 + 100 KB", time_log(100000)}, batches);
    if (log > kMostRatio) {
        std::fprintf(stderr, "xml_parse: TimeLog_v2 costs more than %.1f\n",
                     kMostRatio);
        return 1;
    }
    return 0;
}
