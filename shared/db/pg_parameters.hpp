// Parameters of one execution of a prepared statement, in PostgreSQL's binary
// format. Columns are arrays that the statement unnests into rows; a column
// in which every value is null goes out as one null, which unnest pads.
#pragma once

#include "base/bytes.hpp"
#include "base/wall_time.hpp"

#include <bit>
#include <cstdint>
#include <deque>
#include <libpq-fe.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::db
{

/** Type numbers of pg_type that the arrays name (src/include/catalog). */
enum class PgType : std::uint32_t {
    boolean = 16,
    bytea = 17,
    int8 = 20,
    int4 = 23,
    text = 25,
    float8 = 701,
    timestamp = 1114,
    timestamptz = 1184,
};

template <typename Integer>
void append_big_endian(std::string &out, Integer value)
{
    char bytes[sizeof(Integer)];
    for (std::size_t i = sizeof bytes; i-- > 0; value >>= 8) {
        bytes[i] = static_cast<char>(value & 0xff);
    }
    out.append(bytes, sizeof bytes);
}

/** One array parameter.
 *
 *    offset  size
 *         0     4  dimensions: 1
 *         4     4  1 if it holds a null
 *         8     4  element type
 *        12     4  number of elements
 *        16     4  lower bound: 1
 *        20        elements: length (or -1 for null), then the bytes
 */
class PgArray
{
  public:
    explicit PgArray(PgType type) : type_(type) { bytes_.resize(20); }

    void add_null()
    {
        append_big_endian<std::uint32_t>(bytes_, 0xffffffffU);
        ++count_;
        ++nulls_;
    }

    void add(std::string_view text)
    {
        append_big_endian(bytes_, static_cast<std::uint32_t>(text.size()));
        bytes_.append(text);
        ++count_;
    }

    /** Empty text is null: the columns have no use for empty words. */
    void add_or_null(std::string_view text)
    {
        text.empty() ? add_null() : add(text);
    }

    void add_int4(std::int32_t value)
    {
        append_big_endian<std::uint32_t>(bytes_, 4);
        append_big_endian(bytes_, static_cast<std::uint32_t>(value));
        ++count_;
    }

    void add_int8(std::optional<std::int64_t> value)
    {
        if (!value) {
            add_null();
            return;
        }
        append_big_endian<std::uint32_t>(bytes_, 8);
        append_big_endian(bytes_, static_cast<std::uint64_t>(*value));
        ++count_;
    }

    void add_bool(bool value)
    {
        append_big_endian<std::uint32_t>(bytes_, 1);
        bytes_ += value ? '\1' : '\0';
        ++count_;
    }

    void add_float8(std::optional<double> value)
    {
        add_int8(value ? std::optional(std::bit_cast<std::int64_t>(*value))
                       : std::nullopt);
    }

    void add_timestamp(const std::optional<WallTime> &time)
    {
        add_int8(time ? std::optional(time->since_2000_us()) : std::nullopt);
    }

    bool all_null() const noexcept { return nulls_ == count_; }

    /** Completes the header; the view lives as long as the array. */
    std::string_view finish()
    {
        std::string header;
        append_big_endian<std::uint32_t>(header, 1);
        append_big_endian<std::uint32_t>(header, nulls_ ? 1 : 0);
        append_big_endian(header, static_cast<std::uint32_t>(type_));
        append_big_endian(header, count_);
        append_big_endian<std::uint32_t>(header, 1);
        bytes_.replace(0, header.size(), header);
        return bytes_;
    }

  private:
    PgType type_;
    std::uint32_t count_ = 0;
    std::uint32_t nulls_ = 0;
    std::string bytes_;
};

/** The parameter list of one execution. Views must outlive send(). */
class PgParameters
{
  public:
    void add_null() { add_value(nullptr, 0); }

    void add(std::string_view bytes) { add_value(bytes.data(), bytes.size()); }

    void add(Bytes bytes) { add(as_text(bytes)); }

    void add_or_null(std::string_view text)
    {
        text.empty() ? add_null() : add(text);
    }

    void add_int4(std::optional<std::int32_t> value)
    {
        if (!value) {
            add_null();
            return;
        }
        std::string &bytes = owned_.emplace_back();
        append_big_endian(bytes, static_cast<std::uint32_t>(*value));
        add(bytes);
    }

    void add_int8(std::int64_t value)
    {
        std::string &bytes = owned_.emplace_back();
        append_big_endian(bytes, static_cast<std::uint64_t>(value));
        add(bytes);
    }

    void add_float8(double value)
    {
        add_int8(std::bit_cast<std::int64_t>(value));
    }

    void add_bool(std::optional<bool> value)
    {
        if (!value) {
            add_null();
            return;
        }
        add(owned_.emplace_back(1, *value ? '\1' : '\0'));
    }

    void add(PgArray &array)
    {
        array.all_null() ? add_null() : add(array.finish());
    }

    /** Queues the prepared statement; results come back in binary. */
    bool send(PGconn *connection, const char *statement) const
    {
        const std::vector<int> formats(values_.size(), 1);
        return PQsendQueryPrepared(
                   connection, statement, static_cast<int>(values_.size()),
                   values_.data(), lengths_.data(), formats.data(), 1) == 1;
    }

  private:
    // libpq takes a null pointer for NULL: an empty value needs another one
    void add_value(const char *bytes, std::size_t length)
    {
        values_.push_back(bytes || length ? bytes : nullptr);
        lengths_.push_back(static_cast<int>(length));
    }

    std::vector<const char *> values_;
    std::vector<int> lengths_;
    std::deque<std::string> owned_;
};

} // namespace wac::db
