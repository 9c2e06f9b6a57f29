// source_text.h — the text of a file, refused when it cannot be a scenario.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gpubench {

/// The whole file. Fails (kind input) when it is missing, not a regular file, unreadable or larger
/// than kMaxFileBytes.
Result<std::string> read_source(const std::string& path);

/// The first byte that keeps `text` from being YAML that we accept, as an error with its place.
std::optional<Error> check_characters(std::string_view text, const std::string& file);

}  // namespace gpubench
