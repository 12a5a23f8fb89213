// The other end of a connection in tests: a WebSocket client by hand, on a
// descriptor that is read when the test turns the loop.
#pragma once

#include "descriptor.hpp"
#include "loop_uv.hpp"

#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace wac::test
{

enum Opcode : unsigned char {
    op_continuation = 0,
    op_text = 1,
    op_binary = 2,
    op_close = 8,
    op_ping = 9,
    op_pong = 10,
};

struct Frame {
    int opcode = -1; // none
    std::string payload;

    int close_code() const
    {
        return opcode == op_close && payload.size() >= 2
                   ? static_cast<unsigned char>(payload[0]) << 8 |
                         static_cast<unsigned char>(payload[1])
                   : -1;
    }
};

class WebClient
{
  public:
    WebClient(worker::LoopUv &loop, const std::function<void(int)> &give)
        : loop_(loop)
    {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                       ends) == 0) {
            fd_ = worker::Descriptor(ends[0]);
            give(ends[1]);
        }
    }

    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent =
                ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno != EAGAIN) {
                return;
            }
            turn();
        }
    }

    /** Whether the server switched protocols. */
    bool shake_hands(const std::string &more_headers = "")
    {
        write("GET /any/path?and=query HTTP/1.1\r\nHost: localhost\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\n" +
              more_headers + "\r\n");
        const std::string head = read_until("\r\n\r\n");
        return head.starts_with("HTTP/1.1 101");
    }

    std::string read_until(std::string_view mark)
    {
        std::size_t at = 0;
        while ((at = input_.find(mark)) == input_.npos && receive()) {
        }
        at = at == input_.npos ? input_.size() : at + mark.size();
        const std::string taken = input_.substr(0, at);
        input_.erase(0, at);
        return taken;
    }

    /** Masked with nothing, as clients must and may. */
    void send(Opcode opcode, std::string_view payload, bool last = true)
    {
        std::string frame;
        frame += static_cast<char>((last ? 0x80 : 0) | opcode);
        if (payload.size() < 126) {
            frame += static_cast<char>(0x80 | payload.size());
        } else {
            frame += static_cast<char>(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame += static_cast<char>(payload.size() >> shift & 0xff);
            }
        }
        frame += std::string(4, '\0');
        frame += payload;
        write(frame);
    }

    /** The next frame; none if the connection has ended. */
    Frame receive_frame()
    {
        for (;;) {
            Frame frame;
            if (take_frame(frame)) {
                return frame;
            }
            if (!receive()) {
                return {};
            }
        }
    }

    /** Whether the server's end is gone. */
    bool gone()
    {
        while (receive()) {
        }
        return ended_;
    }

    void turn() { uv_run(loop_.get(), UV_RUN_NOWAIT); }

    void hang_up() { fd_.reset(); }

  private:
    /** Turns the loop until something came; false at the end. */
    bool receive()
    {
        char buffer[16384];
        for (int turns = 0; turns < 100000 && !ended_; ++turns) {
            const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
            if (got > 0) {
                input_.append(buffer, static_cast<std::size_t>(got));
                return true;
            }
            ended_ = got == 0 || errno != EAGAIN;
            turn();
        }
        return false;
    }

    bool take_frame(Frame &frame)
    {
        if (input_.size() < 2) {
            return false;
        }
        const auto byte = [this](std::size_t i) {
            return static_cast<unsigned char>(input_[i]);
        };
        std::size_t length = byte(1), head = 2;
        if (length >= 126) {
            const std::size_t digits = length == 126 ? 2 : 8;
            head += digits;
            if (input_.size() < head) {
                return false;
            }
            length = 0;
            for (std::size_t i = 2; i < head; ++i) {
                length = length << 8 | byte(i);
            }
        }
        if (input_.size() < head + length) {
            return false;
        }
        frame = {byte(0) & 0x0f, input_.substr(head, length)};
        input_.erase(0, head + length);
        return true;
    }

    worker::LoopUv &loop_;
    worker::Descriptor fd_;
    std::string input_;
    bool ended_ = false;
};

} // namespace wac::test
