// select.cpp — turns what the user typed after --device into devices, or into a message that
// lists every device with every reason against it. Pure: works on traits alone.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "device/device.h"

namespace gpubench {
namespace {

using Candidates = std::span<const DeviceCandidate>;
using Indices = std::vector<std::uint32_t>;

std::string describe(const DeviceCandidate& candidate) {
  std::string line = fmt::format("  {}: {} ({}, uuid {})", candidate.index, candidate.traits.name,
                                 to_string(candidate.traits.type), candidate.traits.uuid);
  for (const std::string& refusal : candidate.refusals) line += "\n     refused: " + refusal;
  return line;
}

std::string list_all(Candidates candidates) {
  std::string text;
  for (const DeviceCandidate& candidate : candidates) text += "\n" + describe(candidate);
  return text;
}

template <class Predicate>
Indices indices_where(Candidates candidates, Predicate keep) {
  Indices indices;
  for (const DeviceCandidate& candidate : candidates) {
    if (keep(candidate)) indices.push_back(candidate.index);
  }
  return indices;
}

bool usable(const DeviceCandidate& candidate) {
  return candidate.refusals.empty();
}

/// Usable GPUs, or the usable software devices when there is no GPU.
Indices gpus_or_software(Candidates candidates) {
  Indices gpus = indices_where(candidates, [](const DeviceCandidate& candidate) {
    return usable(candidate) && !candidate.traits.is_software();
  });
  return gpus.empty() ? indices_where(candidates, usable) : gpus;
}

int rank(DeviceType type) {
  switch (type) {
    case DeviceType::discrete:
      return 0;
    case DeviceType::integrated:
      return 1;
    case DeviceType::virtual_gpu:
      return 2;
    case DeviceType::other:
      return 3;
    case DeviceType::cpu:
      return 4;
  }
  return 4;
}

const DeviceCandidate* find(Candidates candidates, std::uint32_t index) {
  const auto found =
      std::find_if(candidates.begin(), candidates.end(),
                   [&](const DeviceCandidate& candidate) { return candidate.index == index; });
  return found == candidates.end() ? nullptr : &*found;
}

Indices best_of(Candidates candidates, Indices usable_indices) {
  if (usable_indices.empty()) return usable_indices;
  return {*std::min_element(
      usable_indices.begin(), usable_indices.end(), [&](std::uint32_t a, std::uint32_t b) {
        return rank(find(candidates, a)->traits.type) < rank(find(candidates, b)->traits.type);
      })};
}

/// By index, by UUID, or by a part of the name, in that order.
Indices matching(Candidates candidates, std::string_view selector) {
  if (const auto index = parse_unsigned(selector)) {
    Indices by_index = indices_where(candidates, [&](const auto& c) { return c.index == *index; });
    if (!by_index.empty()) return by_index;  // else "4090" may be a part of a name
  }
  const std::string wanted = lowercase(selector);
  Indices by_uuid =
      indices_where(candidates, [&](const auto& c) { return lowercase(c.traits.uuid) == wanted; });
  if (!by_uuid.empty()) return by_uuid;
  return indices_where(candidates, [&](const auto& c) {
    return lowercase(c.traits.name).find(wanted) != std::string::npos;
  });
}

Error nothing_usable(Candidates candidates) {
  return {ErrorKind::no_device, "no usable Vulkan device:" + list_all(candidates)};
}

}  // namespace

Result<std::vector<std::uint32_t>> select_devices(Candidates candidates,
                                                  std::string_view selector) {
  if (selector.empty() || selector == "all") {
    Indices found = gpus_or_software(candidates);
    if (found.empty()) return nothing_usable(candidates);
    return selector.empty() ? best_of(candidates, std::move(found)) : found;
  }
  Indices found = matching(candidates, selector);
  if (found.empty()) {
    return Error{ErrorKind::usage, fmt::format("--device {} fits no device; there are:{}", selector,
                                               list_all(candidates))};
  }
  if (found.size() > 1) {
    return Error{ErrorKind::usage,
                 fmt::format("--device {} fits {} devices; give an index or a UUID of:{}", selector,
                             found.size(), list_all(candidates))};
  }
  const DeviceCandidate& chosen = *find(candidates, found.front());
  if (!usable(chosen)) {
    return Error{ErrorKind::no_device, "the device cannot be used:\n" + describe(chosen)};
  }
  return found;
}

}  // namespace gpubench
