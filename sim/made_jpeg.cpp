#include "made_jpeg.hpp"

#include <algorithm>

namespace wac::sim
{

// One component, one block: quantisation by 1; both Huffman tables have the
// single code "0", no difference and end of block; the data is 00 and
// padding.
std::string made_jpeg(std::string_view comment)
{
    using namespace std::string_literals;
    comment = comment.substr(0, 200);
    std::string jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\x00\x00\x01\x00"
                       "\x01\x00\x00\xff\xfe\x00"s;
    jpeg.push_back(static_cast<char>(comment.size() + 2));
    jpeg.append(comment);
    jpeg += "\xff\xdb\x00\x43\x00"s + std::string(64, '\x01');
    jpeg += "\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"s;
    for (const char table : {'\x00', '\x10'}) {
        jpeg += "\xff\xc4\x00\x14"s + table + '\x01' + std::string(16, '\0');
    }
    jpeg += "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9"s;
    return jpeg;
}

// They stand behind the JFIF segment, which must be the first.
std::string made_jpeg(std::string_view comment, std::size_t size)
{
    constexpr std::size_t kJfifEnd = 20;
    constexpr std::size_t kMarker = 4; // with the length that follows it
    constexpr std::size_t kLongest = 65533;
    std::string jpeg = made_jpeg(comment);
    while (jpeg.size() + kMarker <= size) {
        const std::size_t length =
            std::min(size - jpeg.size() - kMarker, kLongest);
        std::string segment = "\xff\xfe";
        segment += static_cast<char>((length + 2) >> 8);
        segment += static_cast<char>((length + 2) & 0xff);
        segment.append(length, ' ');
        jpeg.insert(kJfifEnd, segment);
    }
    return jpeg;
}

} // namespace wac::sim
