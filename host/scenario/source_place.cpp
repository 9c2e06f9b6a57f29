#include "scenario/source_place.h"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench {

std::string to_string(const SourcePlace& place) {
  if (place.line == 0) return place.file;
  return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

Error error_at(const SourcePlace& place, std::string_view text) {
  return Error{ErrorKind::input, fmt::format("{}: {}", to_string(place), text)};
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;  // Enough to recognise it on a line of its own.
  std::size_t length = std::min(text.size(), kShown);
  const auto continues = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (length > 0 && continues(length)) --length;
  std::string shown(text.substr(0, length));
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return fmt::format("\"{}{}\"", shown, length < text.size() ? "…" : "");
}

}  // namespace gpubench
