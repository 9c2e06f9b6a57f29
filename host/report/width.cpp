#include "report/width.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace gpubench {
namespace {

constexpr std::string_view kCut = "…";

/// One character: its bytes, and the columns that it fills.
struct Glyph {
  std::string_view bytes;
  std::size_t columns = 1;
  bool printable = true;
};

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/// The code point of a whole sequence; its continuation bytes were checked.
std::uint32_t code_point(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return lead;
  std::uint32_t value = lead & (0x7fU >> bytes.size());
  for (const char c : bytes.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  return value;
}

bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}
/// Marks and joiners that add nothing to the width.
bool is_combining(std::uint32_t c) {
  return (c >= 0x300 && c < 0x370) || (c >= 0x200b && c < 0x2010) || (c >= 0xfe00 && c < 0xfe10);
}
/// The blocks of Unicode's East Asian Width "wide" that appear in names; not the full table.
bool is_wide(std::uint32_t c) {
  return (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
         (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
         (c >= 0xff00 && c < 0xff61) || (c >= 0x1f300 && c < 0x1f650) ||
         (c >= 0x20000 && c < 0x40000);
}

/// The first character of a non-empty text; a broken sequence is one unprintable byte.
Glyph next_glyph(std::string_view text) {
  const std::size_t length = sequence_length(static_cast<unsigned char>(text[0]));
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
  };
  if (length == 0 || length > text.size()) return {text.substr(0, 1), 1, false};
  const std::string_view bytes = text.substr(0, length);
  if (!std::all_of(bytes.begin() + 1, bytes.end(), is_continuation)) {
    return {text.substr(0, 1), 1, false};
  }
  const std::uint32_t c = code_point(bytes);
  if (is_control(c)) return {bytes, 1, false};
  return {bytes, is_combining(c) ? 0U : is_wide(c) ? 2U : 1U, true};
}

std::vector<Glyph> glyphs_of(std::string_view text) {
  std::vector<Glyph> glyphs;
  while (!text.empty()) {
    glyphs.push_back(next_glyph(text));
    text.remove_prefix(glyphs.back().bytes.size());
  }
  return glyphs;
}

/// As many leading glyphs as fit into `width` columns.
template <class Iterator>
std::vector<std::string_view> fitting(Iterator first, Iterator last, std::size_t width) {
  std::vector<std::string_view> parts;
  for (std::size_t used = 0; first != last && used + first->columns <= width; ++first) {
    used += first->columns;
    parts.push_back(first->bytes);
  }
  return parts;
}

template <class Iterator>
std::string concatenated(Iterator first, Iterator last) {
  std::string text;
  for (; first != last; ++first) text += *first;
  return text;
}

std::string spaces(std::size_t wanted, std::size_t present) {
  return std::string(wanted > present ? wanted - present : 0, ' ');
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (const Glyph& glyph : glyphs_of(text)) columns += glyph.columns;
  return columns;
}

std::string printable(std::string_view text) {
  std::string clean;
  for (const Glyph& glyph : glyphs_of(text)) clean += glyph.printable ? glyph.bytes : "?";
  return clean;
}

std::string clip_end(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  const std::vector<Glyph> glyphs = glyphs_of(text);
  const auto head = fitting(glyphs.begin(), glyphs.end(), width - 1);
  return concatenated(head.begin(), head.end()).append(kCut);
}

std::string clip_middle(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  const std::vector<Glyph> glyphs = glyphs_of(text);
  const auto head = fitting(glyphs.begin(), glyphs.end(), width / 2);
  const auto tail = fitting(glyphs.rbegin(), glyphs.rend(), width - 1 - width / 2);
  return concatenated(head.begin(), head.end()).append(kCut) +
         concatenated(tail.rbegin(), tail.rend());
}

std::string pad_left(std::string_view text, std::size_t width) {
  return spaces(width, display_width(text)).append(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  return std::string(text) + spaces(width, display_width(text));
}

std::string wrap(std::string_view text, const WrapBox& box) {
  std::string wrapped;
  std::size_t column = box.first_column;
  bool line_is_empty = true;
  std::size_t gap = 0;  // Spaces since the last word; none stays at the end of a line.
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t columns = display_width(word);
    if (!line_is_empty && !word.empty() && column + gap + columns > box.width) {
      wrapped += '\n' + std::string(box.indent, ' ');
      column = box.indent;
      gap = 0;
    }
    if (!word.empty()) {
      wrapped += std::string(gap, ' ').append(word);
      column += gap + columns;
      gap = 0;
      line_is_empty = false;
    }
    ++gap;
  }
  return wrapped;
}

}  // namespace gpubench
