// Records inside the answers of XML terminals, as the tables want them: a
// person with PIN and card, one template, one log.
#pragma once

#include "proto/operation.hpp"
#include "proto/xml_command_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wac::xml
{

// credentials by their number (cloud-json.md 4.1)
inline constexpr std::int32_t kFingers = 10; // 0 to 9
inline constexpr std::int32_t kPin = 10;
inline constexpr std::int32_t kCard = 11;
inline constexpr std::int32_t kFace = 20; // FaceData, a template
inline constexpr std::int32_t kPhoto = 50;

/** A person as GetUserData says them. */
struct Person {
    std::string enrollid;
    std::string user_id; // by which the terminal is asked; mostly the same
    std::string name;
    std::string privilege; // User, Manager, Administrator
    std::optional<bool> enabled;
    std::string pin;  // "" for none
    std::string card; // decimal, "" for none
    std::vector<std::int32_t> fingers;
    bool has_face = false;
};

/** Nothing if the answer is about nobody. */
std::optional<Person> person_in(const Message &answer, const Request &request);

/** Whatever records the answer to a request has, by the request's name. */
ResultRecords records_in(const Message &answer, const Request &request);

/** USER, MANAGER, SUPER of User, Manager, Administrator; other words as they
 *  are. */
std::string privilege_word(std::string_view privilege);

} // namespace wac::xml
