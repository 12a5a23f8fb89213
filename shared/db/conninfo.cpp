#include "db/conninfo.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <memory>
#include <string_view>

namespace wac::db
{

namespace
{

struct OptionsRelease {
    void operator()(PQconninfoOption *options) const noexcept
    {
        PQconninfoFree(options);
    }
};

using Options = std::unique_ptr<PQconninfoOption, OptionsRelease>;

std::vector<std::string> split(const std::string &list)
{
    std::vector<std::string> items;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t comma = list.find(',', begin);
        items.push_back(list.substr(begin, comma - begin));
        if (comma == std::string::npos) {
            return items;
        }
        begin = comma + 1;
    }
}

bool is_address(const std::string &text)
{
    in6_addr address;
    return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/** libpq would find these wrong only when it connects. */
Result<void> check_words(const Parameters &parameters)
{
    struct Choice {
        std::string_view name;
        std::vector<std::string_view> words;
    };
    static const Choice kChoices[] = {
        {"sslmode",
         {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
        {"target_session_attrs",
         {"any", "read-write", "read-only", "primary", "standby",
          "prefer-standby"}},
        {"gssencmode", {"disable", "prefer", "require"}},
        {"channel_binding", {"disable", "prefer", "require"}}};
    for (const auto &[name, value] : parameters) {
        for (const Choice &choice : kChoices) {
            if (name == choice.name &&
                std::find(choice.words.begin(), choice.words.end(), value) ==
                    choice.words.end()) {
                return failure(ErrorCode::misused,
                               "invalid " + name + " value \"" + value + "\"");
            }
        }
    }
    return {};
}

/** A value of the parameters that we do not have an own opinion on. */
void add_default(Parameters &parameters, const char *name, const char *value)
{
    const bool given =
        std::any_of(parameters.begin(), parameters.end(),
                    [&](const auto &entry) { return entry.first == name; });
    if (!given) {
        parameters.emplace_back(name, value);
    }
}

/** libpq's default when `values` is empty; its one value for all servers, or
 *  one value for each. */
Result<std::string> nth(const std::vector<std::string> &values,
                        std::size_t index, std::size_t count, const char *what)
{
    if (values.size() == 1) {
        return values.front();
    }
    if (values.size() != count) {
        return failure(ErrorCode::misused, std::string("it names ") +
                                               std::to_string(count) +
                                               " servers and another number "
                                               "of " +
                                               what);
    }
    return values[index];
}

Result<std::vector<Server>> servers_of(const std::string &host,
                                       const std::string &hostaddr,
                                       const std::string &port)
{
    const auto hosts = split(host);
    const auto addresses = split(hostaddr);
    const auto ports = split(port);
    const std::size_t count =
        hostaddr.empty() ? hosts.size() : addresses.size();

    std::vector<Server> servers;
    for (std::size_t i = 0; i < count; ++i) {
        Server server;
        if (!host.empty()) {
            if (hosts.size() != count) {
                return failure(ErrorCode::misused,
                               "host and hostaddr differ in number");
            }
            server.host = hosts[i];
        }
        if (!hostaddr.empty()) {
            server.hostaddr = addresses[i];
        }
        if (!server.hostaddr.empty() && !is_address(server.hostaddr)) {
            return failure(ErrorCode::misused,
                           "invalid hostaddr \"" + server.hostaddr + "\"");
        }
        auto own_port = nth(ports, i, count, "ports");
        if (!own_port) {
            return tl::make_unexpected(own_port.error());
        }
        server.port = *own_port;
        const auto number = parse_integer<int>(server.port);
        if (!server.port.empty() &&
            (!number || *number < 1 || *number > 65535)) {
            return failure(ErrorCode::misused,
                           "invalid port \"" + server.port + "\"");
        }
        servers.push_back(std::move(server));
    }
    return servers;
}

/** The password or the like may stand beside the fault in libpq's words. */
std::string without_values(const char *message)
{
    std::string text = message ? message : "out of memory";
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.pop_back();
    }
    if (text.rfind("invalid connection option", 0) == 0 ||
        text.rfind("invalid URI query parameter", 0) == 0) {
        return text; // names the option only
    }
    const auto quote = text.find('"');
    if (quote != std::string::npos) {
        text.resize(quote);
        text += "…";
    }
    return text;
}

} // namespace

bool Server::needs_lookup() const
{
    return hostaddr.empty() && !host.empty() && host.front() != '/' &&
           host.front() != '@' && !is_address(host);
}

std::string Server::text() const
{
    const std::string &where = host.empty() ? hostaddr : host;
    return (where.empty() ? "the default socket" : where) +
           (port.empty() ? "" : ":" + port);
}

Result<Conninfo> parse_conninfo(const std::string &text)
{
    char *message = nullptr;
    const Options options(PQconninfoParse(text.c_str(), &message));
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(message, PQfreemem);
    if (!options) {
        return failure(ErrorCode::misused, without_values(message));
    }

    Conninfo conninfo;
    std::string host, hostaddr, port;
    for (const PQconninfoOption *o = options.get(); o->keyword; ++o) {
        const std::string_view name = o->keyword;
        if (!o->val || !*o->val) {
            continue;
        }
        if (name == "host") {
            host = o->val;
        } else if (name == "hostaddr") {
            hostaddr = o->val;
        } else if (name == "port") {
            port = o->val;
        } else if (name == "connect_timeout") {
            const auto seconds = parse_integer<unsigned>(o->val);
            if (!seconds) {
                return failure(ErrorCode::misused, "invalid connect_timeout");
            }
            if (*seconds > 0) {
                conninfo.connect_timeout_ms = *seconds * 1000ULL;
            }
        } else {
            conninfo.parameters.emplace_back(name, o->val);
        }
    }

    auto servers = servers_of(host, hostaddr, port);
    if (!servers) {
        return tl::make_unexpected(servers.error());
    }
    conninfo.servers = std::move(*servers);
    if (auto checked = check_words(conninfo.parameters); !checked) {
        return tl::make_unexpected(checked.error());
    }

    add_default(conninfo.parameters, "fallback_application_name", "wac");
    add_default(conninfo.parameters, "gssencmode", "disable");
    add_default(conninfo.parameters, "keepalives_idle", "30");
    add_default(conninfo.parameters, "keepalives_interval", "5");
    add_default(conninfo.parameters, "keepalives_count", "3");
    add_default(conninfo.parameters, "tcp_user_timeout", "20000");
    add_default(conninfo.parameters, "client_encoding", "UTF8");
    if (conninfo.servers.size() > 1) {
        add_default(conninfo.parameters, "target_session_attrs", "read-write");
    }
    return conninfo;
}

Parameters parameters_for(const Conninfo &conninfo, const Server &server,
                          const std::string &address)
{
    Parameters parameters = conninfo.parameters;
    const std::string &hostaddr = address.empty() ? server.hostaddr : address;
    if (!server.host.empty()) {
        parameters.emplace_back("host", server.host);
    }
    if (!hostaddr.empty()) {
        parameters.emplace_back("hostaddr", hostaddr);
    }
    if (!server.port.empty()) {
        parameters.emplace_back("port", server.port);
    }
    return parameters;
}

} // namespace wac::db
