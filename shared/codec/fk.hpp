// The FK dialect's bytes: request headers, the length-prefixed body, and the
// messages inside it (fk-http.md sections 1 to 4; binary rows of section 7
// are fk_data_lib's). Looks at bytes only: no I/O, no clock, no memory in
// proportion to a length that a terminal merely claims.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/wall_time.hpp"
#include "codec/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::fk
{

// ---- request head (fk-http.md 1.1, 1.3) ---------------------------------

enum class RequestCode {
    receive_cmd,
    send_cmd_result,
    realtime_glog,
    realtime_enroll_data,
    realtime_door_status,
    realtime_other, // another code that starts with "realtime_"
    unknown,
};

RequestCode request_code_of(std::string_view text) noexcept;

/** `[A-Za-z0-9_]{1,32}`. */
bool valid_request_code(std::string_view text) noexcept;

/** `[A-Za-z0-9_-]{1,32}`: opaque, case-sensitive (fk-http.md 1.1). */
bool valid_dev_id(std::string_view text) noexcept;

/** The header that carries the task id; answers use the request's (1.3). */
enum class TaskIdHeader { trans_id, cmd_id };

/** What the protocol's header lines say. Views of the caller's memory;
 *  a header that is absent or empty is an empty view. */
struct RequestHead {
    std::string_view request_code;
    std::string_view dev_id;
    std::string_view task_id;
    std::string_view cmd_return_code;
    std::string_view blk_no;
    std::string_view dev_model;
    TaskIdHeader task_id_header = TaskIdHeader::trans_id;

    /** Takes one header line; names match whatever their case, the first
     *  of several equal names wins, `trans_id` wins over `cmd_id` in any
     *  order. Returns whether the name is one of the protocol's. */
    bool take(std::string_view name, std::string_view value) noexcept;
};

/** Part number of a block upload: 0 for the last or only part, absent or
 *  empty text included. Malformed if negative or not a number (section 4). */
Result<std::uint32_t> block_number(std::string_view blk_no);

// ---- body (fk-http.md 2) -------------------------------------------------

struct Body {
    Json json;                  // an object; null when the body is empty
    std::string_view json_text; // its text as received, padding stripped
    std::vector<Bytes> bins;    // BIN_1 is bins[0]
    bool framed = false;        // false: bare JSON without a length prefix

    /** The binary that a value of the form "BIN_n" names; nothing if the
     *  value is null, absent, "" or names a binary that did not come. */
    std::optional<Bytes> bin(const json_t *reference) const noexcept;
};

/** Reads a whole (joined) body by the rules of 2.3. Views into `bytes`. */
Result<Body> decode_body(Bytes bytes);

/** Length-prefixed JSON closed by one counted NUL, then the binaries (2.4).
 *  Empty text and no binaries give an empty body; empty text before
 *  binaries becomes "{}". */
std::string encode_body(std::string_view json_text,
                        const std::vector<Bytes> &bins = {});

/** An integer field, sent as a number or as decimal text (2.3). */
std::optional<std::int64_t> integer_field(const json_t *object,
                                          const char *key) noexcept;

/** 14 digits YYYYMMDDhhmmss, 12 digits YYMMDDhhmmss read as 20YY, or
 *  "YYYY-MM-DD hh:mm:ss" (3.1, 3.3); nothing if it is not a valid time. */
std::optional<WallTime> parse_time(std::string_view text) noexcept;

// ---- messages (fk-http.md 3) --------------------------------------------

/** receive_cmd: the terminal reports itself and asks for a command. Every
 *  field may be missing. */
struct ReceiveCmd {
    std::string fk_name;
    std::optional<WallTime> fk_time;
    std::string firmware;
    std::string devinfo; // fk_info and fk_name as one JSON object, or ""
};

ReceiveCmd decode_receive_cmd(const Body &body);

/** realtime_glog: one punch. */
struct RealtimeGlog {
    std::string user_id; // as sent, leading zeros kept; 1 to 32 bytes
    WallTime io_time;
    std::optional<std::int64_t> verify_mode; // null: not a number
    std::optional<std::int64_t> io_mode;
    std::string_view method;     // of fk_values, empty when unknown
    std::string_view direction;  // likewise
    std::string_view m50_method; // `method`, were the device of library M50;
                                 // set only if the punch names no library
    Bytes log_image;             // empty: none
    bool image_missing = false;  // it names a BIN_n that did not come
};

/** Malformed: no usable user_id or io_time, or no JSON object. */
Result<RealtimeGlog> decode_realtime_glog(const Body &body);

struct Credential {
    std::int32_t backup_number = 0;
    bool is_text = false; // password or card: `data` is text, NUL stripped
    Bytes data;
};

/** realtime_enroll_data: one user with all his credentials. */
struct RealtimeEnrollData {
    std::string user_id;
    std::string user_name;
    std::string privilege; // USER, MANAGER, OPERATOR, REGISTER, or as sent
    std::optional<std::int32_t> admin; // its number (8.3)
    std::optional<bool> enabled;
    Bytes user_photo; // empty: none
    std::vector<Credential> credentials;
    unsigned missing_bins = 0; // fields that name a BIN_n that did not come
};

Result<RealtimeEnrollData> decode_realtime_enroll_data(const Body &body);

// What messages and the answers to commands have in common.

/** The id of a person as text, whether sent as text or as a number.
 *  Malformed: missing, longer than 32 bytes, control characters. */
Result<std::string> user_id_field(const json_t *object, const char *key);

/** The form "BIN_n", whether or not that binary came. */
bool names_bin(const json_t *value) noexcept;

/** Valid UTF-8 without control characters: what a database column of text
 *  can hold and a person can read. */
bool is_clean_text(std::string_view text) noexcept;

/** Of one binary: passwords and cards are text, on some firmware closed by
 *  one NUL. */
Credential credential_of(std::int32_t backup_number, Bytes data);

constexpr std::int64_t kLargestBackupNumber = 255;

// ---- replies (fk-http.md 1.4) ---------------------------------------------

/** What a terminal is told. Header names go out in exactly this lower case;
 *  the HTTP status is always 200. */
struct Reply {
    std::string_view response_code;
    std::string trans_id;
    std::string cmd_code;
    bool with_task_id = false;  // send the task id header, even if empty
    bool with_cmd_code = false; // send cmd_code, even if empty
    TaskIdHeader task_id_header = TaskIdHeader::trans_id;
    std::string body;
};

// ---- whole HTTP messages, for the simulator and for tests -----------------

/** A request as terminals send it: HTTP/1.0, header order of 1.1. */
struct Request {
    std::string target = "/";
    std::string host;
    std::string request_code;
    std::string dev_id;
    std::string task_id;
    std::string cmd_return_code;         // send_cmd_result only
    std::optional<std::uint32_t> blk_no; // absent: neither blk_no nor blk_len
    TaskIdHeader task_id_header = TaskIdHeader::trans_id;
    bool repeat_content_type = true; // the second copy real terminals send
    std::string body;
};

std::string encode_request(const Request &request);

/** A reply as a server of ours sends it, with Content-Length. */
std::string encode_reply(const Reply &reply);

/** Reads a whole HTTP reply as strictly as terminals do: response_code,
 *  trans_id (or cmd_id) and cmd_code in lower case, an exact
 *  Content-Length, no chunked coding; anything else is malformed. The
 *  reply's response_code is a view into `http`. */
Result<Reply> decode_reply(std::string_view http);

} // namespace wac::fk
