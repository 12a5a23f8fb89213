// libFuzzer over load_json(): whatever the text, it must end as jansson says,
// with the same value or the same error.
// Seeds: fuzz/make_corpus.sh.
#include "codec/json.hpp"

#include <cstdint>
#include <cstring>

using namespace wac;

namespace
{

void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

void compare(std::string_view text, std::size_t flags)
{
    json_error_t error{}, judged{};
    const Json read = load_json(text, flags, &error);
    const Json judge(json_loadb(text.data(), text.size(), flags, &judged));
    require(!read == !judge);
    if (read) {
        // with the order of members, which json_equal() does not look at
        require(json_text(read.get()) == json_text(judge.get()));
        require(json_equal(read.get(), judge.get()));
    } else {
        require(error.position == judged.position &&
                std::strcmp(error.text, judged.text) == 0);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    compare(text, 0);
    compare(text, JSON_DECODE_ANY);
    return 0;
}
