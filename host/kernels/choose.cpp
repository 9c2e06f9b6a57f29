// choose.cpp — what `kernel: auto` means: which kernel suits which device and problem.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "kernels/kernel.h"

namespace gpubench {
namespace {

// PCI vendors (or Khronos ids) whose GPUs keep shared memory in ordinary memory, so that a copy
// there gains nothing.
struct Vendor {
  std::uint32_t id;
  std::string_view name;
};
constexpr std::array kNoSharedGain{Vendor{0x13B5, "ARM Mali"}, Vendor{0x5143, "Qualcomm Adreno"}};

// Below so many outputs there is nothing to share: one workgroup of any tiled kernel would be
// mostly padding.
constexpr std::uint64_t kTinyOutputs = 1024;
// Packing B costs about as much as so many rows of products.
constexpr std::uint32_t kFewRows = 4;

// PCI vendors whose drivers offer matrices where the hardware has units for them. Others offer some
// that vector code emulates, slower than plain vector code: those are taken by name only.
constexpr std::array kMatrixUnits{Vendor{0x10DE, "NVIDIA"}, Vendor{0x1002, "AMD"}};
// AMD's own drivers, unlike Mesa's, offer them on GPUs without units, too.
constexpr std::array<std::string_view, 2> kOfferEmulated = {"AMD_PROPRIETARY", "AMD_OPEN_SOURCE"};

// A GPU that computes fewer tiles at a time than this is mostly idle; long sums can be split then.
constexpr std::uint64_t kFewTiles = 64;
constexpr std::uint32_t kTileSide = 64;
constexpr std::uint32_t kLongSum = 2048;
// A thread that adds up more than this alone keeps a GPU waiting, in the end for its watchdog.
constexpr std::uint32_t kEndlessSum = 1U << 16;
constexpr std::string_view kWorthSplitting = "few outputs for sums this long";

bool is_worth_splitting(const Shape& shape) {
  const auto tiles = [](std::uint32_t side) {
    return (std::uint64_t{side} + kTileSide - 1) / kTileSide;
  };
  return shape.k >= kLongSum && tiles(shape.m) * tiles(shape.n) * shape.batch <= kFewTiles;
}

// The same of a softmax, whose rows are a workgroup each unless they are split.
constexpr std::uint64_t kFewRowsOfSoftmax = 64;
constexpr std::uint32_t kLongRow = 1U << 16;

struct Preference {
  std::string_view kernel;
  std::string why;
};

std::optional<std::string> no_shared_gain(const DeviceTraits& device) {
  if (device.is_software()) return "software device: shared memory gains nothing there";
  const auto found =
      std::find_if(kNoSharedGain.begin(), kNoSharedGain.end(),
                   [&](const Vendor& vendor) { return vendor.id == device.vendor_id; });
  if (found == kNoSharedGain.end()) return std::nullopt;
  return std::string(found->name) + ": shared memory gains nothing there";
}

Preference prefer_product(const Problem& problem, const DeviceTraits& device) {
  const Shape& shape = problem.shape;
  const auto no_shared = no_shared_gain(device);
  const bool tiny = std::uint64_t{shape.m} * shape.n <= kTinyOutputs;
  if (tiny && !no_shared && shape.k >= kEndlessSum) {
    return {"split", "tiny output of a sum that a thread would take too long for"};
  }
  if (tiny) return {"naive", "tiny output: tiles would be mostly padding"};
  if (no_shared && shape.m <= kFewRows) {
    return {"naive", "few rows: packing would cost more than the product"};
  }
  if (no_shared) return {"direct", *no_shared};
  if (is_worth_splitting(shape)) return {"split", std::string(kWorthSplitting)};
  return {"tiled", "GPU with shared memory"};
}

/// Matrix units, where the device and the build have them and tiles would not be mostly padding.
std::optional<KernelChoice> choose_matrix_units(const Problem& problem, Precision precision,
                                                Build build, const DeviceTraits& device) {
  const auto vendor =
      std::find_if(kMatrixUnits.begin(), kMatrixUnits.end(),
                   [&](const Vendor& candidate) { return candidate.id == device.vendor_id; });
  const bool has_units =
      vendor != kMatrixUnits.end() && !device.is_software() &&
      std::ranges::find(kOfferEmulated, device.driver_id) == kOfferEmulated.end();
  const bool tiny = std::uint64_t{problem.shape.m} * problem.shape.n <= kTinyOutputs;
  if (problem.op == Op::softmax || !has_units || tiny) return std::nullopt;
  const bool split = is_worth_splitting(problem.shape);
  const Kernel* kernel = find_kernel(problem.op, split ? "coop_split" : "coop");
  if (!without(*kernel, precision, build).empty()) return std::nullopt;
  if (!kernel->launch(problem, precision, device)) return std::nullopt;
  return KernelChoice{kernel, fmt::format("{} with matrix units{}{}", vendor->name,
                                          split ? ": " : "", split ? kWorthSplitting : "")};
}

Preference prefer_softmax(const Shape& shape, const DeviceTraits& device) {
  const auto no_shared = no_shared_gain(device);
  if (no_shared) return {"direct", *no_shared};
  if (shape.n >= kLongRow && std::uint64_t{shape.m} * shape.batch <= kFewRowsOfSoftmax) {
    return {"split", "few rows, and each of them long"};
  }
  return {"tiled", "GPU with shared memory"};
}

}  // namespace

KernelChoice choose_kernel(const Problem& problem, Precision precision, Build build,
                           const DeviceTraits& device) {
  if (auto matrix_units = choose_matrix_units(problem, precision, build, device)) {
    return *matrix_units;
  }
  const Preference preference = problem.op == Op::softmax ? prefer_softmax(problem.shape, device)
                                                          : prefer_product(problem, device);
  const Kernel* preferred = find_kernel(problem.op, preference.kernel);
  const auto launch = preferred->launch(problem, precision, device);
  if (launch) {
    return {preferred, launch->why.empty() ? preference.why : preference.why + "; " + launch->why};
  }

  const std::string why = std::string(preference.kernel) + " cannot run: " + launch.error().message;
  for (const Kernel& kernel : catalogue()) {
    if (kernel.op == problem.op && kernel.launch(problem, precision, device)) return {&kernel, why};
  }
  return {find_kernel(problem.op, "naive"), why};  // whose own error says why it cannot run either
}

}  // namespace gpubench
