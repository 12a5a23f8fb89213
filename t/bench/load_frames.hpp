// What the programs that make load have in common (cloud_load.cpp,
// feed_load.cpp): the frames of a WebSocket client, its handshake, an end with
// a message. They do not link the project: what checks it shares none of it.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <sys/resource.h>

namespace load
{

constexpr unsigned char kMask[4] = {0x37, 0xfa, 0x21, 0x3d};

constexpr int kText = 1;
constexpr int kClose = 8;
constexpr int kPing = 9;
constexpr int kPong = 10;

[[noreturn]] inline void die(const std::string &text)
{
    std::fprintf(stderr, "%s: %s\n", program_invocation_short_name,
                 text.c_str());
    std::exit(1);
}

/** A masked frame, and where its payload begins. */
struct Frame {
    std::string bytes;
    std::size_t payload = 0;
};

inline Frame masked(int opcode, std::string_view text)
{
    Frame frame;
    frame.bytes += static_cast<char>(0x80 | opcode);
    if (text.size() < 126) {
        frame.bytes += static_cast<char>(0x80 | text.size());
    } else {
        frame.bytes += static_cast<char>(0x80 | 126);
        frame.bytes += static_cast<char>(text.size() >> 8);
        frame.bytes += static_cast<char>(text.size() & 0xFF);
    }
    frame.bytes.append(reinterpret_cast<const char *>(kMask), 4);
    frame.payload = frame.bytes.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        frame.bytes += static_cast<char>(text[i] ^ kMask[i % 4]);
    }
    return frame;
}

/** What a server sent, as far as it stands in the input. */
struct Received {
    int opcode = 0;
    std::string_view payload;
    std::size_t size = 0; // of head and payload
};

/** The first frame of the input; nothing if more must be read. */
inline std::optional<Received> first_frame(std::string_view input)
{
    const auto byte = [&input](std::size_t at) {
        return std::size_t{static_cast<unsigned char>(input[at])};
    };
    if (input.size() < 2) {
        return std::nullopt;
    }
    std::size_t length = byte(1);
    std::size_t head = 2;
    if (length >= 126) {
        const std::size_t digits = length == 126 ? 2 : 8;
        if (input.size() < head + digits) {
            return std::nullopt;
        }
        length = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            length = length << 8 | byte(head + i);
        }
        head += digits;
    }
    if (input.size() - head < length) {
        return std::nullopt;
    }
    Received frame;
    frame.opcode = input[0] & 0x0F;
    frame.payload = input.substr(head, length);
    frame.size = head + length;
    return frame;
}

inline std::string handshake(const std::string &path)
{
    return "GET " + path +
           " HTTP/1.1\r\nHost: bench\r\n"
           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

inline void allow_files(rlim_t count)
{
    rlimit now{};
    getrlimit(RLIMIT_NOFILE, &now);
    if (now.rlim_cur < count) {
        now.rlim_cur = now.rlim_max < count ? now.rlim_max : count;
        setrlimit(RLIMIT_NOFILE, &now);
    }
}

/** Processor time of this process. */
inline double cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) +
               static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace load
