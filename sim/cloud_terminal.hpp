// What a simulated `cloud` terminal holds: people with their credentials, the
// log of punches, its clock, door and settings. Commands change it
// (cloud_execute.hpp); it knows neither messages nor connections.
//
// Times are whole seconds since 2000-01-01 00:00:00 of the terminal's own
// wall clock.
#pragma once

#include "cloud_options.hpp"
#include "codec/json.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace wac::sim
{

/** "2026-09-29 20:00:00" */
std::string time_text(std::int64_t time_s);

/** The inverse; a T may stand for the blank, and what follows the seconds is
 *  passed over, as by terminals that know no zones. */
std::optional<std::int64_t> time_of(std::string_view text);

/** A credential's value as the server wrote it: "0001" is not 1. */
struct CloudRecord {
    std::string text;
    bool is_number = false;
};

struct CloudUser {
    std::string name;
    int admin = 0;
    bool enabled = true;
    std::string profile;
    /** By backupnum; without a value: as made_record() says. */
    std::map<int, std::optional<CloudRecord>> credentials;
};

using CloudUsers = std::map<std::int64_t, CloudUser>;

struct CloudPunch {
    std::int64_t enrollid = 0;
    std::int64_t time_s = 0;
    int mode = 1;
    int inout = 0;
};

/** How this family writes the n-th punch of the simulation: in and out by
 *  turns. */
CloudPunch cloud_punch(CloudFamily family, std::int64_t enrollid,
                       std::int64_t time_s, std::uint64_t number);

/** Made logs are computed when they are looked at: they cost nothing. */
class CloudLogs
{
  public:
    /** `count` punches of users 1 to `users`, a minute apart, up to `end_s`. */
    void make(CloudFamily family, std::uint32_t count, std::uint32_t users,
              std::int64_t end_s);

    /** A full log takes no more. */
    void add(const CloudPunch &punch);
    void clear();

    std::size_t size() const { return made_ + added_.size(); }
    CloudPunch at(std::size_t index) const;

    static constexpr std::size_t kCapacity = 1000000;

  private:
    CloudFamily family_ = CloudFamily::th;
    std::uint32_t made_ = 0;
    std::uint32_t users_ = 1;
    std::int64_t end_s_ = 0;
    std::deque<CloudPunch> added_;
};

/** Where a list goes on when the next page is asked for. */
struct CloudPages {
    std::size_t next = 0; // entry, as the replies count them
    std::int64_t enrollid = 0;
    int backupnum = -1;
    std::int64_t from_s = 0; // of getalllog
    std::int64_t until_s = 0;
    std::size_t log = 0; // index of the next log that may belong to it
};

struct CloudTerminal {
    std::string sn;
    CloudFamily family = CloudFamily::th;
    std::int64_t clock_offset_s = 0; // to the clock of the host
    CloudUsers users;
    CloudLogs logs;
    std::size_t fetched_logs = 0; // getnewlog has given those before
    CloudPages user_pages;
    CloudPages new_log_pages;
    CloudPages all_log_pages;
    Json settings;                         // those that were set; null: none
    std::map<std::string, Json> documents; // by the command that set them
    std::uint64_t doors_opened = 0;
    int lock = 0; // lockctrl: 1 held open, 2 held closed
    bool disabled = false;

    /** Users 1 to `count`; the first is an administrator with a PIN and a
     *  card beside the finger, or face, that each has. */
    void make_users(std::uint32_t count);
};

/** A credential as a sensor would make it: the same for the same person, and
 *  of a real one's form (cloud-json.md 4.4). */
CloudRecord made_record(const std::string &sn, std::int64_t enrollid,
                        int backupnum);

/** Bytes as hex, runs of zeros as "(n)" with their length. */
std::string template_text(std::string_view bytes);

} // namespace wac::sim
