// What an answer carries (fk-http.md 6): arrays of rows, one person, one
// credential. Terminals differ in what they leave out; what they say is held
// against the bytes that came.
#include "proto/fk_result_content.hpp"

#include "proto/fk_operations.hpp"

#include <algorithm>
#include <array>

namespace wac::fk
{

namespace
{

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

bool says_something(const json_t *value) noexcept
{
    return value && !json_is_null(value) &&
           !(json_is_string(value) && json_string_length(value) == 0);
}

/** A length or a count; nothing if the answer does not say. */
Result<std::optional<std::size_t>> size_field(const json_t *object,
                                              const char *key)
{
    if (!says_something(json_object_get(object, key))) {
        return std::nullopt;
    }
    const auto number = integer_field(object, key);
    if (!number || *number < 0) {
        return malformed(std::string(key) + " is no count");
    }
    return static_cast<std::size_t>(*number);
}

/** The binary that a member names; the first of all if there is no such
 *  member, as S3's terminals leave it out; empty if there are none. */
Result<Bytes> bin_field(const Body &body, const char *key)
{
    const json_t *reference = json_object_get(body.json.get(), key);
    if (const auto bin = body.bin(reference)) {
        return *bin;
    }
    if (names_bin(reference)) {
        return malformed(std::string(key) +
                         " names a binary that did not come");
    }
    if (says_something(reference)) {
        return failure(ErrorCode::refused,
                       std::string(key) + " names no binary");
    }
    return body.bins.empty() ? Bytes{} : body.bins.front();
}

// ---- arrays of rows --------------------------------------------------------

struct ArrayFields {
    const char *count;
    const char *row_size;
    const char *array;
};

constexpr ArrayFields kLogFields{"log_count", "one_log_size", "log_array"};
constexpr ArrayFields kUserIdFields{"user_id_count", "one_user_id_size",
                                    "user_id_array"};

/** An array as the answer describes it. */
struct StatedArray {
    std::optional<std::size_t> count;
    std::size_t row_size = 0; // 0: not said
    Bytes bytes;
};

/** Rows that the answer counts and the array does not hold may be lost. */
tl::unexpected<Error> miscounted(const ArrayFields &fields, std::size_t count,
                                 std::size_t rows)
{
    return malformed(std::string(fields.count) + " is " +
                     std::to_string(count) + ", but " + std::to_string(rows) +
                     " rows came");
}

Result<void> check_counts(const Body &body, const ArrayFields &fields,
                          const StatedArray &array)
{
    const std::size_t size = array.row_size;
    if (size > 0 && array.bytes.size() % size != 0) {
        return malformed(std::string(fields.array) + " of " +
                         std::to_string(array.bytes.size()) +
                         " bytes is not a whole number of rows of " +
                         std::to_string(size));
    }
    if (array.count.value_or(0) > 0 && array.bytes.empty() && !body.framed) {
        return failure(ErrorCode::refused,
                       "bare JSON carries no " + std::string(fields.array));
    }
    if (array.count && (size > 0 || array.bytes.empty())) {
        const std::size_t rows = size > 0 ? array.bytes.size() / size : 0;
        if (rows != *array.count) {
            return miscounted(fields, *array.count, rows);
        }
    }
    return {};
}

Result<StatedArray> stated_array(const Body &body, const ArrayFields &fields)
{
    const json_t *object = body.json.get();
    const auto count = size_field(object, fields.count);
    if (!count) {
        return tl::make_unexpected(count.error());
    }
    const auto row_size = size_field(object, fields.row_size);
    if (!row_size) {
        return tl::make_unexpected(row_size.error());
    }
    const auto bytes = bin_field(body, fields.array);
    const bool none = *count && **count == 0; // then it need not have come
    if (!bytes && !none) {
        return tl::make_unexpected(bytes.error());
    }
    const StatedArray array{*count, row_size->value_or(0),
                            bytes.value_or(Bytes{})};
    const auto checked = check_counts(body, fields, array);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    return array;
}

/** `open` takes a row's size, 0 if the answer does not say, and the bytes. */
template <typename Open>
Result<ResultContent> read_array(const Body &body, const ArrayFields &fields,
                                 Open open)
{
    const auto stated = stated_array(body, fields);
    if (!stated) {
        return tl::make_unexpected(stated.error());
    }
    const Bytes bytes = stated->bytes;
    if (bytes.empty()) {
        return ResultContent{};
    }
    auto array = open(stated->row_size, bytes);
    const std::size_t count = stated->count.value_or(0);
    if (!array && array.error().code == ErrorCode::refused &&
        stated->row_size == 0 && count > 0 && bytes.size() % count == 0) {
        array = open(bytes.size() / count, bytes);
    }
    if (!array) {
        return tl::make_unexpected(array.error());
    }
    if (stated->count && array->size() != count) {
        return miscounted(fields, count, array->size());
    }
    return ResultContent{*array};
}

// ---- one person ------------------------------------------------------------

/** Whom the command asked for, in its own words or the common ones. */
Result<std::string> user_asked_for(const json_t *param)
{
    const bool native = says_something(json_object_get(param, "user_id"));
    return user_id_field(param, native ? "user_id" : "enrollid");
}

std::optional<std::int32_t> credential_asked_for(const json_t *param) noexcept
{
    const bool native = says_something(json_object_get(param, "backup_number"));
    const auto number =
        integer_field(param, native ? "backup_number" : "backupnum");
    if (!number || *number < 0 || *number > kLargestBackupNumber) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(*number);
}

bool names_missing_bin(const Body &body, const json_t *reference) noexcept
{
    return names_bin(reference) && !body.bin(reference);
}

bool lacks_bins(const Body &body) noexcept
{
    const json_t *object = body.json.get();
    const json_t *array = json_object_get(object, "enroll_data_array");
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        const json_t *item = json_array_get(array, i);
        if (names_missing_bin(body, json_object_get(item, "enroll_data"))) {
            return true;
        }
    }
    return names_missing_bin(body, json_object_get(object, "user_photo"));
}

bool describes_user(const json_t *object) noexcept
{
    for (const char *key : {"user_id", "user_name", "user_privilege",
                            "user_photo", "enroll_data_array"}) {
        if (json_object_get(object, key)) {
            return true;
        }
    }
    return false;
}

/** The same body, saying whom it is about even if the terminal does not. */
Body about_user(const Body &body, const json_t *param)
{
    Body user;
    user.json.reset(json_copy(body.json.get()));
    user.json_text = body.json_text;
    user.bins = body.bins;
    user.framed = body.framed;
    if (!says_something(json_object_get(user.json.get(), "user_id"))) {
        if (const auto id = user_asked_for(param)) {
            json_object_set_new(user.json.get(), "user_id",
                                json_stringn(id->data(), id->size()));
        }
    }
    return user;
}

/** GET_USER_INFO: an enrolment in all but its occasion (6.1). Unlike one it
 *  can be asked for again, so that binaries that did not come are an error. */
Result<ResultContent> read_user_info(std::string_view sn, const json_t *param,
                                     const Body &body)
{
    if (!describes_user(body.json.get())) {
        return failure(ErrorCode::refused, "the answer describes no user");
    }
    if (lacks_bins(body)) {
        return malformed("the user's fields name binaries that did not come");
    }
    RequestHead head;
    head.dev_id = sn;
    auto work = handle_realtime_enroll_data(head, about_user(body, param));
    if (!work) {
        return failure(ErrorCode::refused, work.error().text);
    }
    return ResultContent{std::get<StoreEnrolment>(std::move(work->operation))};
}

/** GET_ENROLL_DATA: a binary, and nothing about whose it is. */
Result<ResultContent> read_enroll_data(std::string_view sn, const json_t *param,
                                       const Body &body)
{
    const auto data = bin_field(body, "enroll_data");
    if (!data) {
        return tl::make_unexpected(data.error());
    }
    const auto user = user_asked_for(param);
    const auto number = credential_asked_for(param);
    if (!user || !number) {
        return failure(ErrorCode::refused, "the command names no credential");
    }
    const Credential credential = credential_of(*number, *data);
    if (credential.data.empty()) {
        return ResultContent{};
    }
    StoreEnrolment store;
    store.sn = sn;
    store.enrollid = *user;
    store.credentials.push_back(
        {credential.backup_number, credential.is_text, credential.data});
    return ResultContent{std::move(store)};
}

} // namespace

