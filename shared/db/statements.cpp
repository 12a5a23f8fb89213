#include "db/statements.hpp"

#include "db/command_statements.hpp"
#include "db/delivery_statements.hpp"
#include "db/device_statements.hpp"
#include "db/feed_statements.hpp"
#include "db/pg_result.hpp"
#include "db/record_statements.hpp"
#include "db/result_statements.hpp"
#include "db/session_statements.hpp"
#include "db/token_statements.hpp"
#include "db/upkeep_statements.hpp"

namespace wac::db
{

namespace
{

// Nested loops over indexes, whatever the statistics were when a plan was
// cached: a batch is small beside the tables.
constexpr const char *kSettings =
    "SELECT set_config(name, value, false) FROM (VALUES"
    " ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'),"
    " ('enable_mergejoin', 'off'), ('jit', 'off'),"
    " ('plan_cache_mode', 'force_generic_plan'),"
    " ('statement_timeout', '10s'), ('lock_timeout', '5s'),"
    " ('idle_in_transaction_session_timeout', '30s'),"
    " ('DateStyle', 'ISO'), ('IntervalStyle', 'postgres')"
    ") AS s(name, value)";

constexpr const char *kSchemaVersion =
    "SELECT coalesce(max(version), 0)::int4 FROM wac_schema_migrations";

constexpr std::size_t kRow = 256;
struct Weigher {
    std::size_t operator()(const Contact &op) const
    {
        return kRow + op.devinfo.size();
    }
    std::size_t operator()(const StoreAttendance &op) const
    {
        std::size_t sum = 0;
        for (const AttendanceRecord &record : op.records) {
            sum += kRow + record.raw.size() + record.photo.size();
        }
        return sum + op.invalid.frame.size();
    }
    std::size_t operator()(const StoreEnrolment &op) const
    {
        std::size_t sum = kRow + op.raw.size() + op.photo.size();
        for (const StoredCredential &credential : op.credentials) {
            sum += kRow + credential.data.size();
        }
        return sum;
    }
    std::size_t operator()(const StoreEvent &op) const
    {
        return kRow + op.payload.size();
    }
    std::size_t operator()(const StoreTelemetry &op) const
    {
        return kRow + op.payload.size();
    }
    std::size_t operator()(const StoreAdminLogs &op) const
    {
        std::size_t sum = kRow;
        for (const AdminRecord &record : op.records) {
            sum += kRow + record.raw.size();
        }
        return sum;
    }
    std::size_t operator()(const Quarantine &op) const
    {
        return kRow + op.frame.size();
    }
    std::size_t operator()(const StoreBlock &op) const
    {
        return kRow + op.body.size();
    }
    std::size_t operator()(const ReceiveResult &op) const
    {
        return kRow + op.last_part.size();
    }
    std::size_t operator()(const StoreResult &op) const
    {
        std::size_t sum = kRow + kRow * op.records.rows;
        if (op.records.enrolment) {
            sum += (*this)(*op.records.enrolment);
        }
        if (op.end) {
            sum += op.end->result.size();
            for (const std::string &bin : op.end->result_bin) {
                sum += bin.size();
            }
        }
        return sum;
    }
    template <typename Small>
    std::size_t operator()(const Small &) const
    {
        return kRow;
    }
};

} // namespace

const char *session_settings()
{
    return kSettings;
}

const char *schema_version_query()
{
    return kSchemaVersion;
}

bool prepare_statements(PGconn *connection)
{
    for (const auto statements :
         {device_statements(), record_statements(), command_statements(),
          result_statements(), delivery_statements(), session_statements(),
          token_statements(), feed_statements(), upkeep_statements()}) {
        for (const Statement &statement : statements) {
            if (PQsendPrepare(connection, statement.name, statement.text, 0,
                              nullptr) != 1) {
                return false;
            }
        }
    }
    return true;
}

void read_state(const PGresult *rows, int row, int column, Outcome &outcome)
{
    outcome.state = device_state_of(text_at(rows, row, column));
}

// Answers before commands: a terminal's next command is given out after its
// last one has ended.
bool send_operations(PGconn *connection,
                     std::span<const Operation *const> operations,
                     std::vector<StatementReply> &replies)
{
    StatementQueue queue(connection, replies);
    return send_records(queue, operations) && send_results(queue, operations) &&
           send_commands(queue, operations) &&
           send_contacts(queue, operations) &&
           send_openings(queue, operations) &&
           send_token_operations(queue, operations) &&
           send_deliveries(queue, operations) &&
           send_polls(queue, operations) &&
           send_identifications(queue, operations);
}

std::size_t weight_of(const Operation &operation) noexcept
{
    return std::visit(Weigher{}, operation);
}

} // namespace wac::db
