#include "cloud_terminal.hpp"

#include "base/text.hpp"
#include "base64.hpp"
#include "dice.hpp"
#include "made_jpeg.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace wac::sim
{

namespace
{

constexpr int kPin = 10;
constexpr int kCard = 11;
constexpr int kPhoto = 50;
constexpr std::int64_t kLogSpacing_s = 60;

template <typename Number>
bool read_digits(std::string_view text, std::size_t at, std::size_t count,
                 Number &value)
{
    const auto number = parse_integer<Number>(text.substr(at, count));
    value = number.value_or(0);
    return number.has_value();
}

} // namespace

std::string time_text(std::int64_t time_s)
{
    const WallTime time = wall_time(time_s);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02u:%02u:%02u",
                  time.year, time.month, time.day, time.hour, time.minute,
                  time.second);
    return text.data();
}

std::optional<std::int64_t> time_of(std::string_view text)
{
    constexpr std::string_view kForm = "0000-00-00 00:00:00";
    WallTime time;
    if (text.size() < kForm.size() || text[4] != '-' || text[7] != '-' ||
        (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
        text[16] != ':' || !read_digits(text, 0, 4, time.year) ||
        !read_digits(text, 5, 2, time.month) ||
        !read_digits(text, 8, 2, time.day) ||
        !read_digits(text, 11, 2, time.hour) ||
        !read_digits(text, 14, 2, time.minute) ||
        !read_digits(text, 17, 2, time.second) || !time.valid()) {
        return std::nullopt;
    }
    return seconds_of(time);
}

CloudPunch cloud_punch(CloudFamily family, std::int64_t enrollid,
                       std::int64_t time_s, std::uint64_t number)
{
    constexpr int kFinger = 1;
    constexpr int kFace = 8;
    return {enrollid, time_s, family == CloudFamily::th ? kFinger : kFace,
            static_cast<int>(number % 2)};
}

// ---- logs ------------------------------------------------------------------

void CloudLogs::make(CloudFamily family, std::uint32_t count,
                     std::uint32_t users, std::int64_t end_s)
{
    family_ = family;
    made_ = count;
    users_ = std::max(users, 1U);
    end_s_ = end_s;
}

void CloudLogs::add(const CloudPunch &punch)
{
    if (size() < kCapacity) {
        added_.push_back(punch);
    }
}

void CloudLogs::clear()
{
    made_ = 0;
    added_.clear();
}

CloudPunch CloudLogs::at(std::size_t index) const
{
    if (index >= made_) {
        return added_[index - made_];
    }
    const auto before_end = static_cast<std::int64_t>(made_ - 1 - index);
    return cloud_punch(family_, static_cast<std::int64_t>(index % users_) + 1,
                       end_s_ - before_end * kLogSpacing_s, index / users_);
}

// ---- people ----------------------------------------------------------------

void CloudTerminal::make_users(std::uint32_t count)
{
    const int credential = family == CloudFamily::th ? 0 : kPhoto;
    for (std::uint32_t number = 1; number <= count; ++number) {
        CloudUser user;
        user.name = "User " + std::to_string(number);
        user.credentials[credential] = std::nullopt;
        if (number == 1) {
            user.admin = 1;
            user.credentials[kPin] = std::nullopt;
            user.credentials[kCard] = std::nullopt;
        }
        users.emplace_hint(users.end(), number, std::move(user));
    }
}

namespace
{

/** Mostly noise, with the runs of zeros that real templates have. */
std::string template_bytes(Dice &dice)
{
    constexpr std::size_t kSize = 810; // THbio3.0
    std::string bytes(kSize, '\0');
    for (std::size_t i = 0; i < kSize; ++i) {
        if (i % 200 < 150) {
            bytes[i] = static_cast<char>(dice.number() % 255 + 1);
        }
    }
    return bytes;
}

std::string noise(Dice &dice, std::size_t size)
{
    std::string bytes(size, '\0');
    std::generate(bytes.begin(), bytes.end(),
                  [&dice] { return static_cast<char>(dice.number() & 0xff); });
    return bytes;
}

} // namespace

CloudRecord made_record(const std::string &sn, std::int64_t enrollid,
                        int backupnum)
{
    constexpr std::size_t kFaceSize = 2048;
    Dice dice(static_cast<std::uint64_t>(enrollid) * 64 +
              static_cast<std::uint64_t>(backupnum));
    if (backupnum == kPin) {
        return {"1234", true};
    }
    if (backupnum == kCard) {
        return {"0012345678", false};
    }
    if (backupnum == kPhoto) {
        return {base64(made_jpeg(sn + " user " + std::to_string(enrollid))),
                false};
    }
    return backupnum < kPin
               ? CloudRecord{template_text(template_bytes(dice)), false}
               : CloudRecord{base64(noise(dice, kFaceSize)), false};
}

std::string template_text(std::string_view bytes)
{
    constexpr std::size_t kShortestRun = 3;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t run =
            std::min(bytes.find_first_not_of('\0', i), bytes.size()) - i;
        if (run >= kShortestRun) {
            text += '(' + std::to_string(run) + ')';
            i += run;
            continue;
        }
        const auto byte = static_cast<unsigned char>(bytes[i++]);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0x0f];
    }
    return text;
}

} // namespace wac::sim
