// Names of time zones, as the system's database has them; PostgreSQL on
// Debian reads the same one. What a zone means is asked of PostgreSQL alone.
#pragma once

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace wac
{

inline bool is_time_zone(std::string_view name)
{
    if (name.empty() || name.size() > 64 || name.front() == '/' ||
        name.find("..") != name.npos || name.rfind("posix", 0) == 0 ||
        name.rfind("right", 0) == 0) {
        return false;
    }
    const std::string path = "/usr/share/zoneinfo/" + std::string(name);
    char magic[4] = {};
    FILE *const file = std::fopen(path.c_str(), "rb");
    if (!file) {
        return false;
    }
    const bool read = std::fread(magic, 1, sizeof magic, file) == 4;
    std::fclose(file);
    return read && std::memcmp(magic, "TZif", 4) == 0;
}

/** The zone of this host, or "" if it has none by name. */
inline std::string local_time_zone()
{
    const char *const variable = std::getenv("TZ");
    if (variable && is_time_zone(variable)) {
        return variable;
    }
    char path[PATH_MAX];
    if (!realpath("/etc/localtime", path)) {
        return {};
    }
    static constexpr std::string_view kFolder = "/zoneinfo/";
    const std::string_view target = path;
    const auto at = target.find(kFolder);
    if (at == target.npos) {
        return {};
    }
    const std::string_view name = target.substr(at + kFolder.size());
    return is_time_zone(name) ? std::string(name) : std::string();
}

} // namespace wac
