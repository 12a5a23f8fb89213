// Parameters of one execution of a prepared statement, in PostgreSQL's binary
// format. Rows are one array of a composite type, or a few columns, each an
// array, that the statement unnests; a column in which every value is null
// goes out as one null, which unnest pads.
#pragma once

#include "base/bytes.hpp"
#include "base/wall_time.hpp"

#include <bit>
#include <cstdint>
#include <deque>
#include <libpq-fe.h>
#include <optional>
#include <span>
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

/** Writes values one after the other, as elements and fields have them: their
 *  length (-1 for null), then the bytes. The length is put down by the derived
 *  class, with what goes before it: its begin_value(length). */
template <typename Derived>
class PgValues
{
  public:
    void add_null()
    {
        begin_value(0xffffffffU);
        ++nulls_;
    }

    void add(std::string_view text)
    {
        begin_value(static_cast<std::uint32_t>(text.size()));
        bytes_.append(text);
    }

    /** Empty text is null: the columns have no use for empty words. */
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
        begin_value(4);
        append_big_endian(bytes_, static_cast<std::uint32_t>(*value));
    }

    void add_int8(std::optional<std::int64_t> value)
    {
        if (!value) {
            add_null();
            return;
        }
        begin_value(8);
        append_big_endian(bytes_, static_cast<std::uint64_t>(*value));
    }

    void add_bool(bool value)
    {
        begin_value(1);
        bytes_ += value ? '\1' : '\0';
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

  protected:
    PgValues() = default;

    std::string bytes_;
    std::uint32_t nulls_ = 0;

  private:
    void begin_value(std::uint32_t length)
    {
        static_cast<Derived *>(this)->begin_value(length);
    }
};

/** Before the elements of an array of one dimension:
 *
 *    offset  size
 *         0     4  dimensions: 1
 *         4     4  1 if it holds a null
 *         8     4  element type
 *        12     4  number of elements
 *        16     4  lower bound: 1
 */
constexpr std::size_t kPgArrayHead = 20;
inline void put_array_head(std::string &array, bool holds_null,
                           std::uint32_t type, std::uint32_t count)
{
    std::string head;
    append_big_endian<std::uint32_t>(head, 1);
    append_big_endian<std::uint32_t>(head, holds_null ? 1 : 0);
    append_big_endian(head, type);
    append_big_endian(head, count);
    append_big_endian<std::uint32_t>(head, 1);
    array.replace(0, kPgArrayHead, head);
}

/** One array parameter: a column. */
class PgArray final : public PgValues<PgArray>
{
  public:
    explicit PgArray(PgType type) : type_(type) { bytes_.resize(kPgArrayHead); }

    bool all_null() const noexcept { return nulls_ == count_; }

    /** Completes the head; the view lives as long as the array. */
    std::string_view finish()
    {
        put_array_head(bytes_, nulls_ > 0, static_cast<std::uint32_t>(type_),
                       count_);
        return bytes_;
    }

  private:
    friend PgValues<PgArray>;

    void begin_value(std::uint32_t length)
    {
        append_big_endian(bytes_, length);
        ++count_;
    }

    PgType type_;
    std::uint32_t count_ = 0;
};

/** One array parameter of a composite type: rows. Where they have many columns
 *  it costs the server a fraction of what as many arrays do, each of which it
 *  unnests into a store of its own.
 *
 *    offset  size
 *         0     4  length of the row
 *         4     4  number of fields
 *         8        fields: their type, then length (or -1) and bytes
 */
class PgRows final : public PgValues<PgRows>
{
  public:
    /** `fields`: the type's, in its order. It must outlive the rows. `size`:
     *  about how many bytes they will be. */
    explicit PgRows(std::span<const PgType> fields, std::size_t size = 0)
        : fields_(fields)
    {
        bytes_.reserve(size);
        bytes_.resize(kPgArrayHead);
    }

    /** The values of all fields follow. */
    void begin_row()
    {
        end_row();
        row_ = bytes_.size();
        ++count_;
        field_ = 0;
        append_big_endian<std::uint32_t>(bytes_, 0);
        append_big_endian(bytes_, static_cast<std::uint32_t>(fields_.size()));
    }

    /** Completes what is there; the view lives as long as the rows. The
     *  array's type goes out as 0: the server knows its own number for it
     *  (array_recv since PostgreSQL 13). */
    std::string_view finish()
    {
        end_row();
        put_array_head(bytes_, false, 0, count_);
        return bytes_;
    }

  private:
    friend PgValues<PgRows>;

    void begin_value(std::uint32_t length)
    {
        const auto type = static_cast<std::uint64_t>(fields_[field_++]);
        append_big_endian(bytes_, type << 32 | length);
    }

    void end_row()
    {
        if (count_ == 0) {
            return;
        }
        std::string length;
        append_big_endian(length,
                          static_cast<std::uint32_t>(bytes_.size() - row_ - 4));
        bytes_.replace(row_, length.size(), length);
    }

    std::span<const PgType> fields_;
    std::size_t row_ = 0;   // where the last one begins
    std::size_t field_ = 0; // of it, the next
    std::uint32_t count_ = 0;
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

    void add(PgRows &rows) { add(rows.finish()); }

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
