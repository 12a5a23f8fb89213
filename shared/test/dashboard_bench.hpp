// A dashboard's connection on a database that is played: tokens and terminals
// are the test's, and so is what was ordered.
#pragma once

#include "feed_bench.hpp"

#include "base/sha256.hpp"
#include "flow/type_session.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace wac::test
{

struct NoIntake final : db::UpkeepListener {
    void on_result_waits() noexcept override {}
};

/** As wac_devices has it. */
struct Device {
    std::string protocol = "cloud";
    std::string state = "approved";
    bool online = true;
};

struct DashboardBench : FeedBench {
    DashboardBench()
    {
        others = [this](const Execution &asked) { return answer(asked); };
        options.timeout_ms = 5000;
        roles = {{"v", "viewer"}, {"o", "operator"}, {"a", "admin"}};
        store.start(intake);
        settle();
    }

    std::vector<PgRow> answer(const Execution &asked)
    {
        if (asked.name == "wac_check_token") {
            const std::string token = token_of(asked.text(0));
            return token.empty()
                       ? std::vector<PgRow>()
                       : std::vector<PgRow>{
                             {"approved", token + "-holder", roles[token]}};
        }
        return asked.name == "wac_order" ? answer_order(asked)
                                         : std::vector<PgRow>();
    }

    std::vector<PgRow> answer_order(const Execution &asked)
    {
        const auto at = devices.find(asked.text(0));
        if (at == devices.end()) {
            return {};
        }
        const Device &device = at->second;
        const std::string token = token_of(asked.text(1));
        const bool may_order = !token.empty() && roles[token] != "viewer";
        PgValue trans_id;
        if (asked.parameters.at(2) && device.state == "approved" &&
            device.online && may_order) {
            ordered += asked.text(0) + ' ' + asked.text(2) + " by " +
                       asked.text(5) + " as " + asked.text(6) + '\n';
            trans_id = "77";
        }
        return {{device.state, device.protocol,
                 std::string(1, device.online ? '\1' : '\0'),
                 std::string(1, may_order ? '\1' : '\0'), trans_id}};
    }

    /** By its hash; "" if there is none, or it was revoked. */
    std::string token_of(const std::string &hash) const
    {
        for (const auto &[token, role] : roles) {
            if (as_text(sha256(as_bytes(token))) == hash) {
                return token;
            }
        }
        return {};
    }

    /** What it hears when nothing more happens. */
    std::string say(const std::string &text)
    {
        session->on_message(text);
        settle();
        return peer.heard();
    }

    std::string subscribe(const std::string &token)
    {
        return say(subscription_by(token));
    }

    static std::string subscription_by(const std::string &token)
    {
        return R"({"type":"subscribe","role":"admin","token":")" + token +
               "\"}";
    }

    std::string order(const std::string &device, const std::string &more = "")
    {
        return say(order_of(device, more));
    }

    static std::string order_of(const std::string &device,
                                const std::string &more = "")
    {
        return R"({"type":"command","device_id":")" + device +
               R"(","command":"unlock")" + more + '}';
    }

    void pass(std::uint64_t ms)
    {
        loop.advance(ms);
        settle();
    }

    /** Lets go of all that is held. */
    void release()
    {
        postgres.holds.clear();
        while (postgres.held("wac_")) {
            postgres.commit();
            settle();
        }
    }

    std::map<std::string, std::string> roles; // by token
    std::map<std::string, Device> devices{{"D1", {}}};
    std::string ordered; // "D1 open_door by a-holder as 4\n"

    NoIntake intake;
    ListeningPeer peer;
    SessionOptions options;
    db::Store store{loop, log, postgres.conninfo()};
    db::SessionKeeper keeper{loop, nowhere(), "here-1"};
    SessionRegistry registry{keeper};
    xml::Decoder decoder;
    RateLimit warnings{1000};
    SessionContext context{loop, log,     store,   registry,
                           feed, decoder, options, warnings};
    std::unique_ptr<type::Session> session =
        std::make_unique<type::Session>(peer, context);
};

} // namespace wac::test
