#include "scenario/source_text.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "scenario/limits.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

Error file_error(const std::string& path, std::string_view text) {
  return error_at(SourcePlace{path, 0, 0}, text);
}

/// Length of the UTF-8 sequence at the front of `text`; 0 when there is none. Refuses overlong
/// forms, surrogates and values beyond U+10FFFF (RFC 3629, section 4).
std::size_t utf8_length(std::string_view text) {
  struct Form {
    std::uint8_t first, last;  ///< Range of the leading byte.
    std::uint8_t low, high;    ///< Range of the byte after it.
    std::size_t length;
  };
  static constexpr std::array<Form, 7> kForms = {{{0xC2, 0xDF, 0x80, 0xBF, 2},
                                                  {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                                  {0xE1, 0xEC, 0x80, 0xBF, 3},
                                                  {0xED, 0xED, 0x80, 0x9F, 3},
                                                  {0xEE, 0xEF, 0x80, 0xBF, 3},
                                                  {0xF0, 0xF0, 0x90, 0xBF, 4},
                                                  {0xF1, 0xF4, 0x80, 0xBF, 4}}};
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) return 1;
  for (const Form& form : kForms) {
    if (byte(0) < form.first || byte(0) > form.last) continue;
    if (text.size() < form.length || byte(1) < form.low || byte(1) > form.high) return 0;
    if (byte(0) == 0xF4 && byte(1) > 0x8F) return 0;
    for (std::size_t i = 2; i < form.length; ++i) {
      if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    }
    return form.length;
  }
  return 0;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
}

}  // namespace

Result<std::string> read_source(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) return file_error(path, "no such file");
  if (fs::is_directory(status)) return file_error(path, "is a directory, not a scenario file");
  if (!fs::is_regular_file(status)) return file_error(path, "is not a regular file");
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !in.eof()) return file_error(path, "cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes) {
    return file_error(path, fmt::format("is larger than {}, too large for a scenario",
                                        format_bytes(kMaxFileBytes)));
  }
  return text;
}

std::optional<Error> check_characters(std::string_view text, const std::string& file) {
  SourcePlace place{file, 1, 1};
  bool indenting = true;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return error_at(place, "the bytes here are not UTF-8 text");
    if (is_control(c)) {
      return error_at(place, fmt::format("byte 0x{:02x} has no place in a scenario", c));
    }
    if (indenting && c == '\t') return error_at(place, "a tab indents this line; use spaces");
    indenting = c == '\n' || (indenting && c == ' ');
    place.line += c == '\n' ? 1 : 0;
    place.column = c == '\n' ? 1 : place.column + static_cast<int>(length);
    i += length;
  }
  return std::nullopt;
}

}  // namespace gpubench
