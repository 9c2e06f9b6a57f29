// hash.h — 128-bit content hashes (XXH3) as 32 hex digits. For identity, not for security.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gpubench {

std::string content_hash(std::span<const std::byte> bytes);
std::string content_hash(std::string_view text);

}  // namespace gpubench
