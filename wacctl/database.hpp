// A blocking libpq connection for a program that does one thing at a time.
// Values travel as bound text parameters, answers come back as text. Errors
// name the fault in the server's own words, without row values and without
// anything of the connection string but host, user and database.
#pragma once

#include "base/error.hpp"
#include "db/pg_result.hpp"

#include <chrono>
#include <functional>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::ctl
{

/** A bound text parameter; nullopt is NULL. */
using Parameter = std::optional<std::string>;
using Parameters = std::vector<Parameter>;

inline Parameter null_if_empty(const std::string &text)
{
    return text.empty() ? Parameter() : Parameter(text);
}

/** What a statement returned, columns by their names. A column that the
 *  statement does not have reads as NULL. */
class Rows
{
  public:
    explicit Rows(db::PgResult result) : result_(std::move(result)) {}

    int size() const noexcept { return PQntuples(result_.get()); }
    bool empty() const noexcept { return size() == 0; }
    int columns() const noexcept { return PQnfields(result_.get()); }
    const char *name(int column) const noexcept
    {
        return PQfname(result_.get(), column);
    }
    Oid type(int column) const noexcept
    {
        return PQftype(result_.get(), column);
    }
    std::optional<std::string_view> value(int row, int column) const noexcept;
    std::optional<std::string_view> value(int row,
                                          const char *column) const noexcept;

    /** The value, or "" for NULL. */
    std::string text(int row, const char *column) const
    {
        return std::string(value(row, column).value_or(""));
    }
    /** 0 for NULL and for what is not a number. */
    long long integer(int row, const char *column) const noexcept;
    double real(int row, const char *column) const noexcept;
    bool boolean(int row, const char *column) const noexcept
    {
        return value(row, column) == "t";
    }

  private:
    db::PgResult result_;
};

class Database
{
  public:
    static Result<Database> connect(const std::string &conninfo);

    Result<Rows> query(const std::string &statement,
                       const Parameters &parameters = {});

    /** Several statements without parameters; what they return is lost. */
    Result<void> execute(const std::string &statements);

    /** Hands over the rows one by one, as they arrive. Ends with the first
     *  error `use` returns; the rest of the rows is then not read, and the
     *  connection is of no further use. */
    using RowUse = std::function<Result<void>(const Rows &one_row)>;
    Result<void> for_each_row(const std::string &statement,
                              const Parameters &parameters, const RowUse &use);

    /** Waits for a NOTIFY on a channel that was LISTENed to, at most so long;
     *  a signal cuts it short. Whether one came. */
    Result<bool> wait_for_notification(std::chrono::milliseconds most);

    /** As 150002 for 15.2. */
    int server_version() const noexcept
    {
        return PQserverVersion(connection_.get());
    }

  private:
    struct Release {
        void operator()(PGconn *connection) const noexcept
        {
            PQfinish(connection);
        }
    };

    explicit Database(PGconn *connection) : connection_(connection) {}
    Error failed(const PGresult *result) const;

    std::unique_ptr<PGconn, Release> connection_;
};

} // namespace wac::ctl
