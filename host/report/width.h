// width.h — text measured, clipped, padded and wrapped by the columns it fills on a terminal.
// UTF-8 in and out; knows nothing of escape sequences, so colour is applied afterwards.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gpubench {

/// Columns on a terminal: 2 for wide East Asian characters, 0 for combining marks, else 1.
std::size_t display_width(std::string_view text);
/// Control characters and broken UTF-8 become "?": a device or file name cannot drive a terminal.
std::string printable(std::string_view text);

/// At most `width` columns, the cut shown by "…": at the end, or in the middle where both ends
/// tell something.
std::string clip_end(std::string_view text, std::size_t width);
std::string clip_middle(std::string_view text, std::size_t width);

std::string pad_left(std::string_view text, std::size_t width);
std::string pad_right(std::string_view text, std::size_t width);

/// Where wrapped text may stand: the first line after what is already there, the others indented.
struct WrapBox {
  std::size_t width = 80;
  std::size_t first_column = 0;
  std::size_t indent = 0;
};
/// Breaks at spaces; a word that is longer than a line stays whole. No newline at the end.
std::string wrap(std::string_view text, const WrapBox& box);

}  // namespace gpubench
