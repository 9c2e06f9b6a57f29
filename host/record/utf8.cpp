#include "record/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gpubench {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The smallest code point that needs `length` bytes; anything below it is an overlong form.
constexpr std::uint32_t smallest_of(std::size_t length) {
  return length == 2 ? 0x80U : length == 3 ? 0x800U : 0x10000U;
}

std::size_t expected_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

/// Bytes of the valid sequence at the start of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = expected_length(lead);
  if (lead == 0 || length == 0 || length > text.size()) return 0;
  if (length == 1) return 1;
  std::uint32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return 0;
    point = point << 6 | (byte & 0x3FU);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point >= smallest_of(length) && point <= 0x10FFFF && !surrogate ? length : 0;
}

/// Whether eight bytes are all ASCII and none of them NUL, which needs no closer look.
bool is_plain(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighBits = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  // Taking one from each byte borrows its high bit only where it was zero (or high itself).
  return ((word | (word - kOnes)) & kHighBits) == 0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    valid += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (at + 8 <= text.size() && is_plain(text.data() + at)) {
      at += 8;
      continue;
    }
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

}  // namespace gpubench
