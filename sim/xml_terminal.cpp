#include "xml_terminal.hpp"

#include "base64.hpp"
#include "dice.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

std::string noise(std::uint64_t seed, std::size_t size)
{
    Dice dice(seed);
    std::string bytes(size, '\0');
    std::generate(bytes.begin(), bytes.end(),
                  [&dice] { return static_cast<char>(dice.number() & 0xff); });
    return base64(bytes);
}

} // namespace

std::uint32_t XmlUser::finger_mask() const
{
    std::uint32_t mask = 0;
    for (const auto &[number, finger] : fingers) {
        mask |= (finger.duress ? 3U : 1U) << (2 * number);
    }
    return mask;
}

void XmlTerminal::make_users(std::uint32_t count)
{
    for (std::uint32_t number = 1; number <= count; ++number) {
        XmlUser user;
        user.name = "User " + std::to_string(number);
        user.has_face = true;
        if (number == 1) {
            user.privilege = "Manager";
            user.password = "1234";
            user.card = xml::encode_card(12345678);
        }
        users.emplace_hint(users.end(), number, std::move(user));
    }
}

std::string made_face(std::int64_t user_id)
{
    constexpr std::size_t kSize = 27668; // biometric-xml.md 1
    return noise(static_cast<std::uint64_t>(user_id) * 16, kSize);
}

std::string made_finger(std::int64_t user_id, int number)
{
    constexpr std::size_t kSize = 1404;
    return noise(static_cast<std::uint64_t>(user_id) * 16 + 1 +
                     static_cast<std::uint64_t>(number),
                 kSize);
}

} // namespace wac::sim
