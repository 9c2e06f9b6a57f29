#include "pages/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

namespace gpubench {
namespace {

std::string hex_text(const unsigned char* bytes, unsigned int count) {
  std::string text;
  for (unsigned int i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

}  // namespace

Result<FileDigest> digest_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return Error{ErrorKind::internal, "libcrypto has no SHA-256"};
  }
  FileDigest digest;
  std::array<char, 65536> part{};
  while (file) {
    file.read(part.data(), part.size());
    const auto count = static_cast<std::size_t>(file.gcount());
    EVP_DigestUpdate(context.get(), part.data(), count);
    digest.bytes += count;
  }
  if (!file.eof()) return Error{ErrorKind::input, fmt::format("{}: cannot be read", path)};
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  EVP_DigestFinal_ex(context.get(), bytes.data(), &count);
  digest.sha256 = hex_text(bytes.data(), count);
  return digest;
}

}  // namespace gpubench
