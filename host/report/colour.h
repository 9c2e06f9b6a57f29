// colour.h — the few colours of the console. Never the only carrier of a meaning: the text beside
// them says the same. Whether to use them (NO_COLOR, a terminal) is decided in app/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gpubench {

enum class Colour : std::uint8_t { never, always };
enum class Tint : std::uint8_t { plain, strong, good, caution, bad };

/// The text between the escape sequences of its tint; just the text for `never` and `plain`.
std::string paint(std::string_view text, Tint tint, Colour colour);

}  // namespace gpubench
