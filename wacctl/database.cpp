#include "database.hpp"

#include "base/text.hpp"
#include "terminal_text.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <poll.h>

namespace wac::ctl
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

/** libpq's messages have lines, ours are one. */
std::string one_line(const char *message)
{
    std::string text;
    for (const char *c = message ? message : ""; *c; ++c) {
        if (*c == '\n') {
            text += "; ";
        } else if (*c != '\t') {
            text += *c;
        }
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == ';')) {
        text.pop_back();
    }
    return text;
}

std::string option_value(const PQconninfoOption *options, std::string_view name)
{
    for (const PQconninfoOption *o = options; o->keyword; ++o) {
        if (o->keyword == name) {
            return o->val ? o->val : "";
        }
    }
    return "";
}

/** In a URI, an unescaped @, / or ? in the password makes libpq take a part
 *  of the password for the host, port or database; its errors would print
 *  that part. */
bool password_strayed(const std::string &conninfo,
                      const PQconninfoOption *options)
{
    if (conninfo.find("://") == std::string::npos) {
        return false;
    }
    const std::string port = option_value(options, "port");
    const bool numbers = std::all_of(port.begin(), port.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == ',';
    });
    return !numbers ||
           option_value(options, "host").find('@') != std::string::npos ||
           option_value(options, "dbname").find('@') != std::string::npos;
}

Result<Options> parse(const std::string &conninfo)
{
    char *message = nullptr;
    Options options(PQconninfoParse(conninfo.c_str(), &message));
    PQfreemem(message); // may quote the password
    if (!options) {
        return failure(ErrorCode::misused,
                       "database: malformed connection string (not shown, as "
                       "it may hold a password); expected \"host=… dbname=… "
                       "user=…\" or postgresql://user@host/dbname");
    }
    if (password_strayed(conninfo, options.get())) {
        return failure(ErrorCode::misused,
                       "database: malformed connection URI; in a password, "
                       "write @ as %40, / as %2F, ? as %3F and # as %23");
    }
    return options;
}

/** Whatever libpq says, the password is not to be read in it. */
std::string without_password(std::string text, const std::string &password)
{
    if (password.size() < 3) {
        return text;
    }
    for (auto at = text.find(password); at != std::string::npos;
         at = text.find(password, at + 3)) {
        text.replace(at, password.size(), "***");
    }
    return text;
}

void show_notice(void *, const PGresult *notice) noexcept
{
    try {
        const char *message =
            PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
        const std::string text = escaped(message ? message : "");
        std::fprintf(stderr, "wacctl: database: %s\n", text.c_str());
    } catch (...) { // no memory: the notice is lost, the work is not
    }
}

/** An expired wait for an unreachable server, and with several servers the
 *  one that takes writes, unless the operator says otherwise. */
std::vector<std::pair<const char *, const char *>>
connection_defaults(const PQconninfoOption *options)
{
    std::vector<std::pair<const char *, const char *>> defaults{
        {"fallback_application_name", "wacctl"}};
    if (!std::getenv("PGCONNECT_TIMEOUT")) {
        defaults.emplace_back("connect_timeout", "10");
    }
    if (option_value(options, "host").find(',') != std::string::npos &&
        !std::getenv("PGTARGETSESSIONATTRS")) {
        defaults.emplace_back("target_session_attrs", "read-write");
    }
    return defaults;
}

ErrorCode code_of(std::string_view sqlstate)
{
    const std::string_view state_class = sqlstate.substr(0, 2);
    if (sqlstate.empty() || state_class == "08" || state_class == "57") {
        return ErrorCode::unavailable;
    }
    return state_class == "22" ? ErrorCode::bad_data : ErrorCode::rejected;
}

std::vector<const char *> pointers(const Parameters &parameters)
{
    std::vector<const char *> values;
    for (const Parameter &parameter : parameters) {
        values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    return values;
}

} // namespace

std::optional<std::string_view> Rows::value(int row, int column) const noexcept
{
    if (column < 0 || PQgetisnull(result_.get(), row, column)) {
        return std::nullopt;
    }
    return db::text_at(result_.get(), row, column);
}

