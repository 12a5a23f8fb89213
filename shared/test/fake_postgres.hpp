// A PostgreSQL server in the test's own process, on a socket of its own and on
// the test's loop: enough of the protocol (version 3, extended queries) for
// our sessions to connect, prepare and run their batches. What the statements
// return is the test's; it may also let a batch wait, fail it, or hang up.
// It knows no SQL and stores nothing.
#pragma once

#include "fake_loop.hpp"
#include "pg_wire.hpp"

#include "db/conninfo.hpp"
#include "db/migrations.hpp"
#include "db/pg_parameters.hpp"
#include "db/statements.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <linux/sockios.h>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace wac::test
{

class FakePostgres final : private db::ReadinessListener
{
  public:
    using Answer = std::function<std::vector<PgRow>(const Execution &)>;

    FakePostgres(FakeLoop &loop, Answer answer)
        : loop_(loop), answer_(std::move(answer)),
          socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0))
    {
        char name[] = "/tmp/wac-unit-XXXXXX";
        directory_ = ::mkdtemp(name);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (directory_ + "/.s.PGSQL.5432")
            .copy(address.sun_path, sizeof address.sun_path - 1);
        const auto *raw = reinterpret_cast<const sockaddr *>(&address);
        if (::bind(socket_, raw, sizeof address) != 0 ||
            ::listen(socket_, 16) != 0) {
            throw std::runtime_error("no socket in " + directory_);
        }
        watch_ = std::move(loop_.watch(socket_, *this).value());
        watch_->want(db::Interest::read);
    }

    ~FakePostgres()
    {
        watch_.reset();
        ::close(socket_);
        std::filesystem::remove_all(directory_);
    }
    FakePostgres(const FakePostgres &) = delete;
    FakePostgres &operator=(const FakePostgres &) = delete;

    db::Conninfo conninfo() const
    {
        return db::parse_conninfo("host=" + directory_ +
                                  " user=wac dbname=wac port=5432")
            .value();
    }

    /** Batches with a statement whose name begins so wait for one of the
     *  three below. */
    std::string holds;

    /** Whether one does, that has a statement of such a name. */
    bool held(std::string_view begin) const
    {
        return std::any_of(
            held_.begin(), held_.end(),
            [begin](const Client *client) { return client->has(begin); });
    }

    /** Commits the oldest one. */
    void commit() { take_held().finish(nullptr); }

    /** Its last statement fails, after the others gave their rows. */
    void fail(const char *sqlstate) { take_held().finish(sqlstate); }

    /** Its connection is closed, without a word. */
    void hang_up()
    {
        Client &client = take_held();
        clients_.remove_if([&](const Client &one) { return &one == &client; });
    }

    /** NOTIFY, to those who listen to the channel. */
    void notify(std::string_view channel)
    {
        for (Client &client : clients_) {
            client.notify(channel);
        }
    }

    /** Runs descriptors, deferrals and timers that are due, until nothing
     *  more comes of it. No time passes. */
    void settle()
    {
        // always ready: the loop polls without waiting
        const int always = ::eventfd(1, EFD_NONBLOCK);
        struct : db::ReadinessListener {
            void on_ready(bool, bool) noexcept override {}
        } nobody;
        auto awake = std::move(loop_.watch(always, nobody).value());
        awake->want(db::Interest::read);
        std::uint64_t seen = 0;
        unsigned quiet_rounds = 0; // what was read may still be acted on
        unsigned rounds = 0;
        loop_.poll_until([&] {
            loop_.advance(0);
            const bool quiet = seen == activity_ &&
                               std::none_of(clients_.begin(), clients_.end(),
                                            [](const Client &client) {
                                                return client.unread();
                                            });
            quiet_rounds = quiet ? quiet_rounds + 1 : 0;
            seen = activity_;
            return quiet_rounds > kQuietRounds || ++rounds > kMostRounds;
        });
        awake.reset();
        ::close(always);
    }

    unsigned connections = 0;

    /** How often a statement of this name was executed, committed or not. */
    unsigned executed(const std::string &name) const
    {
        const auto at = executed_.find(name);
        return at == executed_.end() ? 0 : at->second;
    }

  private:
    // The other end of one session.
    class Client final : private db::ReadinessListener
    {
      public:
        Client(FakePostgres &server, int fd)
            : server_(server), fd_(fd),
              watch_(std::move(server.loop_.watch(fd, *this).value()))
        {
            watch_->want(db::Interest::read);
        }
        ~Client()
        {
            std::erase(server_.held_, this);
            watch_.reset();
            ::close(fd_);
        }
        Client(const Client &) = delete;
        Client &operator=(const Client &) = delete;

        bool has(std::string_view begin) const
        {
            return std::any_of(batch_.begin(), batch_.end(),
                               [begin](const Execution &one) {
                                   return one.name.starts_with(begin);
                               });
        }

        /** Whether it has not taken all that it was sent. */
        bool unread() const
        {
            int bytes = 0;
            return !out_.empty() ||
                   (::ioctl(fd_, SIOCOUTQ, &bytes) == 0 && bytes > 0);
        }

        /** Answers the batch; with an SQLSTATE its last statement fails. */
        void finish(const char *sqlstate)
        {
            const std::vector<Execution> batch = std::exchange(batch_, {});
            for (std::size_t n = 0; n < batch.size(); ++n) {
                if (sqlstate && n + 1 == batch.size()) {
                    put('E', zero_ended("SERROR") + zero_ended("VERROR") +
                                 zero_ended("C" + std::string(sqlstate)) +
                                 zero_ended("Mmade to fail") + '\0');
                } else {
                    put_rows(batch[n]);
                }
            }
            put('Z', "I");
            flush();
        }

        void notify(std::string_view channel)
        {
            if (channels_.find(channel) != channels_.npos) {
                put('A', *binary<std::int32_t>(1) + zero_ended(channel) +
                             zero_ended(""));
                flush();
            }
        }

      private:
        void on_ready(bool readable, bool) noexcept override
        {
            if (readable && !receive()) {
                server_.clients_.remove_if(
                    [this](const Client &one) { return &one == this; });
                return;
            }
            flush();
        }

        bool receive()
        {
            char bytes[65536];
            const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
            if (got <= 0) {
                return false;
            }
            ++server_.activity_;
            in_.append(bytes, static_cast<std::size_t>(got));
            for (;;) {
                const std::size_t head = started_ ? 1 : 0; // the type
                if (in_.size() < head + 4) {
                    return true;
                }
                const auto length = static_cast<std::size_t>(
                    integer(std::string_view(in_).substr(head, 4)));
                if (in_.size() < head + length) {
                    return true;
                }
                const char type = started_ ? in_.front() : '\0';
                const std::string body = in_.substr(head + 4, length - 4);
                in_.erase(0, head + length);
                take(type, body);
            }
        }

        void take(char type, std::string_view body)
        {
            switch (type) {
            case '\0': // the start: anybody is let in
                started_ = true;
                put('R', *binary<std::int32_t>(0));
                put('S', zero_ended("server_version") + zero_ended("15.0"));
                put('S', zero_ended("client_encoding") + zero_ended("UTF8"));
                put('Z', "I");
                break;
            case 'P':
                parse(body);
                break;
            case 'B':
                bind(body);
                break;
            case 'S':
                sync();
                break;
            default: // what belongs to those
                break;
            }
        }

        void parse(std::string_view body)
        {
            const std::string name = take_text(body);
            if (name.empty()) {
                unnamed_ = take_text(body);
            } else {
                put('1', "");
            }
        }

        void bind(std::string_view body)
        {
            take_text(body); // the portal
            Execution execution;
            execution.name = take_text(body);
            if (execution.name.empty()) {
                execution.name = unnamed_;
            }
            take_bytes(body, 2 * take_count(body)); // the formats
            execution.parameters = take_parameters(body);
            if (execution.name.starts_with("LISTEN ")) {
                channels_ += execution.name.substr(6) + ' ';
            }
            ++server_.executed_[execution.name];
            batch_.push_back(std::move(execution));
        }

        void sync()
        {
            if (!server_.holds.empty() && has(server_.holds)) {
                server_.held_.push_back(this);
            } else {
                finish(nullptr);
            }
        }

        void put_rows(const Execution &execution)
        {
            if (execution.name.find(' ') != execution.name.npos) {
                put('1', ""); // it was parsed for this once
            }
            put('2', "");
            const std::vector<PgRow> rows = server_.rows_of(execution);
            put('T', columns_of(rows.empty() ? 0 : rows.front().size()));
            for (const PgRow &row : rows) {
                put('D', values_of(row));
            }
            put('C', zero_ended("SELECT " + std::to_string(rows.size())));
        }

        void put(char type, std::string_view body)
        {
            out_ += type;
            db::append_big_endian(out_,
                                  static_cast<std::uint32_t>(body.size() + 4));
            out_ += body;
        }

        void flush()
        {
            const ssize_t sent =
                ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                ++server_.activity_;
                out_.erase(0, static_cast<std::size_t>(sent));
            }
            watch_->want(out_.empty() ? db::Interest::read
                                      : db::Interest::both);
        }

        FakePostgres &server_;
        int fd_;
        std::unique_ptr<db::Watch> watch_;
        std::string in_;
        std::string out_;
        std::string unnamed_;  // the text of the unnamed statement
        std::string channels_; // that it listens to
        std::vector<Execution> batch_;
        bool started_ = false;
    };

    void on_ready(bool, bool) noexcept override
    {
        const int fd = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd >= 0) {
            ++connections;
            ++activity_;
            clients_.emplace_back(*this, fd);
        }
    }

    Client &take_held()
    {
        Client &client = *held_.at(0);
        held_.erase(held_.begin());
        return client;
    }

    std::vector<PgRow> rows_of(const Execution &execution) const
    {
        if (execution.name == db::schema_version_query()) {
            return {{binary(db::schema_version())}};
        }
        return answer_(execution);
    }

    static constexpr unsigned kQuietRounds = 5;
    static constexpr unsigned kMostRounds = 5000; // it never comes to rest

    FakeLoop &loop_;
    const Answer answer_;
    std::uint64_t activity_ = 1; // bytes and connections that came or went
    int socket_;
    std::string directory_;
    std::unique_ptr<db::Watch> watch_;
    std::map<std::string, unsigned> executed_;
    std::vector<Client *> held_; // oldest first
    std::list<Client> clients_;
};

} // namespace wac::test
