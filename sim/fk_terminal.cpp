#include "fk_terminal.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"
#include "codec/fk_data_lib.hpp"
#include "dice.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace wac::sim
{

namespace
{

constexpr std::int32_t kPassword = 10;
constexpr std::int32_t kCard = 11;
constexpr std::int32_t kFace = 12;
constexpr std::int64_t kLogSpacing_s = 60;

/** Verify and io modes as nibbles and packed words (fk-http.md 8). */
bool has_packed_modes(std::string_view library)
{
    const auto array = fk::LogArray::open(library, 0, {});
    return array && (array->layout() == fk::LogLayout::hs102 ||
                     array->layout() == fk::LogLayout::hs103 ||
                     array->layout() == fk::LogLayout::hs105);
}

std::optional<fk::UserIdLayout> user_layout(std::string_view library)
{
    const auto array = fk::UserIdArray::open(library, 0, {});
    return array ? std::optional{array->layout()} : std::nullopt;
}

std::optional<std::string> text_id(std::string_view text, std::size_t longest)
{
    if (text.empty() || text.size() > longest || !fk::is_clean_text(text)) {
        return std::nullopt;
    }
    return std::string(text);
}

} // namespace

std::string time_digits(std::int64_t time_s)
{
    const WallTime time = wall_time(time_s);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02u%02u%02u%02u",
                  time.year, time.month, time.day, time.hour, time.minute,
                  time.second);
    return text.data();
}

FkCredential *FkUser::credential(std::int32_t backup_number)
{
    const auto found =
        std::find_if(credentials.begin(), credentials.end(),
                     [backup_number](const FkCredential &each) {
                         return each.backup_number == backup_number;
                     });
    return found == credentials.end() ? nullptr : &*found;
}

FkPunch punch_of(std::string_view library, std::string user_id,
                 std::int64_t time_s, std::uint64_t number)
{
    const bool out = number % 2 == 1;
    FkPunch punch{std::move(user_id), time_s, 1, out};
    if (has_packed_modes(library)) {
        punch.verify_mode = 0x10000000;
        punch.io_mode = out ? 0x02000000 : 0x01000000;
    }
    return punch;
}

// ---- logs ------------------------------------------------------------------

void FkLogs::make(std::string library, std::uint32_t count, std::uint32_t users,
                  std::int64_t end_s)
{
    library_ = std::move(library);
    made_ = count;
    users_ = std::max(users, 1U);
    end_s_ = end_s;
}

void FkLogs::add(FkPunch punch)
{
    if (added_.size() >= kCapacity) {
        added_.pop_front();
    }
    added_.push_back(std::move(punch));
}

void FkLogs::clear()
{
    made_ = 0;
    added_.clear();
}

FkPunch FkLogs::at(std::size_t index) const
{
    if (index >= made_) {
        return added_[index - made_];
    }
    const auto before_end = static_cast<std::int64_t>(made_ - 1 - index);
    return punch_of(library_, std::to_string(index % users_ + 1),
                    end_s_ - before_end * kLogSpacing_s, index / users_);
}

// ---- people ----------------------------------------------------------------

void FkTerminal::make_users(std::uint32_t count)
{
    for (std::uint32_t number = 1; number <= count; ++number) {
        FkUser user;
        user.name = "User " + std::to_string(number);
        user.credentials.push_back({0, std::nullopt});
        if (number == 1) {
            user.privilege = "MANAGER";
            user.photo = made_jpeg(sn + " user 1");
            user.credentials.push_back({kPassword, "1234"});
            user.credentials.push_back({kCard, "0012345678"});
        }
        users.emplace_hint(users.end(), std::to_string(number),
                           std::move(user));
    }
}

std::optional<std::string> FkTerminal::id_of(std::string_view text) const
{
    const auto layout = user_layout(library);
    if (!layout) {
        return std::nullopt;
    }
    switch (*layout) {
    case fk::UserIdLayout::hs102:
        return text_id(text, 16);
    case fk::UserIdLayout::hs103:
        return text_id(text, 32);
    case fk::UserIdLayout::hs100:
    case fk::UserIdLayout::hs101:
        break;
    }
    const auto number = parse_integer<std::uint32_t>(text);
    return number ? std::optional{std::to_string(*number)} : std::nullopt;
}

bool FkTerminal::lists_credentials() const
{
    return user_layout(library) == fk::UserIdLayout::hs100;
}

namespace
{

std::size_t template_size(std::string_view library, std::int32_t backup_number)
{
    if (backup_number <= 9) {
        return equals_ignoring_case(library, "FKDataHS103") ? 800 : 612;
    }
    if (backup_number == kFace) {
        return 20000;
    }
    return backup_number <= 16 ? 20080 : 3080; // palm; iris and vein
}

} // namespace

std::string made_credential(std::string_view library,
                            const std::string &user_id,
                            std::int32_t backup_number)
{
    if (backup_number == kPassword) {
        return "1234";
    }
    if (backup_number == kCard) {
        return "0012345678";
    }
    std::uint64_t seed = static_cast<std::uint64_t>(backup_number);
    for (const char c : user_id) {
        seed = seed * 31 + static_cast<unsigned char>(c);
    }
    Dice dice(seed);
    std::string data(template_size(library, backup_number), '\0');
    std::generate(data.begin(), data.end(),
                  [&dice] { return static_cast<char>(dice.number() & 0xff); });
    return data;
}

} // namespace wac::sim
