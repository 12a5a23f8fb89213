#include "fk_bodies.hpp"

#include "json_build.hpp"

namespace wac::sim
{

namespace
{

/** Adds a binary and says how JSON names it. */
Json add_bin(std::vector<std::string> &bins, std::string bytes)
{
    bins.push_back(std::move(bytes));
    return json_text_value("BIN_" + std::to_string(bins.size()));
}

void append_le32(std::string &out, std::size_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<char>(value >> shift & 0xff));
    }
}

std::string_view bytes_of(FkTerminator terminator)
{
    switch (terminator) {
    case FkTerminator::nul:
        return {"\0", 1};
    case FkTerminator::lf_nul:
        return {"\n\0", 2};
    case FkTerminator::none:
        break;
    }
    return {};
}

} // namespace

std::string framed(const FkDialect &dialect, std::string_view json_text,
                   const std::vector<std::string> &bins)
{
    const std::string_view end = bytes_of(dialect.terminator);
    std::size_t size = 4 + json_text.size() + end.size();
    for (const std::string &bin : bins) {
        size += 4 + bin.size();
    }
    std::string out;
    out.reserve(size);
    append_le32(out, json_text.size() + end.size());
    out.append(json_text).append(end);
    for (const std::string &bin : bins) {
        append_le32(out, bin.size());
        out.append(bin);
    }
    return out;
}

Json integer(const FkDialect &dialect, std::int64_t value)
{
    return dialect.counts_as_strings ? json_text_value(std::to_string(value))
                                     : Json(json_integer(value));
}

std::string poll_body(const FkDialect &dialect, const FkTerminal &terminal,
                      std::int64_t now_s)
{
    const Json supported(json_array());
    for (const char *kind : {"PASSWORD", "IDCARD", "FACE", "FP"}) {
        append(supported, json_text_value(kind));
    }
    Json info(json_object());
    set(info, "firmware", json_text_value("wac-sim fk"));
    set(info, "firmware_filename", json_text_value("wac-sim"));
    set(info, "fk_bin_data_lib", json_text_value(dialect.library));
    set(info, "supported_enroll_data", Json(json_incref(supported.get())));
    const Json poll(json_object());
    set(poll, "fk_info", std::move(info));
    set(poll, "fk_name", json_text_value(terminal.name));
    set(poll, "fk_time", json_text_value(time_digits(now_s)));
    return framed(dialect, json_text(poll.get()));
}

std::string punch_body(const FkDialect &dialect, const FkTerminal &terminal,
                       const FkPunch &punch)
{
    const std::string time = time_digits(punch.time_s);
    std::vector<std::string> bins;
    const Json record(json_object());
    set(record, "fk_bin_data_lib", json_text_value(dialect.library));
    set(record, "io_mode", integer(dialect, punch.io_mode));
    set(record, "io_time", json_text_value(time));
    set(record, "log_image",
        dialect.image ? add_bin(bins, made_jpeg(terminal.sn + ' ' +
                                                punch.user_id + ' ' + time))
                      : Json(json_null()));
    set(record, "user_id", json_text_value(punch.user_id));
    set(record, "verify_mode", integer(dialect, punch.verify_mode));
    return framed(dialect, json_text(record.get()), bins);
}

std::string user_body(const FkDialect &dialect, const std::string &user_id,
                      const FkUser &user)
{
    std::vector<std::string> bins;
    Json photo;
    if (!user.photo.empty()) {
        photo = add_bin(bins, user.photo);
    }
    Json credentials(json_array());
    for (const FkCredential &each : user.credentials) {
        Json one(json_object());
        set(one, "backup_number", Json(json_integer(each.backup_number)));
        set(one, "enroll_data",
            add_bin(bins, each.data ? *each.data
                                    : made_credential(dialect.library, user_id,
                                                      each.backup_number)));
        append(credentials, std::move(one));
    }
    const Json record(json_object());
    set(record, "enroll_data_array",
        user.credentials.empty() ? Json(json_null()) : std::move(credentials));
    set(record, "user_id", json_text_value(user_id));
    set(record, "user_name", json_text_value(user.name));
    if (photo) {
        set(record, "user_photo", std::move(photo));
    }
    set(record, "user_privilege", json_text_value(user.privilege));
    return framed(dialect, json_text(record.get()), bins);
}

std::size_t part_count(const FkDialect &dialect, std::size_t body_size)
{
    if (!dialect.blocks || body_size == 0) {
        return 1;
    }
    return (body_size - 1) / dialect.block_size + 1;
}

FkPart part_of(const FkDialect &dialect, std::string_view body,
               std::size_t index)
{
    if (!dialect.blocks) {
        return {std::nullopt, body};
    }
    const bool last = index + 1 == part_count(dialect, body.size());
    return {last ? 0 : static_cast<std::uint32_t>(index + 1),
            body.substr(index * dialect.block_size, dialect.block_size)};
}

} // namespace wac::sim
