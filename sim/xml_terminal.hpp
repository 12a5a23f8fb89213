// What a simulated XML terminal holds: people with their credentials, the
// ring of its log, its clock, lock and settings. Requests change it
// (xml_execute.hpp); it knows neither messages nor connections.
//
// Times are whole seconds since 2000-01-01 00:00:00 of the terminal's own wall
// clock.
#pragma once

#include "cloud_terminal.hpp"
#include "xml_options.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace wac::sim
{

struct XmlFinger {
    std::string data; // base64, as the server wrote it; "": made
    bool duress = false;
};

/** Binary values are base64, as they go over the wire. */
struct XmlUser {
    std::string name;
    std::string privilege = "User";
    std::string depart = "0";
    bool enabled = true;
    std::array<std::string, 5> time_sets{"1", "0", "0", "0", "0"};
    bool period_used = false;
    std::string period_start = "257"; // none
    std::string period_end = "257";
    std::string card;
    std::string password;
    std::string qr;
    std::map<int, XmlFinger> fingers;
    bool has_face = false;
    std::string face; // "": made
    std::string photo;

    bool has_credential() const
    {
        return !card.empty() || !password.empty() || !qr.empty() ||
               !fingers.empty() || has_face;
    }
    /** Bit 2n: finger n, bit 2n+1: it is a duress finger. */
    std::uint32_t finger_mask() const;
};

using XmlUsers = std::map<std::int64_t, XmlUser>;
using XmlFields = std::vector<std::pair<std::string, std::string>>;

/** Somebody worked at the terminal's menu. */
struct XmlAdminLog {
    std::int64_t log_id = 0;
    std::int64_t time_s = 0;
    std::int64_t admin_id = 0;
    std::int64_t user_id = 0;
    std::string action;
};

struct XmlTerminal {
    std::string sn;
    std::int64_t clock_offset_s = 0; // to the clock of the host
    std::optional<int> utc_offset_minutes;
    XmlUsers users;
    CloudLogs logs;            // LogID is the index and 1
    std::size_t first_log = 0; // those before it were deleted
    std::int64_t user_cursor = 0;
    std::map<std::string, std::string> settings; // of SetDeviceInfo
    std::map<std::string, XmlFields> documents;  // by what gets them
    std::map<std::string, XmlFields> extended;   // of SetDeviceInfoExt
    int lock = 4;                                // of LockControl
    std::uint64_t doors_opened = 0;
    bool enabled = true;

    std::size_t log_count() const { return logs.size() - first_log; }

    /** Users 1 to `count`; the first is a manager with a PIN and a card beside
     *  the face that each has. */
    void make_users(std::uint32_t count);
};

/** A template as a sensor would make it: the same for the same person. */
std::string made_face(std::int64_t user_id);
std::string made_finger(std::int64_t user_id, int number);

} // namespace wac::sim
