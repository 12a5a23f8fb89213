// The frames that terminals and dashboards of the `type` dialect get: compact,
// strictly valid JSON, "type" first.
#include "codec/type.hpp"

#include "base/wall_time.hpp"
#include "codec/cloud.hpp"
#include "codec/cloud_json_mend.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace wac::type
{

namespace
{

constexpr std::int64_t kSecond_us = 1000000;

/** Text as JSON; what is not UTF-8 in it becomes U+FFFD. */
std::string quoted(std::string_view text)
{
    const std::string valid = cloud::mend_text(text);
    const Json value(json_stringn(valid.data(), valid.size()));
    if (!value) {
        throw std::bad_alloc();
    }
    return cloud::write_json(value.get());
}

class Frame
{
  public:
    explicit Frame(std::string_view type) : text_("{\"type\":\"")
    {
        text_.append(type).append("\"");
    }

    Frame &text(std::string_view key, std::string_view value)
    {
        return json(key, quoted(value));
    }

    /** `value` is JSON text, nothing if it is empty. */
    Frame &json(std::string_view key, std::string_view value)
    {
        if (!value.empty()) {
            text_.append(",\"").append(key).append("\":").append(value);
        }
        return *this;
    }

    Frame &timestamp(std::string_view key, std::int64_t us)
    {
        return text(key, format_timestamp(us));
    }

    Frame &number(std::string_view key, std::optional<std::int64_t> value)
    {
        return value ? json(key, std::to_string(*value)) : *this;
    }

    std::string take() { return std::move(text_ += '}'); }

  private:
    std::string text_;
};

/** The end of every event of the feed. */
std::string dated(Frame frame, std::int64_t timestamp_us,
                  std::optional<std::int64_t> id)
{
    return frame.timestamp("timestamp", timestamp_us).number("id", id).take();
}

} // namespace

std::string format_timestamp(std::int64_t us)
{
    // what has four digits: from year 1 to 9999
    static const std::int64_t first = WallTime{1, 1, 1}.since_2000_us();
    static const std::int64_t last =
        WallTime{9999, 12, 31, 23, 59, 59}.since_2000_us();
    us = std::clamp(us, first, last);
    std::string text = cloud::format_time(WallTime::from_since_2000_us(us),
                                          cloud::TimeStyle::iso);
    const std::int64_t ms =
        ((us % kSecond_us + kSecond_us) % kSecond_us) / 1000;
    const std::string digits = std::to_string(1000 + ms);
    text.insert(text.size() - 1, "." + digits.substr(1));
    return text;
}

std::string registered(std::string_view device_id, std::int64_t server_time_us)
{
    return Frame("registered")
        .text("device_id", device_id)
        .timestamp("server_time", server_time_us)
        .take();
}

std::string pong()
{
    return Frame("pong").take();
}

std::string ping()
{
    return Frame("ping").take();
}

std::string device_status(std::string_view device_id, std::string_view status,
                          std::int64_t timestamp_us,
                          std::optional<std::int64_t> id)
{
    Frame frame("device_status");
    frame.text("device_id", device_id).text("status", status);
    return dated(std::move(frame), timestamp_us, id);
}

std::string telemetry(std::string_view device_id, std::string_view payload,
                      std::int64_t timestamp_us, std::optional<std::int64_t> id)
{
    Frame frame("telemetry");
    frame.text("device_id", device_id).json("payload", payload);
    return dated(std::move(frame), timestamp_us, id);
}

std::string event(std::string_view device_id, std::string_view event_type,
                  std::string_view payload, std::int64_t timestamp_us,
                  std::optional<std::int64_t> id)
{
    Frame frame("event");
    frame.text("device_id", device_id)
        .text("event_type", event_type)
        .json("payload", payload);
    return dated(std::move(frame), timestamp_us, id);
}

std::string command(std::string_view command, std::string_view payload,
                    std::string_view device_id, std::string_view id)
{
    return Frame("command")
        .text("command", command)
        .json("payload", payload)
        .text("device_id", device_id)
        .json("id", id)
        .take();
}

std::string error(std::string_view code, std::string_view message,
                  const ErrorSubject &about)
{
    Frame frame("error");
    frame.text("code", code).text("message", message);
    if (!about.device_id.empty()) {
        frame.text("device_id", about.device_id);
    }
    if (!about.command.empty()) {
        frame.text("command", about.command);
    }
    return frame.json("id", about.id).take();
}

} // namespace wac::type
