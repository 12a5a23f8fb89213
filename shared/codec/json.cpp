// What terminals send is nearly always plain: objects of words, numbers and
// pictures in base64. Those are read here, in a tenth of the instructions that
// jansson takes to look at each character; everything else is left to jansson,
// which stays the only judge of what is JSON and the only author of its errors.
#include "codec/json.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

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
    bool verbatim; // as they stand in the text, nothing escaped
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

    Json read(bool any)
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

    void skip_blanks()
    {
        while (at_ != end_ && is_blank(*at_)) {
            ++at_;
        }
    }

    bool take(char c)
    {
        const bool there = peek() == c;
        at_ += there ? 1 : 0;
        return there;
    }

    /** The same, with blanks around it. */
    bool take_mark(char c)
    {
        skip_blanks();
        const bool there = take(c);
        skip_blanks();
        return there;
    }

    Json value(unsigned depth)
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

    Json object(unsigned depth)
    {
        Json made(json_object());
        take_mark('{');
        if (take('}')) {
            return made;
        }
        do {
            const auto key = characters();
            if (!key || !key->ascii || !key->verbatim || !take_mark(':')) {
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

    Json array(unsigned depth)
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

    /** What is between quotation marks. It lasts until the next. */
    std::optional<Characters> characters()
    {
        if (!take('"')) {
            return {};
        }
        const char *const from = at_;
        Characters found{{}, true, true};
        for (; peek() != '"'; ++at_) {
            if (peek() == '\\') {
                found.verbatim = false;
                ++at_;
            }
            const auto c = static_cast<unsigned char>(peek());
            if (c < 0x20) { // the end is one, too
                return {};
            }
            found.ascii &= c < 0x80;
        }
        found.text = {from, at_};
        ++at_;
        if (!found.verbatim) {
            if (!unescape(found.text)) {
                return {};
            }
            found.text = unescaped_;
        }
        return found;
    }

    /** Base64 has `\/`, texts have line ends; other characters, as numbers,
     *  are left to jansson. */
    bool unescape(std::string_view text)
    {
        constexpr std::string_view kNames = R"("\/bfnrt)",
                                   kMeant = "\"\\/\b\f\n\r\t";
        unescaped_.clear();
        while (!text.empty()) {
            const std::size_t slash = text.find('\\');
            unescaped_ += text.substr(0, slash);
            if (slash == text.npos) {
                break;
            }
            const std::size_t name = kNames.find(text[slash + 1]);
            if (name == kNames.npos) {
                return false;
            }
            unescaped_ += kMeant[name];
            text.remove_prefix(slash + 2);
        }
        return true;
    }

    // json_stringn() refuses what is not UTF-8
    Json string()
    {
        const auto found = characters();
        if (!found) {
            return nullptr;
        }
        const auto make = found->ascii ? json_stringn_nocheck : json_stringn;
        return Json(make(found->text.data(), found->text.size()));
    }

    bool word(std::string_view name)
    {
        if (!std::string_view(at_, end_).starts_with(name)) {
            return false;
        }
        at_ += name.size();
        return true;
    }

    bool digits()
    {
        const char *const from = at_;
        at_ = std::find_if_not(at_, end_, is_digit);
        return at_ != from;
    }

    Json number()
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
    Json number_of(const char *from, json_t *(*make)(Number)) const
    {
        Number number{};
        const auto [stop, error] = std::from_chars(from, at_, number);
        return Json(stop == at_ && error == std::errc{} ? make(number)
                                                        : nullptr);
    }

    const char *at_;
    const char *const end_;
    std::string unescaped_;
};

} // namespace

Json load_json(std::string_view text, std::size_t flags, json_error_t *error)
{
    Json json = PlainReader(text).read((flags & JSON_DECODE_ANY) != 0);
    return json ? std::move(json)
                : Json(json_loadb(text.data(), text.size(), flags, error));
}

} // namespace wac
