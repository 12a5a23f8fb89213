// What a simulated FK terminal holds: people with their credentials, the log
// of punches, its clock, name and settings. Commands change it
// (fk_execute.cpp); it knows neither messages nor connections.
//
// Times are whole seconds since 2000-01-01 00:00:00 of the terminal's own
// wall clock.
#pragma once

#include "host_clock.hpp"
#include "made_jpeg.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::sim
{

/** "20260929200000" */
std::string time_digits(std::int64_t time_s);

struct FkCredential {
    std::int32_t backup_number = 0;
    std::optional<std::string> data; // nothing: as made_credential() says
};

struct FkUser {
    std::string name;
    std::string privilege = "USER";
    std::string photo; // empty: none
    std::vector<FkCredential> credentials;

    FkCredential *credential(std::int32_t backup_number);
};

/** "2" before "10". */
struct ShorterFirst {
    bool operator()(const std::string &a, const std::string &b) const
    {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

using FkUsers = std::map<std::string, FkUser, ShorterFirst>;

struct FkPunch {
    std::string user_id;
    std::int64_t time_s = 0;
    std::int64_t verify_mode = 0;
    std::int64_t io_mode = 0;
};

/** How this library writes the n-th punch of the simulation: by finger, in
 *  and out by turns. */
FkPunch punch_of(std::string_view library, std::string user_id,
                 std::int64_t time_s, std::uint64_t number);

/** Made logs are rows that are computed when they are looked at, so that a
 *  hundred thousand of them in each of a thousand terminals cost nothing. */
class FkLogs
{
  public:
    /** `count` rows of users 1 to `users`, a minute apart, up to `end_s`. */
    void make(std::string library, std::uint32_t count, std::uint32_t users,
              std::int64_t end_s);

    void add(FkPunch punch);
    void clear();

    std::size_t size() const { return made_ + added_.size(); }
    FkPunch at(std::size_t index) const;

    /** A full terminal writes over its oldest rows. */
    static constexpr std::size_t kCapacity = 200000;

  private:
    std::string library_;
    std::uint32_t made_ = 0;
    std::uint32_t users_ = 1;
    std::int64_t end_s_ = 0;
    std::deque<FkPunch> added_;
};

struct FkWebServer {
    std::string address; // digits
    std::uint16_t port = 0;
};

struct FkTerminal {
    std::string sn;
    std::string library;
    std::string name;
    std::int64_t clock_offset_s = 0; // to the clock of the host
    FkUsers users;
    FkLogs logs;
    std::map<std::string, std::string> settings; // those that were set
    std::optional<FkWebServer> web_server;       // from the next restart on
    std::string door = "close";

    /** Users 1 to `count`; the first manages, and has a password, a card and
     *  a photo beside the finger that each has. */
    void make_users(std::uint32_t count);

    /** An id as this terminal holds it: numbers of numeric libraries lose
     *  their leading zeros. Nothing: it cannot hold that id. */
    std::optional<std::string> id_of(std::string_view text) const;

    /** Whether user-id rows are credentials, not people: HS100, HS200. */
    bool lists_credentials() const;
};

/** A template as a sensor would make it: the same for the same finger of the
 *  same person, and of a real one's size (fk-http.md 6.4). */
std::string made_credential(std::string_view library,
                            const std::string &user_id,
                            std::int32_t backup_number);

} // namespace wac::sim
