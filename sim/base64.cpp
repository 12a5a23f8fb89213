#include "base64.hpp"

#include <openssl/evp.h>

namespace wac::sim
{

// EVP_EncodeBlock() ends its text with a NUL.
std::string base64(std::string_view bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                    reinterpret_cast<const unsigned char *>(bytes.data()),
                    static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

} // namespace wac::sim
