// Rows of a data library as a terminal would write them, for the simulator
// and for tests: fk_data_lib.cpp the other way round, whose byte tables hold
// here too. Fields that a layout lacks are left out; a value that a field
// cannot hold is an error, as nothing is changed in silence.
#include "codec/fk_data_lib.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"
#include "codec/fk_data_fields.hpp"

namespace wac::fk
{

namespace
{

constexpr std::uint32_t kByte = 0xff;
constexpr std::uint32_t kWord = 0xffffffff;
constexpr char kDataVersion = 1;

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

Result<std::uint32_t> number_of(std::string_view id)
{
    const auto number = parse_integer<std::uint32_t>(id);
    // "007" would come back as "7"
    if (!number || std::to_string(*number) != id) {
        return malformed("the id is not a number of this layout");
    }
    return *number;
}

/** The value, or why the field cannot hold it. */
Result<std::uint32_t> field(std::string_view name, std::int64_t value,
                            std::uint32_t largest)
{
    if (value < 0 || value > largest) {
        return malformed(std::string(name) + " " + std::to_string(value) +
                         " is not in 0 to " + std::to_string(largest));
    }
    return static_cast<std::uint32_t>(value);
}

/** Fields in the order of a layout; the first that fails decides. */
class Writer
{
  public:
    std::uint32_t take(const Result<std::uint32_t> &value)
    {
        if (!value && !error_) {
            error_ = value.error();
        }
        return value ? *value : 0;
    }

    /** NUL-padded; an id as long as the field has no NUL behind it. */
    void text_id(std::string_view id, std::size_t size)
    {
        if (id.empty() || id.size() > size || !is_clean_text(id)) {
            take(malformed("the id is not text of 1 to " +
                           std::to_string(size) + " bytes"));
            return;
        }
        bytes_.append(id).append(size - id.size(), '\0');
    }

    void byte(std::uint32_t value)
    {
        bytes_.push_back(static_cast<char>(value & kByte));
    }

    void le16(std::uint32_t value)
    {
        byte(value);
        byte(value >> 8);
    }

    void le32(std::uint32_t value)
    {
        le16(value);
        le16(value >> 16);
    }

    Result<void> append_to(std::string &out) const
    {
        if (error_) {
            return tl::make_unexpected(*error_);
        }
        out += bytes_;
        return {};
    }

  private:
    std::string bytes_;
    std::optional<Error> error_;
};

Result<std::uint32_t> time_word(std::optional<std::uint32_t> word)
{
    if (!word) {
        return malformed("the time cannot be held by this layout");
    }
    return *word;
}

void write_hs100(Writer &writer, const LogRow &row)
{
    const auto kind = writer.take(field("verify_mode", row.verify_mode, 0x3f));
    const auto io = writer.take(field("io_mode", row.io_mode, 0x3));
    const auto backup = writer.take(
        field("backup_number", row.backup_number.value_or(0), kByte));
    writer.byte(1);
    writer.byte(kind | io << 6);
    writer.byte(backup);
    writer.byte(row.io_time->second);
    writer.le32(writer.take(number_of(row.user_id)));
    writer.le32(writer.take(time_word(word_b_of(*row.io_time))));
}

void write_hs200(Writer &writer, const LogRow &row)
{
    const auto kind = writer.take(field("verify_mode", row.verify_mode, 0x3f));
    const auto io = writer.take(field("io_mode", row.io_mode, 0x1f));
    const auto backup = writer.take(
        field("backup_number", row.backup_number.value_or(0), 0x1f));
    writer.byte(1);
    writer.byte(row.io_time->second);
    writer.le16(kind | io << 6 | backup << 11);
    writer.le32(writer.take(number_of(row.user_id)));
    writer.le32(writer.take(time_word(word_b_of(*row.io_time))));
}

void write_hs101(Writer &writer, const LogRow &row)
{
    writer.le32(writer.take(number_of(row.user_id)));
    writer.byte(kDataVersion);
    writer.byte(writer.take(field("io_mode", row.io_mode, kByte)));
    writer.byte(writer.take(field("verify_mode", row.verify_mode, kByte)));
    writer.byte(row.io_time->second);
    writer.le32(writer.take(time_word(word_a_of(*row.io_time))));
}

void write_packed(Writer &writer, const LogRow &row)
{
    writer.byte(kDataVersion);
    writer.byte(0);
    writer.byte(
        writer.take(field("work_code", row.work_code.value_or(0), kByte)));
    writer.byte(row.io_time->second);
    writer.le32(writer.take(time_word(word_a_of(*row.io_time))));
    writer.le32(writer.take(field("io_mode", row.io_mode, kWord)));
    writer.le32(writer.take(field("verify_mode", row.verify_mode, kWord)));
}

void write_flags(Writer &writer, const UserIdRow &row)
{
    writer.byte(writer.take(field("privilege", row.privilege, kByte)));
    writer.byte(row.enabled);
    writer.le16(row.flags.value_or(0));
}

} // namespace

Result<void> append_log_row(std::string &out, std::string_view library,
                            const LogRow &row)
{
    const auto array = LogArray::open(library, 0, {});
    if (!array) {
        return tl::make_unexpected(array.error());
    }
    if (!row.io_time) {
        return malformed("the row has no time");
    }
    Writer writer;
    switch (array->layout()) {
    case LogLayout::hs100:
        write_hs100(writer, row);
        break;
    case LogLayout::hs101:
        write_hs101(writer, row);
        break;
    case LogLayout::hs102:
        writer.text_id(row.user_id, 16);
        write_packed(writer, row);
        break;
    case LogLayout::hs103:
        writer.text_id(row.user_id, 32);
        write_packed(writer, row);
        break;
    case LogLayout::hs105:
        writer.le32(writer.take(number_of(row.user_id)));
        write_packed(writer, row);
        break;
    case LogLayout::hs200:
        write_hs200(writer, row);
        break;
    }
    return writer.append_to(out);
}

Result<void> append_user_id_row(std::string &out, std::string_view library,
                                const UserIdRow &row)
{
    const auto array = UserIdArray::open(library, 0, {});
    if (!array) {
        return tl::make_unexpected(array.error());
    }
    Writer writer;
    switch (array->layout()) {
    case UserIdLayout::hs100:
        writer.byte(row.enabled);
        writer.byte(writer.take(field("privilege", row.privilege, kByte)));
        writer.byte(writer.take(
            field("backup_number", row.backup_number.value_or(0), kByte)));
        writer.byte(0);
        writer.le32(writer.take(number_of(row.user_id)));
        break;
    case UserIdLayout::hs101:
        writer.le32(writer.take(number_of(row.user_id)));
        write_flags(writer, row);
        break;
    case UserIdLayout::hs102:
        writer.text_id(row.user_id, 16);
        write_flags(writer, row);
        break;
    case UserIdLayout::hs103:
        writer.text_id(row.user_id, 32);
        write_flags(writer, row);
        break;
    }
    return writer.append_to(out);
}

} // namespace wac::fk
