#include "pages/packed.h"

#include <openssl/evp.h>

#include <algorithm>

namespace gpubench {

std::string base64(std::span<const std::byte> bytes) {
  // EVP_EncodeBlock counts in int; whole groups of three bytes need no padding between parts.
  constexpr std::size_t kPart = 3 << 20;
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // It also writes a NUL.
  std::size_t written = 0;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kPart) {
    const auto part = bytes.subspan(begin, std::min(kPart, bytes.size() - begin));
    written += static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data() + written),
        reinterpret_cast<const unsigned char*>(part.data()), static_cast<int>(part.size())));
  }
  text.resize(written);
  return text;
}

}  // namespace gpubench
