// Records inside messages of the cloud dialect: punches (cloud-json.md 2.2)
// and credentials (2.3, 4.4). Typed and with their original text; what their
// codes mean is in cloud_values.hpp.
#pragma once

#include "codec/cloud.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wac::cloud
{

/** One punch, or one event of a door. */
struct LogRecord {
    std::string enrollid; // "0" door, "99999999" unknown person
    std::string name;
    TimeText time;
    std::optional<std::int64_t> mode, inout, event, verifymode;
    std::optional<double> temperature; // degrees Celsius
    std::string image;                 // decoded; "" for none
    std::string raw;                   // JSON as received, without the image
};

struct InvalidRecord {
    std::string raw; // JSON as received
    std::string reason;
};

struct LogBatch {
    std::vector<LogRecord> records;
    std::vector<InvalidRecord> invalid;
    std::size_t received() const { return records.size() + invalid.size(); }
};

/** The records of a message or an answer: an array or one object, under
 *  "record", "records" or "data". An image that is no base64 stays in raw.
 *  Invalid is one that does not say who (at most 64 characters) and when. */
LogBatch read_logs(const json_t *message);

/** The elements of a message's "record" ("records", "data"), in order; an
 *  object instead of an array is its only element. Borrowed. */
std::vector<const json_t *> record_elements(const json_t *message);

/** One credential of a person, as senduser and answers to getuserinfo carry
 *  it. */
struct CredentialRecord {
    std::string enrollid;
    std::string name;
    std::optional<std::int32_t> backupnum; // absent: a change of name only
    std::optional<std::int32_t> admin;     // 0 user, 1 administrator, 2 super
    bool has_record = false;               // of text, "" too, or a number
    bool record_is_number = false;
    std::string record; // text untouched, or a number's decimal text
    std::string photo;  // of backupnum 50, decoded; "" if it is no base64
    std::string raw;    // JSON without record, unless that is another type
};

/** Fails if it names nobody (0 and 99999999 are no persons either), or if its
 *  backupnum is something and no number. */
Result<CredentialRecord> read_credential(const json_t *message);

/** Base64 text, bare or behind "data:image/jpeg;base64,", white space
 *  ignored. Nothing if it is none. */
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(Bytes bytes);

/** A fingerprint template's hexadecimal text with its runs "(n)" of zero
 *  bytes written out (4.4), for comparing two. Nothing if it is none, or
 *  longer than 4096 bytes. */
std::optional<std::string> expand_template(std::string_view record);

} // namespace wac::cloud
