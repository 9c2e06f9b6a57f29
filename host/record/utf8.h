// utf8.h — makes any bytes valid UTF-8: drivers and file names are not always.
#pragma once

#include <string>
#include <string_view>

namespace gpubench {

/// `text` with each byte that is not part of valid UTF-8, and each NUL, replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace gpubench
