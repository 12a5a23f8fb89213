// Where the statements of one batch go: into libpq's pipeline, with a note of
// whose outcome each one's rows are. Used by the *_statements.cpp, which hold
// the SQL, and by nobody else.
#pragma once

#include "base/sha256.hpp"
#include "db/pg_parameters.hpp"
#include "db/pg_result.hpp"

#include "db/statements.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wac::db
{

/** A prepared statement. */
struct Statement {
    const char *name;
    const char *text;
};

/** The operations of a batch; null ones want nothing any more. */
using Operations = std::span<const Operation *const>;

/** Calls `visit(index, operation)` for each operation of one kind. */
template <typename Kind, typename Visitor>
void each(Operations operations, Visitor visit)
{
    for (std::size_t n = 0; n < operations.size(); ++n) {
        if (!operations[n]) {
            continue;
        }
        if (const Kind *kind = std::get_if<Kind>(operations[n])) {
            visit(n, *kind);
        }
    }
}

/** The same, in order of sn, so that two transactions cannot wait for each
 *  other: `visit(index, operation, first)`, which says whether it is the first
 *  of its sn in the batch. */
template <typename Kind, typename Visitor>
void each_by_sn(Operations operations, Visitor visit)
{
    std::vector<std::pair<const Kind *, std::size_t>> found;
    each<Kind>(operations, [&](std::size_t n, const Kind &operation) {
        found.emplace_back(&operation, n);
    });
    std::stable_sort(
        found.begin(), found.end(),
        [](const auto &a, const auto &b) { return a.first->sn < b.first->sn; });
    const std::string *last = nullptr;
    for (const auto &[operation, n] : found) {
        visit(n, *operation, !last || *last != operation->sn);
        last = &operation->sn;
    }
}

/** The first column of a row, from `column` on, is the device's state. */
void read_state(const PGresult *rows, int row, int column, Outcome &outcome);

inline std::string string_at(const PGresult *rows, int row, int column)
{
    return std::string(text_at(rows, row, column));
}

/** Arrays of one length, which the statement unnests side by side. */
inline void add_columns(PgParameters &parameters,
                        std::initializer_list<PgArray *> columns)
{
    for (PgArray *column : columns) {
        parameters.add(*column);
    }
}

class StatementQueue
{
  public:
    StatementQueue(PGconn *connection, std::vector<StatementReply> &replies)
        : connection_(connection), replies_(replies)
    {
    }

    bool put(const Statement &statement, const PgParameters &parameters,
             std::size_t owner = kNobody, ReadRow *read = read_state)
    {
        if (!parameters.send(connection_, statement.name)) {
            return false;
        }
        replies_.push_back({owner, read});
        return true;
    }

    /** Computed once per photo and batch; empty for none. */
    std::string_view hash_of(Bytes photo)
    {
        if (photo.empty()) {
            return {};
        }
        const auto [at, is_new] = hashes_.try_emplace(photo.data());
        if (is_new) {
            at->second = sha256(photo);
        }
        return as_text(at->second);
    }

  private:
    PGconn *connection_;
    std::vector<StatementReply> &replies_;
    std::unordered_map<const unsigned char *, Sha256> hashes_;
};

} // namespace wac::db
