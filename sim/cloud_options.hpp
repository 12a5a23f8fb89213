// What `wac-sim cloud` was asked for: how many terminals of which family,
// what they hold, how they use their connections and how they misbehave.
#pragma once

#include "fleet_options.hpp"

#include <map>

namespace wac::sim
{

/** Firmware families (cloud-json.md 0). */
enum class CloudFamily { th, ai, bs };

/** When a terminal does things. By default it hurries; kRealTiming is what
 *  was measured of real ones (cloud-json.md 1.1). */
struct CloudTiming {
    milliseconds reg_after{0};        // the handshake
    milliseconds reg_every{5000};     // while it is not answered
    milliseconds first_log_within{0}; // of the reg reply
    milliseconds resend_every{5000};  // what is not answered; three times
    milliseconds give_up_pause{1000}; // then it connects anew
    milliseconds copies_every{0};     // of a storm
    std::optional<milliseconds> connect_within; // else a pause that grows
    bool resend_after_command = false;
    bool resend_after_refusal = true; // after a pause that grows
};

inline constexpr CloudTiming kRealTiming{
    .reg_after = milliseconds{2000},
    .reg_every = milliseconds{20000},
    .first_log_within = milliseconds{1000},
    .resend_every = milliseconds{20000},
    .give_up_pause = milliseconds{4000}, // 24 s after the last resend
    .copies_every = milliseconds{38},    // 26 a second
    .connect_within = milliseconds{4000},
    .resend_after_command = true,
    .resend_after_refusal = false,
};

struct CloudOptions : LiveOptions {
    CloudFamily family = CloudFamily::th;
    std::uint32_t batch = 50; // punches of a sendlog, at most
    std::size_t photo = 0;    // bytes of a punch's picture
    bool send_users = false;  // each terminal sends its people, once
    std::optional<milliseconds> interval; // between checklives
    CloudTiming timing;
    milliseconds reboot_time{1000};
    std::uint32_t storm = 0; // copies of everything that is sent
    bool answer_as_cmd = false;
    std::map<std::string, int> errors; // command: reason
};

} // namespace wac::sim
