// A connection of the `type` dialect without network and database: its peer
// remembers what it was told; the store was never started, so that every
// operation waits for as long as the test lets time pass.
#pragma once

#include "fake_loop.hpp"

#include "codec/xml.hpp"
#include "db/conninfo.hpp"
#include "db/feed_reader.hpp"
#include "db/store.hpp"
#include "flow/feed.hpp"
#include "flow/session.hpp"
#include "flow/session_registry.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::test
{

class FakePeer final : public Peer
{
  public:
    void send(std::string message) noexcept override
    {
        sent.push_back(std::move(message));
    }
    void send(SharedMessage message) noexcept override
    {
        sent.push_back(*message);
    }
    std::size_t queued_bytes() const noexcept override { return 0; }
    void close(CloseCode code, std::string_view) noexcept override
    {
        if (!closed) {
            closed = static_cast<unsigned>(code);
        }
    }
    void hold(bool on) noexcept override { held = on; }
    std::string_view address() const noexcept override { return "192.0.2.9"; }
    std::string_view token() const noexcept override { return {}; }

    /** What was sent since the last call, one message a line. */
    std::string take_sent()
    {
        std::string all;
        for (const std::string &message : sent) {
            all += message + "\n";
        }
        sent.clear();
        return all;
    }

    std::vector<std::string> sent;
    std::optional<unsigned> closed; // by which code
    bool held = false;
};

class LogLines final : public Log
{
  public:
    void write(LogLevel level, std::string_view line) noexcept override
    {
        if (level != LogLevel::debug) {
            lines += line;
            lines += '\n';
        }
    }
    /** How often it occurs in them. */
    std::size_t count(std::string_view what) const
    {
        std::size_t found = 0;
        for (auto at = lines.find(what); at != lines.npos;
             at = lines.find(what, at + 1)) {
            ++found;
        }
        return found;
    }
    std::string lines;
};

inline db::Conninfo nowhere()
{
    return db::parse_conninfo("host=/nonexistent dbname=wac").value();
}

struct TypeConnection {
    TypeConnection() { options.timeout_ms = 5000; }

    FakeLoop loop;
    LogLines log;
    FakePeer peer;
    SessionOptions options;
    db::Store store{loop, log, nowhere()};
    db::SessionKeeper keeper{loop, nowhere(), "here-1"};
    SessionRegistry registry{keeper};
    db::FeedReader reader{loop, log, nowhere(), "here-1"};
    Feed feed{loop, reader};
    xml::Decoder decoder;
    RateLimit warnings{1000};
    SessionContext context{loop, log,     store,   registry,
                           feed, decoder, options, warnings};
};

} // namespace wac::test
