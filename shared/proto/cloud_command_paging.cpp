// Page by page, by the safe rule of cloud-json.md 3.2: the first page is
// asked for with stn true, the others with stn false, until one is empty or
// refused. "count" and "to" mean different things to different firmware and
// are not computed with. Asking for a page of getnewlog acknowledges the one
// before, so a page's records are given out at once, to be committed first.
//
//   first ──page──▶ later ──page──▶ later … ──▶ end: empty, refused, the same
//     │               │                         page again, too many pages
//     ├─refused─▶ failed
//     └─silent──▶ try again    └─silent──▶ end, incomplete
#include "proto/cloud_command_course.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "codec/cloud_records.hpp"
#include "proto/cloud_command_answer.hpp"
#include "proto/cloud_command_records.hpp"
#include "proto/cloud_command_values.hpp"

namespace wac::cloud
{

namespace
{

constexpr std::int64_t kMostPages = 600;
constexpr std::int64_t kEntriesOfPage = 40; // of getuserlist

/** FNV-1a: tells a page from the one before, whatever its length. */
std::string print_of(std::string_view text)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return std::to_string(hash);
}

class Pages final : public Way
{
  public:
    Pages(CommandPlan plan, Profile profile)
        : first_(std::move(plan.steps.front().frame)), profile_(profile)
    {
        Json stn(json_object());
        set_member(stn.get(), "stn", Json(json_false()));
        later_ = frame_of(command_of(first_.get()), stn.get());
    }

    const json_t *frame() const override
    {
        return pages_ == 0 ? first_.get() : later_.get();
    }

    Patience patience() const override
    {
        return pages_ == 0 ? Patience::answer : Patience::page;
    }

    CommandProgress take(const json_t *answer) override;
    std::optional<CommandEnd> give_up() override;
    Json progress() const override;
    void resume(const json_t *progress) override;

  private:
    bool is_list_of(std::string_view name) const
    {
        return command_of(first_.get()) == name;
    }
    bool has_single_credential(const json_t *answer) const;
    bool is_page(const json_t *answer);
    ResultRecords records_of(const json_t *answer);
    bool says_last(const json_t *answer) const;
    CommandEnd end(bool incomplete) const;

    Json first_;
    Json later_;
    Profile profile_;
    std::int64_t pages_ = 0; // that held records
    std::int64_t count_ = 0; // of those records
    std::string print_;      // of the page before
    ListedPerson last_;      // of getuserlist: the last of the page before
};

CommandProgress Pages::take(const json_t *answer)
{
    CommandProgress progress;
    if (!verdict_of(answer, frame()).done) {
        progress.end = pages_ == 0 ? end_by(answer, frame()) : end(false);
        return progress;
    }
    if (!is_page(answer)) {
        progress.end = end(false);
        return progress;
    }
    progress.records = records_of(answer);
    ++pages_;
    count_ += static_cast<std::int64_t>(progress.records.rows);
    // getallusers has one entry a page
    const std::int64_t most = has_single_credential(answer)
                                  ? kMostPages * kEntriesOfPage
                                  : kMostPages;
    if (says_last(answer)) {
        progress.end = end(false);
    } else if (pages_ >= most) {
        progress.end = end(true);
    }
    return progress;
}

/** getallusers carries a credential in the place of the list. */
bool Pages::has_single_credential(const json_t *answer) const
{
    const json_t *record = field(answer, "record");
    return is_list_of("getallusers") && !json_is_array(record) &&
           !json_is_object(record) && !text_of(record).empty();
}

/** Whether there are records on it, and it is not the page before. */
bool Pages::is_page(const json_t *answer)
{
    std::string print;
    if (has_single_credential(answer)) {
        for (const char *key : {"index", "enrollid", "backupnum"}) {
            print += text_of(field(answer, key)) + ' ';
        }
    } else {
        const auto elements = record_elements(answer);
        if (elements.empty()) {
            return false;
        }
        print =
            text_of(field(answer, "from")) + ' ' + json_text(elements.front());
    }
    print = print_of(print);
    const bool repeated = pages_ > 0 && print == print_;
    print_ = std::move(print);
    return !repeated;
}

ResultRecords Pages::records_of(const json_t *answer)
{
    if (is_list_of("getnewlog") || is_list_of("getalllog")) {
        return read_punches(answer, profile_);
    }
    if (!has_single_credential(answer)) {
        return read_people(answer, last_);
    }
    ResultRecords records;
    read_enrolment(answer, frame(), records);
    return records;
}

/** A count of 0 is the end for everybody; otherwise only getallusers says
 *  where it stands. */
bool Pages::says_last(const json_t *answer) const
{
    const auto count = integer_of(field(answer, "count"));
    const auto index = integer_of(field(answer, "index"));
    return count == 0 || (has_single_credential(answer) && count && index &&
                          *index >= *count - 1);
}

CommandEnd Pages::end(bool incomplete) const
{
    CommandEnd end;
    end.return_code = "0";
    end.result = "{\"pages\":" + std::to_string(pages_) +
                 ",\"count\":" + std::to_string(count_) +
                 (incomplete ? ",\"incomplete\":true}" : "}");
    return end;
}

std::optional<CommandEnd> Pages::give_up()
{
    return pages_ > 0 ? std::optional(end(true)) : std::nullopt;
}

Json Pages::progress() const
{
    Json progress(json_object());
    const auto add = [&progress](const char *name, Json value) {
        set_member(progress.get(), name, std::move(value));
    };
    add("pages", Json(json_integer(pages_)));
    add("count", Json(json_integer(count_)));
    add("print", json_of(print_));
    if (!last_.enrollid.empty()) {
        Json backupnums(json_array());
        for (const std::int32_t backupnum : last_.backupnums) {
            append_item(backupnums.get(), Json(json_integer(backupnum)));
        }
        add("enrollid", json_of(last_.enrollid));
        add("backupnums", std::move(backupnums));
        add("admin",
            last_.admin ? Json(json_integer(*last_.admin)) : Json(json_null()));
    }
    return progress;
}

void Pages::resume(const json_t *progress)
{
    const auto pages = integer_of(json_object_get(progress, "pages"));
    if (!pages || *pages <= 0) {
        return;
    }
    pages_ = *pages;
    count_ = integer_of(json_object_get(progress, "count")).value_or(0);
    print_ = json_string(progress, "print");
    last_.enrollid = json_string(progress, "enrollid");
    if (const auto admin = integer_of(json_object_get(progress, "admin"))) {
        last_.admin = static_cast<std::int32_t>(*admin);
    }
    const json_t *backupnums = json_object_get(progress, "backupnums");
    for (std::size_t i = 0; i < json_array_size(backupnums); ++i) {
        last_.backupnums.push_back(static_cast<std::int32_t>(
            json_integer_value(json_array_get(backupnums, i))));
    }
}

} // namespace

std::unique_ptr<Way> way_of_pages(CommandPlan plan, Profile profile)
{
    return std::make_unique<Pages>(std::move(plan), profile);
}

} // namespace wac::cloud
