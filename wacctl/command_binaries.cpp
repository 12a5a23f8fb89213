#include "command_binaries.hpp"

#include "bytea.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wac::ctl
{

namespace
{

tl::unexpected<Error> system_failure(const std::string &path)
{
    return failure(ErrorCode::refused,
                   "command show: " + path + ": " + std::strerror(errno));
}

Result<void> make_directory(const std::string &path)
{
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_failure(path);
    }
    return {};
}

/** Before anything is written: what is in the way of whom. */
Result<void> refuse_existing(const std::vector<std::string> &paths)
{
    for (const std::string &path : paths) {
        struct stat status {
        };
        if (lstat(path.c_str(), &status) == 0) {
            return failure(ErrorCode::refused,
                           "command show: " + path +
                               ": exists already, and is not overwritten; "
                               "nothing was saved");
        }
        if (errno != ENOENT) {
            return system_failure(path);
        }
    }
    return {};
}

Result<void> write_new_file(const std::string &path, std::string_view content)
{
    const int file =
        open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return system_failure(path);
    }
    bool good = true;
    while (good && !content.empty()) {
        const ssize_t n = write(file, content.data(), content.size());
        good = n > 0 || (n < 0 && errno == EINTR);
        content.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    const int reason = errno;
    if (close(file) != 0 || !good) {
        errno = good ? errno : reason;
        return system_failure(path);
    }
    return {};
}

} // namespace

Result<std::vector<SavedBinary>>
save_result_binaries(Database &database, const std::string &trans_id,
                     const std::string &directory)
{
    const auto binaries =
        database.query("SELECT b AS content FROM wac_commands c,"
                       "    unnest(c.result_bin) WITH ORDINALITY AS u(b, n)"
                       " WHERE c.trans_id = $1 ORDER BY n",
                       {trans_id});
    if (!binaries) {
        return tl::make_unexpected(binaries.error());
    }
    if (binaries->empty()) {
        return failure(ErrorCode::refused, "command show: command " + trans_id +
                                               " has no binaries to save");
    }
    std::vector<std::string> paths;
    for (int row = 0; row < binaries->size(); ++row) {
        paths.push_back(directory + "/BIN_" + std::to_string(row + 1));
    }
    auto ready = make_directory(directory).and_then(
        [&] { return refuse_existing(paths); });
    std::vector<SavedBinary> saved;
    for (int row = 0; ready && row < binaries->size(); ++row) {
        const std::string content =
            bytes_of(binaries->value(row, "content").value_or(""));
        const std::string &path = paths[static_cast<std::size_t>(row)];
        ready = write_new_file(path, content);
        saved.push_back({path, content.size()});
    }
    if (!ready) {
        return tl::make_unexpected(ready.error());
    }
    return saved;
}

} // namespace wac::ctl
