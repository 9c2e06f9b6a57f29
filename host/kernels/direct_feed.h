// direct_feed.h — how shaders/gemm/direct.comp reads its packed operands, and which way suits a
// device. Knows no tile and launches nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/device_traits.h"
#include "base/result.h"
#include "kernels/problem.h"

namespace gpubench {

/// shaders/gemm/feed.glsl says what each does. The order is that of the values of parameter "feed".
enum class Feed : std::uint32_t { pairs, words, texels, broadcast, uniform };

inline constexpr std::array<std::uint32_t, 5> kFeedValues{0, 1, 2, 3, 4};

std::string_view to_string(Feed feed);

/// Elements along k that lie side by side in the panels of A and of B, and in how many steps of k
/// the shader reads.
struct FeedRuns {
  std::uint32_t a, b, step;
};
FeedRuns runs_of(Feed feed);

/// Whether the panels are bound as texel buffers.
bool fetches_texels(Feed feed);

/// What one launch asks of a feed.
struct FeedNeeds {
  Precision precision;
  std::uint32_t lanes;
  std::uint64_t panel_elements;  ///< Of the larger operand.
};
/// Unsupported with the reason where the device or the path cannot have it.
Outcome check_feed(Feed feed, const FeedNeeds& needs, const DeviceTraits& device);

/// The fastest on devices like this one, as far as somebody has measured; it may fail its check.
struct FeedChoice {
  Feed feed;
  std::string why;  ///< Empty where there is nothing to say.
};
FeedChoice preferred_feed(Precision precision, const DeviceTraits& device);
/// What runs where the preferred feed fails its check.
Feed plain_feed(Precision precision, const DeviceTraits& device);

}  // namespace gpubench