Result<ResultContent> read_content(const Answer &answer)
{
    const Body &body = *answer.body;
    const std::string_view library = answer.library;
    if (answer.fk_name == "GET_LOG_DATA") {
        return read_array(body, kLogFields,
                          [library](std::size_t size, Bytes bytes) {
                              return LogArray::open(library, size, bytes);
                          });
    }
    if (answer.fk_name == "GET_USER_ID_LIST") {
        return read_array(body, kUserIdFields,
                          [library](std::size_t size, Bytes bytes) {
                              return UserIdArray::open(library, size, bytes);
                          });
    }
    if (answer.fk_name == "GET_SLOG_DATA") {
        return read_array(body, kLogFields, ManagementLogArray::open);
    }
    if (answer.fk_name == "GET_USER_INFO") {
        return read_user_info(answer.sn, answer.param, body);
    }
    return read_enroll_data(answer.sn, answer.param, body);
}

bool has_content(std::string_view fk_name) noexcept
{
    constexpr std::array<std::string_view, 5> kNames{
        "GET_LOG_DATA", "GET_USER_ID_LIST", "GET_SLOG_DATA", "GET_USER_INFO",
        "GET_ENROLL_DATA"};
    return std::find(kNames.begin(), kNames.end(), fk_name) != kNames.end();
}

} // namespace wac::fk
