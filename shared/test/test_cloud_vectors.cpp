// Every frame that a terminal sends in t/vectors/cloud-json, decoded. Their
// format is told in the protocol's README: a list of steps, of which those
// of "device" have a frame, an object or, where it is dirty, text.
#include "checks.hpp"

#include "codec/cloud_records.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace wac;
using test::Checks;

namespace
{

/** One frame, as it is on the wire. */
struct Frame {
    std::string text;
    bool dirty = false;
};

/** The frames of a conversation, "$now" in them replaced by a time. */
std::vector<Frame> frames_of(const std::filesystem::path &path)
{
    const Json steps(json_load_file(path.c_str(), 0, nullptr));
    if (!json_is_array(steps.get())) {
        throw std::runtime_error("cannot read " + path.string());
    }
    std::vector<Frame> frames;
    for (std::size_t i = 0; i < json_array_size(steps.get()); ++i) {
        const json_t *const step = json_array_get(steps.get(), i);
        const json_t *const frame = json_object_get(step, "frame");
        if (json_string(step, "dir") != "device" || !frame) {
            continue;
        }
        const bool dirty = json_is_string(frame);
        std::string text = dirty ? std::string(json_string(step, "frame"))
                                 : cloud::write_json(frame);
        constexpr std::string_view kNow = "$now";
        for (auto at = text.find(kNow); at != text.npos; at = text.find(kNow)) {
            text.replace(at, kNow.size(), "2026-03-02 08:00:00");
        }
        frames.push_back({std::move(text), dirty});
    }
    return frames;
}

/** By the name of the conversation. */
const std::map<std::string, std::vector<Frame>> &conversations()
{
    static const auto all = [] {
        std::map<std::string, std::vector<Frame>> read;
        const auto folder = std::filesystem::path(WAC_VECTORS) / "cloud-json";
        for (const auto &entry : std::filesystem::directory_iterator(folder)) {
            const std::string name = entry.path().stem().string();
            // those of the dialect `type` are in the same folder
            if (entry.path().extension() == ".json" &&
                !name.starts_with("type-") && !name.starts_with("mixed-")) {
                read.emplace(entry.path().stem().string(),
                             frames_of(entry.path()));
            }
        }
        return read;
    }();
    return all;
}

/** The messages in all frames that are one. */
template <typename Use>
void for_each_message(Checks &checks, Use use)
{
    for (const auto &[name, frames] : conversations()) {
        for (const Frame &frame : frames) {
            const auto message = cloud::decode_message(as_bytes(frame.text));
            if (message) {
                checks.about(name + ' ' + frame.text.substr(0, 60));
                use(name, *message);
            }
        }
    }
    checks.about("");
}

void frames_decode_to_what_they_are(Checks &checks)
{
    std::size_t count = 0;
    for (const auto &[name, frames] : conversations()) {
        for (const Frame &frame : frames) {
            if (frame.dirty) {
                continue;
            }
            ++count;
            checks.about(name + ' ' + frame.text.substr(0, 60));
            const auto message = cloud::decode_message(as_bytes(frame.text));
            if (!message) {
                checks.fail(message.error().text);
                continue;
            }
            const json_t *const object = message->object.get();
            const bool command = json_object_get(object, "cmd");
            checks.that(message->kind == (command ? cloud::Kind::command
                                                  : cloud::Kind::reply),
                        "the kind");
            checks.equal("name", message->name,
                         json_string(object, command ? "cmd" : "ret"));
            checks.equal("sn", message->sn, json_string(object, "sn"));
            checks.equal("written again", cloud::write_json(object),
                         frame.text);
        }
    }
    checks.about("");
    checks.that(count > 200, "there are frames");
}

void dirty_frames_are_mended_or_refused(Checks &checks)
{
    const std::set<std::string_view> kMalformed{"hello", "[]", R"({"cmd":)",
                                                R"({"cmd":"sendlog","sn":)"};
    std::size_t mended = 0;
    std::size_t refused = 0;
    for (const auto &[name, frames] : conversations()) {
        for (const Frame &frame : frames) {
            if (!frame.dirty) {
                continue;
            }
            const auto message = cloud::decode_message(as_bytes(frame.text));
            checks.equal(frame.text, message.has_value(),
                         !kMalformed.contains(frame.text));
            ++(message ? mended : refused);
        }
    }
    checks.equal("mended", mended, 4U);
    checks.equal("refused", refused, 4U);
}

void punches_are_all_read(Checks &checks)
{
    std::size_t punches = 0;
    std::size_t images = 0;
    for_each_message(
        checks, [&](const std::string &name, const cloud::Message &message) {
            if (message.name != "sendlog" && message.name != "getnewlog" &&
                message.name != "getalllog") {
                return;
            }
            const auto elements = cloud::record_elements(message.object.get());
            const auto batch = cloud::read_logs(message.object.get());
            checks.equal("received", batch.received(), elements.size());
            checks.equal("invalid", batch.invalid.size(),
                         name == "sendlog-bad-record" ? 2U : 0U);
            punches += batch.records.size();
            for (const cloud::LogRecord &log : batch.records) {
                images += log.image.starts_with("\xff\xd8");
                checks.equal("an image's beginning in raw",
                             log.raw.find("/9j/") != log.raw.npos, false);
            }
        });
    checks.that(punches > 250, "there are punches");
    checks.that(images >= 3, "there are images");
}

void dirty_punches_mean_what_they_say(Checks &checks)
{
    std::vector<cloud::LogRecord> logs;
    for (const Frame &frame : conversations().at("sendlog-dirty-json")) {
        const auto message = cloud::decode_message(as_bytes(frame.text));
        if (!message || !frame.dirty) {
            continue;
        }
        checks.equal("name", message->name, "sendlog");
        for (auto &log : cloud::read_logs(message->object.get()).records) {
            logs.push_back(std::move(log));
        }
    }
    if (logs.size() != 3) {
        checks.fail(std::to_string(logs.size()) + " punches, not 3");
        return;
    }
    checks.equal("enrollid as text", logs[0].enrollid, "1");
    checks.equal("mode as text", logs[0].mode, std::optional{1});
    checks.that(logs[1].time.wall == WallTime{2026, 3, 2, 9, 14, 10},
                "blanks in a key and its time");
    checks.equal("the second frame", logs[2].inout, std::optional{0});
}

/** The sizes that are known, in digits. */
void check_template(Checks &checks, const std::string &record)
{
    constexpr std::size_t kBio3 = 1620;
    constexpr std::size_t kBio1 = 1024;
    const auto expanded = cloud::expand_template(record);
    checks.that(expanded &&
                    (expanded->size() == kBio3 || expanded->size() == kBio1),
                "it is a whole template");
}

void credentials_are_all_read(Checks &checks)
{
    std::map<std::int32_t, int> seen;
    for_each_message(checks, [&](const std::string &name,
                                 const cloud::Message &message) {
        const json_t *const object = message.object.get();
        if (message.name != "senduser" && message.name != "getuserinfo") {
            return;
        }
        const auto credential = cloud::read_credential(object);
        const bool refused = json_is_false(json_object_get(object, "result"));
        checks.equal("names somebody", credential.has_value(), !refused);
        if (!credential || !credential->backupnum) {
            return;
        }
        const std::int32_t backupnum = *credential->backupnum;
        ++seen[backupnum];
        checks.that(credential->has_record && !credential->record.empty(),
                    "there is a record");
        const bool shortened = name == "command-late-reply";
        if (backupnum < 10 && !shortened) {
            check_template(checks, credential->record);
        }
        checks.equal("a photo", credential->photo.starts_with("\xff\xd8"),
                     backupnum == 50);
    });
    for (const std::int32_t backupnum : {0, 1, 10, 11, 20, 30, 40, 50, 51}) {
        checks.that(seen[backupnum] > 0,
                    "there is backupnum " + std::to_string(backupnum));
    }
}

void a_card_keeps_its_leading_zeros(Checks &checks)
{
    const auto &frames = conversations().at("senduser-leading-zero-number");
    const auto message = cloud::decode_message(as_bytes(frames.back().text));
    if (!message) {
        checks.fail(message.error().text);
        return;
    }
    const auto card = cloud::read_credential(message->object.get());
    checks.that(card && card->record == "0001234567", "the text");
    checks.that(card && !card->record_is_number, "it is no number");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<frames_decode_to_what_they_are>),
        cmocka_unit_test(test::unit<dirty_frames_are_mended_or_refused>),
        cmocka_unit_test(test::unit<punches_are_all_read>),
        cmocka_unit_test(test::unit<dirty_punches_mean_what_they_say>),
        cmocka_unit_test(test::unit<credentials_are_all_read>),
        cmocka_unit_test(test::unit<a_card_keeps_its_leading_zeros>),
    };
    return cmocka_run_group_tests_name("cloud_vectors", tests, nullptr,
                                       nullptr);
}
