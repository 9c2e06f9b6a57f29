// clean_text.h — texts of files and drivers without what no page should hold.
#pragma once

#include <string>
#include <string_view>

namespace gpubench {

/// As printable(), line by line: control characters, escape sequences and bytes that are no UTF-8
/// become "?"; ends of lines and tabs stay.
std::string clean_text(std::string_view text);

}  // namespace gpubench
