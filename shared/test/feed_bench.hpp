// The live feed on a database that is a table of the test's: its reader is the
// real one, on a FakePostgres; its listeners remember what they were sent.
#pragma once

#include "fake_postgres.hpp"
#include "type_connection.hpp"

#include "codec/json.hpp"
#include "flow/feed.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::test
{

/** What the statements of the feed look at. */
struct FeedTable {
    /** Numbers one more event; the time of its receipt is its number. */
    void add(std::string sn, std::string type, std::string event_type = "")
    {
        db::FeedRow row;
        row.id = ++last;
        row.sn = std::move(sn);
        row.type = std::move(type);
        row.event_type = std::move(event_type);
        row.payload = R"({"status":"online"})";
        row.at_us = row.id;
        rows.push_back(std::move(row));
    }

    void add_events(int count)
    {
        for (int i = 0; i < count; ++i) {
            add("D1", "event", "attendance");
        }
    }

    std::vector<PgRow> answer(const Execution &asked)
    {
        if (asked.name == "wac_feed_advance") {
            return {{binary(advanced)}};
        }
        if (asked.name == "wac_feed_position") {
            return {position(asked)};
        }
        if (asked.name == "wac_feed_read") {
            return read(asked);
        }
        if (asked.name == "wac_feed_snapshot") {
            return snapshot(asked);
        }
        std::vector<PgRow> found;
        if (asked.name == "wac_feed_lapsed") {
            for (const std::string &hash : asked.array(0)) {
                asked_tokens += hash + ' ';
                if (is_in(hash, lapsed)) {
                    found.push_back({hash});
                }
            }
        }
        return found;
    }

    std::vector<db::FeedRow> rows; // those that are kept
    std::int64_t last = 0;
    std::int32_t advanced = 0;           // what wac_feed_advance() says
    std::vector<db::FeedDevice> devices; // in the order of sn
    std::vector<std::string> lapsed;     // tokens

    std::string reads;        // ranges that were read, "0-500 500-612 of D1 "
    std::string snapshots;    // after which devices, "'' 'D1000' "
    std::string asked_tokens; // "t1 t2 "

  private:
    static bool is_in(const std::string &text,
                      const std::vector<std::string> &texts)
    {
        return std::find(texts.begin(), texts.end(), text) != texts.end();
    }

    PgRow position(const Execution &asked) const
    {
        std::int64_t before = last;
        if (asked.parameters.at(0)) {
            for (const db::FeedRow &row : rows) {
                if (row.at_us >= asked.int8(0)) {
                    before = std::min(before, row.id - 1);
                }
            }
        }
        return {binary(last), binary(rows.empty() ? last + 1 : rows[0].id),
                binary(before)};
    }

    std::vector<PgRow> read(const Execution &asked)
    {
        reads += std::to_string(asked.int8(0)) + '-' +
                 std::to_string(asked.int8(1)) + ' ';
        for (const std::string &device : asked.array(3)) {
            reads += "of " + device + ' ';
        }
        std::vector<PgRow> found;
        for (const db::FeedRow &row : rows) {
            if (row.id > asked.int8(0) && row.id <= asked.int8(1) &&
                row.at_us >= asked.int8(2) &&
                (!asked.parameters[3] || is_in(row.sn, asked.array(3)))) {
                found.push_back({binary(row.id), row.sn, row.type,
                                 row.event_type, row.payload,
                                 binary(row.at_us)});
            }
        }
        return found;
    }

    std::vector<PgRow> snapshot(const Execution &asked)
    {
        snapshots += '\'' + asked.text(0) + "' ";
        std::vector<PgRow> found;
        for (const db::FeedDevice &device : devices) {
            if (device.sn > asked.text(0) &&
                (!asked.parameters[1] || is_in(device.sn, asked.array(1))) &&
                static_cast<std::int64_t>(found.size()) < asked.int8(2)) {
                found.push_back(
                    {device.sn, device.status, binary(device.at_us)});
            }
        }
        return found;
    }
};

// A connection whose other end takes nothing unless the test says so.
class ListeningPeer final : public Peer
{
  public:
    void send(std::string message) noexcept override
    {
        send(std::make_shared<const std::string>(std::move(message)));
    }
    void send(SharedMessage message) noexcept override
    {
        frames.push_back(std::move(message));
    }
    std::size_t queued_bytes() const noexcept override { return queued; }
    void close(CloseCode code, std::string_view why) noexcept override
    {
        closed += std::to_string(static_cast<unsigned>(code)) + ' ' +
                  std::string(why) + '\n';
    }
    void hold(bool on) noexcept override { held = on; }
    std::string_view address() const noexcept override { return "192.0.2.9"; }
    std::string_view token() const noexcept override { return came_with; }

    /** What was sent since the last call, a word each: an event's id, an
     *  error's code, a device with its status, or a type. */
    std::string heard()
    {
        std::string all;
        for (const SharedMessage &frame : frames) {
            const Json json(json_loads(frame->c_str(), 0, nullptr));
            const json_t *const id = json_object_get(json.get(), "id");
            std::string word(json_string(json.get(), "type"));
            if (word == "error") {
                word = json_string(json.get(), "code");
            } else if (json_is_integer(id)) {
                word = std::to_string(json_integer_value(id));
            } else if (word == "device_status") {
                word = json_string(json.get(), "device_id");
                word += ':';
                word += json_string(json.get(), "status");
            }
            all += (all.empty() ? "" : " ") + word;
        }
        frames.clear();
        return all;
    }

    std::vector<SharedMessage> frames;
    std::size_t queued = 0;
    std::string closed; // "1008 too slow\n"
    std::string came_with;
    bool held = false;
};

struct Listener final : SubscriptionOwner {
    explicit Listener(Feed &feed, type::Subscription wanted = {},
                      std::string token = "t")
        : subscription(std::make_unique<Subscription>(
              feed, peer, std::move(wanted), std::move(token), *this))
    {
    }
    void on_subscription_placed() noexcept override { ++placed; }
    void on_subscription_end(CloseCode code,
                             std::string_view reason) noexcept override
    {
        peer.close(code, reason);
    }
    std::string heard() { return peer.heard(); }

    ListeningPeer peer;
    int placed = 0;
    std::unique_ptr<Subscription> subscription;
};

struct FeedBench {
    FakeLoop loop;
    LogLines log;
    FeedTable table;
    FakePostgres::Answer others; // what is not the feed's; may be none
    FakePostgres postgres{
        loop, [this](const Execution &asked) {
            const bool feed_s = !others || asked.name.starts_with("wac_feed_");
            return feed_s ? table.answer(asked) : others(asked);
        }};
    db::FeedReader reader{loop, log, postgres.conninfo(), "here-1"};
    Feed feed{loop, reader};

    void settle() { postgres.settle(); }

    /** As much time as it takes the reader to look again. */
    void look()
    {
        loop.advance(1000);
        settle();
    }

    unsigned looks() const { return postgres.executed("wac_feed_advance"); }
};

/** "7 8 9" */
inline std::string numbers(std::int64_t from, std::int64_t upto)
{
    std::string all;
    for (std::int64_t n = from; n <= upto; ++n) {
        all += (n == from ? "" : " ") + std::to_string(n);
    }
    return all;
}

} // namespace wac::test
