// What terminals send is nearly always plain: short objects of words and whole
// numbers. Those are read here, in a tenth of the instructions that jansson
// takes to look at each character; everything else is left to jansson, which
// stays the only judge of what is JSON and the only author of its errors.
#include "codec/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace wac
{

namespace
{

constexpr unsigned kDeepest = 32; // of what is read here

bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

struct Characters {
    std::string_view text;
    bool ascii;
};

/** Reads one text, or gives up: every function then returns null, and what it
 *  has made goes with it. */
class PlainReader
{
  public:
    explicit PlainReader(std::string_view text) noexcept
        : at_(text.data()), end_(text.data() + text.size())
    {
    }

    Json read(bool any) noexcept
    {
        skip_blanks();
        if (!any && peek() != '{' && peek() != '[') {
            return nullptr;
        }
        Json json = value(0);
        skip_blanks();
        return at_ == end_ ? std::move(json) : nullptr;
    }

  private:
    /** NUL, which is no part of JSON, at the end. */
    char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }

    void skip_blanks() noexcept
    {
        while (at_ != end_ && is_blank(*at_)) {
            ++at_;
        }
    }

    bool take(char c) noexcept
    {
        const bool there = peek() == c;
        at_ += there ? 1 : 0;
        return there;
    }

    /** The same, with blanks around it. */
    bool take_mark(char c) noexcept
    {
        skip_blanks();
        const bool there = take(c);
        skip_blanks();
        return there;
    }

    Json value(unsigned depth) noexcept
    {
        switch (peek()) {
        case '{':
            return depth < kDeepest ? object(depth) : nullptr;
        case '[':
            return depth < kDeepest ? array(depth) : nullptr;
        case '"':
            return string();
        case 't':
            return Json(word("true") ? json_true() : nullptr);
        case 'f':
            return Json(word("false") ? json_false() : nullptr);
        case 'n':
            return Json(word("null") ? json_null() : nullptr);
        default:
            return number();
        }
    }

    Json object(unsigned depth) noexcept
    {
        Json made(json_object());
        take_mark('{');
        if (take('}')) {
            return made;
        }
        do {
            const auto key = characters();
            if (!key || !key->ascii || !take_mark(':')) {
                return nullptr;
            }
            Json member = value(depth + 1);
            if (!member || json_object_setn_new_nocheck(
                               made.get(), key->text.data(), key->text.size(),
                               member.release()) != 0) {
                return nullptr;
            }
        } while (take_mark(','));
        return take('}') ? std::move(made) : nullptr;
    }

    Json array(unsigned depth) noexcept
    {
        Json made(json_array());
        take_mark('[');
        if (take(']')) {
            return made;
        }
        do {
            Json element = value(depth + 1);
            if (!element ||
                json_array_append_new(made.get(), element.release()) != 0) {
                return nullptr;
            }
        } while (take_mark(','));
        return take(']') ? std::move(made) : nullptr;
    }

    /** What is between quotation marks, if nothing of it is escaped or would
     *  have to be. */
    std::optional<Characters> characters() noexcept
    {
        if (!take('"')) {
            return {};
        }
        const void *const mark =
            std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_));
        if (!mark) {
            return {};
        }
        Characters found{{at_, static_cast<const char *>(mark)}, true};
        bool plain = true;
        for (const char c : found.text) {
            plain &= c != '\\' && static_cast<unsigned char>(c) >= 0x20;
            found.ascii &= static_cast<unsigned char>(c) < 0x80;
        }
        at_ += found.text.size() + 1;
        return plain ? std::optional(found) : std::nullopt;
    }

    // json_stringn() refuses what is not UTF-8
    Json string() noexcept
    {
        const auto found = characters();
        if (!found) {
            return nullptr;
        }
        const auto make = found->ascii ? json_stringn_nocheck : json_stringn;
        return Json(make(found->text.data(), found->text.size()));
    }

    bool word(std::string_view name) noexcept
    {
        if (!std::string_view(at_, end_).starts_with(name)) {
            return false;
        }
        at_ += name.size();
        return true;
    }

    bool digits() noexcept
    {
        const char *const from = at_;
        at_ = std::find_if_not(at_, end_, is_digit);
        return at_ != from;
    }

    Json number() noexcept
    {
        const char *const from = at_;
        take('-');
        if (!take('0') && !digits()) {
            return nullptr;
        }
        bool whole = true;
        if (take('.')) {
            whole = false;
            if (!digits()) {
                return nullptr;
            }
        }
        if (take('e') || take('E')) {
            whole = false;
            if (!take('-')) {
                take('+');
            }
            if (!digits()) {
                return nullptr;
            }
        }
        return whole ? number_of<json_int_t>(from, json_integer)
                     : number_of<double>(from, json_real);
    }

    template <typename Number>
    Json number_of(const char *from, json_t *(*make)(Number)) const noexcept
    {
        Number number{};
        const auto [stop, error] = std::from_chars(from, at_, number);
        return Json(stop == at_ && error == std::errc{} ? make(number)
                                                        : nullptr);
    }

    const char *at_;
    const char *const end_;
};

} // namespace

Json load_json(std::string_view text, std::size_t flags, json_error_t *error)
{
    Json json = PlainReader(text).read((flags & JSON_DECODE_ANY) != 0);
    return json ? std::move(json)
                : Json(json_loadb(text.data(), text.size(), flags, error));
}

} // namespace wac
