// JSON as terminals get it: compact, strictly valid, keys in their order. Not
// json_dumps, which would write 36.6 as 36.600000000000001.
#include "codec/cloud.hpp"

#include "codec/cloud_json_mend.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <utility>

namespace wac::cloud
{

namespace
{

/** The fewest digits that are this number and no other. */
std::string text_of_real(double value)
{
    std::array<char, 32> text{}; // "-2.2250738585072014e-308" is a longest
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), written.ptr};
}

class Writer
{
  public:
    explicit Writer(const json_t *omitted) : omitted_(omitted) {}

    void value(const json_t *value)
    {
        switch (json_typeof(value)) {
        case JSON_OBJECT:
            return object(const_cast<json_t *>(value));
        case JSON_ARRAY:
            return array(value);
        case JSON_STRING:
            return string(verbatim_of(value));
        case JSON_INTEGER:
            out_ += std::to_string(json_integer_value(value));
            return;
        case JSON_REAL:
            return real(json_real_value(value));
        case JSON_TRUE:
            out_ += "true";
            return;
        case JSON_FALSE:
            out_ += "false";
            return;
        case JSON_NULL:
            out_ += "null";
            return;
        }
    }

    std::string take() { return std::move(out_); }

  private:
    void object(json_t *object)
    {
        char before = '{';
        for (void *at = json_object_iter(object); at;
             at = json_object_iter_next(object, at)) {
            const json_t *const member = json_object_iter_value(at);
            if (member == omitted_) {
                continue;
            }
            out_ += std::exchange(before, ',');
            string({json_object_iter_key(at), json_object_iter_key_len(at)});
            out_ += ':';
            value(member);
        }
        out_ += before == '{' ? "{}" : "}";
    }

    void array(const json_t *array)
    {
        out_ += '[';
        for (std::size_t i = 0; i < json_array_size(array); ++i) {
            if (i > 0) {
                out_ += ',';
            }
            value(json_array_get(array, i));
        }
        out_ += ']';
    }

    void string(std::string_view text)
    {
        out_ += '"';
        for (;;) {
            const auto special =
                std::find_if(text.begin(), text.end(), must_be_escaped);
            const auto plain = static_cast<std::size_t>(special - text.begin());
            out_.append(text.substr(0, plain));
            if (plain == text.size()) {
                break;
            }
            escape(text[plain]);
            text.remove_prefix(plain + 1);
        }
        out_ += '"';
    }

    static bool must_be_escaped(char c) noexcept
    {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    }

    void escape(char c)
    {
        constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
        constexpr std::string_view kLetters = "\"\\bfnrt";
        constexpr std::string_view kDigits = "0123456789abcdef";
        out_ += '\\';
        const std::size_t letter = kShort.find(c);
        if (letter != kShort.npos) {
            out_ += kLetters[letter];
            return;
        }
        out_ += "u00";
        out_ += kDigits[static_cast<unsigned char>(c) >> 4];
        out_ += kDigits[static_cast<unsigned char>(c) & 0xf];
    }

    void real(double value)
    {
        const std::string digits = text_of_real(value);
        out_ += digits;
        if (digits.find_first_of(".e") == digits.npos) {
            out_ += ".0";
        }
    }

    const json_t *omitted_;
    std::string out_;
};

/** Takes the reference to `value`, null if there was no memory for it. */
void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) {
        throw std::bad_alloc();
    }
}

json_t *string_of(std::string_view text)
{
    const std::string valid = mend_text(text);
    return json_stringn(valid.data(), valid.size());
}

} // namespace

std::string write_json(const json_t *value, const json_t *omitted)
{
    if (!value) {
        return {};
    }
    Writer writer(omitted);
    writer.value(value);
    return writer.take();
}

Reply::Reply(std::string_view ret, bool result) : object_(json_object())
{
    text("ret", ret).flag("result", result);
}

Reply &Reply::text(const char *key, std::string_view value)
{
    put(object_.get(), key, string_of(value));
    return *this;
}

Reply &Reply::number(const char *key, std::int64_t value)
{
    put(object_.get(), key, json_integer(value));
    return *this;
}

Reply &Reply::flag(const char *key, bool value)
{
    put(object_.get(), key, json_boolean(value));
    return *this;
}

Reply &Reply::echo(const char *key, const json_t *value)
{
    if (value) {
        put(object_.get(), key, json_incref(const_cast<json_t *>(value)));
    }
    return *this;
}

std::string Reply::encode() const
{
    return write_json(object_.get());
}

} // namespace wac::cloud
