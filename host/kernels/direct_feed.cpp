#include "kernels/direct_feed.h"

#include <fmt/format.h>

#include "kernels/contract.h"

namespace gpubench {
namespace {

constexpr std::array<std::string_view, kFeedValues.size()> kNames{"pairs", "words", "texels",
                                                                  "broadcast", "uniform"};
constexpr std::uint64_t kTexelElements = 4;
// Of llvmpipe at its usual 256 bits.
constexpr std::uint32_t kUsualLanes = 8;

Error unsupported(Feed feed, const std::string& why) {
  return {ErrorKind::unsupported, fmt::format("feed {} {}", to_string(feed), why)};
}

bool reads_words(Feed feed) {
  return feed == Feed::words || feed == Feed::uniform;
}

// The subgroup must be the workgroup, so its size must be known before the pipeline is made.
bool subgroup_is(std::uint32_t lanes, const DeviceTraits& device) {
  const bool fixed = device.min_subgroup_size == device.max_subgroup_size;
  return lanes == device.subgroup_size && (fixed || device.subgroup_size_control);
}

}  // namespace

std::string_view to_string(Feed feed) {
  return kNames.at(static_cast<std::size_t>(feed));
}

FeedRuns runs_of(Feed feed) {
  if (fetches_texels(feed)) return {4, 4, 4};
  return feed == Feed::uniform ? FeedRuns{4, 2, 4} : FeedRuns{2, 2, 2};
}

bool fetches_texels(Feed feed) {
  return feed == Feed::texels || feed == Feed::broadcast;
}

Outcome check_feed(Feed feed, const FeedNeeds& needs, const DeviceTraits& device) {
  if (feed == Feed::pairs) return Done{};
  if (compute_bytes(needs.precision) != sizeof(float)) {
    return unsupported(feed, "needs a path that multiplies in FP32");
  }
  if (reads_words(feed) && !device.shader_int64) return unsupported(feed, "needs shaderInt64");
  if (feed == Feed::broadcast && !device.subgroup_ballot) {
    return unsupported(feed, "needs ballots in subgroups");
  }
  if (feed == Feed::broadcast && !subgroup_is(needs.lanes, device)) {
    return unsupported(feed, "needs a fixed subgroup size or subgroupSizeControl");
  }
  const std::uint64_t texels = (needs.panel_elements + kTexelElements - 1) / kTexelElements;
  if (fetches_texels(feed) && texels > device.max_texels) {
    return unsupported(feed, fmt::format("needs {} texels in a buffer, the limit is {}", texels,
                                         device.max_texels));
  }
  return Done{};
}

Feed plain_feed(Precision precision, const DeviceTraits& device) {
  const bool words = device.shader_int64 && compute_bytes(precision) == sizeof(float);
  return words ? Feed::words : Feed::pairs;
}

// Measured on Mesa 22.3.6, 25.0.7 and 26.1.6; shaders/gemm/README.md has the figures. What lies
// between is taken to be like the older one.
FeedChoice preferred_feed(Precision precision, const DeviceTraits& device) {
  const std::uint32_t mesa = device.llvmpipe_version();
  if (mesa == 0 || compute_bytes(precision) != sizeof(float)) {
    return {plain_feed(precision, device), ""};
  }
  const auto because = [&](std::string_view text) {
    return fmt::format("on Mesa {} {}", mesa, text);
  };
  if (mesa < 25) return {Feed::texels, because("texels are its fastest loads")};
  if (mesa > 25) return {Feed::uniform, because("loads for all lanes at once are its fastest")};
  // With 16 lanes it fetches wrong texels; see host/device/traits.cpp.
  if (device.subgroup_size != kUsualLanes) {
    return {Feed::words, because("handing texels round is trusted with 8 lanes only")};
  }
  return {Feed::broadcast, because("handing texels round a subgroup is fastest")};
}

}  // namespace gpubench
