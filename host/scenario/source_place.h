// source_place.h — places and foreign text as messages show them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "scenario/scenario.h"

namespace gpubench {

/// "matmul.yaml:3:5", or only the file part when the place has no line.
std::string to_string(const SourcePlace& place);

/// An error of kind input: "matmul.yaml:3:5: text".
Error error_at(const SourcePlace& place, std::string_view text);

/// The text in double quotes, shortened, control characters shown as '?'.
std::string in_quotes(std::string_view text);

}  // namespace gpubench
