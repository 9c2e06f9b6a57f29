// text.h — numbers, sizes and durations as text, and back; the nearest name for a typing error.
// Locale-independent throughout.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// Shortest decimal text that reads back as the same double; never a locale's comma.
std::string shortest(double value);

/// "3.2 GiB", "512 B": binary units, one decimal above bytes.
std::string format_bytes(std::uint64_t bytes);
/// "1.24 ms", "3 min 12 s": three significant digits up to a minute.
std::string format_seconds(double seconds);
/// "38.1 GFLOP/s", "1.30 TFLOP/s": three significant digits. `unit` is e.g. "FLOP/s" or "B/s".
std::string format_rate(double per_second, std::string_view unit);

/// Accepts "250ms", "30s", "2min", "1.5h"; a bare number is seconds. Nothing else.
std::optional<double> parse_seconds(std::string_view text);
/// Whole text must be a number; no sign games, no hex.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);
std::optional<double> parse_double(std::string_view text);

/// The candidate with the smallest edit distance, if near enough to be a plausible typing error.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> candidates);
/// `; did you mean "gemm"?`, or `; expected one of a, b, c` when nothing is near.
std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

std::string join(std::span<const std::string> parts, std::string_view separator);
/// Of ASCII letters.
std::string lowercase(std::string_view text);
std::string uppercase(std::string_view text);

}  // namespace gpubench
