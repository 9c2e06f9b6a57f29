// utf8.h — makes any bytes valid UTF-8, or finds where they are not: drivers, file names and files
// from elsewhere are not always.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench {

/// `text` with each byte that is not part of valid UTF-8, and each NUL, replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// Where the first such byte stands.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

}  // namespace gpubench