std::optional<std::string_view> Rows::value(int row,
                                            const char *column) const noexcept
{
    for (int i = 0; i < columns(); ++i) { // PQfnumber would fold the case
        if (std::string_view(name(i)) == column) {
            return value(row, i);
        }
    }
    return std::nullopt;
}

long long Rows::integer(int row, const char *column) const noexcept
{
    return parse_integer<long long>(value(row, column).value_or("0"))
        .value_or(0);
}

double Rows::real(int row, const char *column) const noexcept
{
    const auto text = value(row, column);
    return text ? std::strtod(text->data(), nullptr) : 0; // libpq ends with NUL
}

Result<Database> Database::connect(const std::string &conninfo)
{
    const auto options = parse(conninfo);
    if (!options) {
        return tl::make_unexpected(options.error());
    }
    std::vector<const char *> names, values;
    for (const auto &[name, value] : connection_defaults(options->get())) {
        names.push_back(name);
        values.push_back(value);
    }
    names.insert(names.end(), {"dbname", "client_encoding", nullptr});
    values.insert(values.end(), {conninfo.c_str(), "UTF8", nullptr});

    Database database(PQconnectdbParams(names.data(), values.data(), 1));
    PGconn *connection = database.connection_.get();
    if (PQstatus(connection) != CONNECTION_OK) {
        return failure(
            ErrorCode::unavailable,
            "database: " +
                without_password(one_line(PQerrorMessage(connection)),
                                 option_value(options->get(), "password")));
    }
    PQsetNoticeReceiver(connection, show_notice, nullptr);
    const auto prepared = database.execute("SET client_min_messages = warning;"
                                           "SET datestyle = 'ISO, YMD';"
                                           "SET bytea_output = hex");
    if (!prepared) {
        return tl::make_unexpected(prepared.error());
    }
    return database;
}

Error Database::failed(const PGresult *result) const
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const std::string_view sqlstate = state ? state : "";
    std::string text = message ? std::string(message)
                               : one_line(PQerrorMessage(connection_.get()));
    if (sqlstate == "42P01" || sqlstate == "42703") { // table, column
        text += "; run \"wacctl migrate\", or \"wacctl doctor\" to see more";
    }
    return {code_of(sqlstate), "database: " + text};
}

Result<Rows> Database::query(const std::string &statement,
                             const Parameters &parameters)
{
    const auto values = pointers(parameters);
    db::PgResult result(PQexecParams(connection_.get(), statement.c_str(),
                                     static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        return tl::make_unexpected(failed(result.get()));
    }
    return Rows(std::move(result));
}

Result<void> Database::execute(const std::string &statements)
{
    const db::PgResult result(PQexec(connection_.get(), statements.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        return tl::make_unexpected(failed(result.get()));
    }
    return {};
}

Result<void> Database::for_each_row(const std::string &statement,
                                    const Parameters &parameters,
                                    const RowUse &use)
{
    const auto values = pointers(parameters);
    if (!PQsendQueryParams(connection_.get(), statement.c_str(),
                           static_cast<int>(values.size()), nullptr,
                           values.data(), nullptr, nullptr, 0) ||
        !PQsetSingleRowMode(connection_.get())) {
        return tl::make_unexpected(failed(nullptr));
    }
    while (PGresult *next = PQgetResult(connection_.get())) {
        db::PgResult result(next);
        const ExecStatusType status = PQresultStatus(next);
        if (status == PGRES_TUPLES_OK) {
            continue; // the end of the rows
        }
        if (status != PGRES_SINGLE_TUPLE) {
            return tl::make_unexpected(failed(next));
        }
        if (auto used = use(Rows(std::move(result))); !used) {
            return used;
        }
    }
    return {};
}

Result<bool> Database::wait_for_notification(std::chrono::milliseconds most)
{
    PGconn *connection = connection_.get();
    const auto take = [connection] {
        bool any = false;
        while (PGnotify *notice = PQnotifies(connection)) {
            PQfreemem(notice);
            any = true;
        }
        return any;
    };
    if (take()) { // came with an answer
        return true;
    }
    pollfd socket{PQsocket(connection), POLLIN, 0};
    if (poll(&socket, 1, static_cast<int>(most.count())) > 0 &&
        !PQconsumeInput(connection)) {
        return tl::make_unexpected(failed(nullptr));
    }
    return take();
}

} // namespace wac::ctl
