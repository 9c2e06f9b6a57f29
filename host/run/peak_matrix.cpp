#include "run/peak_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/absence.h"
#include "kernels/kernel.h"
#include "kernels/matrix.h"
#include "run/peak_load.h"
#include "run/shortest_launch.h"

namespace gpubench {
namespace {

// As in shaders/peak/matrix_chains.comp.
enum Constant : std::uint32_t {
  kThreadsId = 8,
  kMatrixMId,
  kMatrixNId,
  kMatrixKId,
  kChainsId,
  kScopeId,
};
constexpr std::uint32_t kStarts = 8;
// SPIR-V's numbers.
enum class Scope : std::uint32_t { workgroup = 2, subgroup = 3 };

// A round adds k·3 and then takes k·2 again: in FP32 the chains count beyond FP16's reach, and all
// stay below 2^24. In FP16 a round takes back what it added.
constexpr float kFactor = 1, kThere = 3, kBackInFp32 = -2, kBackInFp16 = -3;
// A workgroup does a GFLOP or less, as nobody knows how slow a device is that emulates matrices.
constexpr double kMostFlopOfAGroup = 1e9;
constexpr std::uint32_t kLeastRounds = 256, kMostRounds = 2048;

struct ChainShape {
  Matrix matrix;
  Scope scope;
  std::uint32_t sharers;  ///< Of a workgroup: its subgroups, or 1 where it is the scope itself.
  std::uint32_t threads;  ///< Of each sharer.
  std::uint32_t chains;   ///< Of each sharer.
  PeakLoad load;
};

constexpr std::uint32_t kFirstGroups = 1;

// On software a product is straight code, and slow.
std::uint32_t rounds_of(const ChainShape& shape, const DeviceTraits& device) {
  if (device.is_software()) return kLeastRounds;
  const double of_a_round =
      2 * 2 * static_cast<double>(shape.matrix.products()) * shape.chains * shape.sharers;
  return static_cast<std::uint32_t>(
      std::clamp(kMostFlopOfAGroup / of_a_round, double{kLeastRounds}, double{kMostRounds}));
}

std::vector<ChainShape> shapes_of_subgroups(const Matrix& matrix, const DeviceTraits& device) {
  const std::uint32_t lanes = device.subgroup_size;
  if (device.is_software()) {
    return {{matrix, Scope::subgroup, 1, lanes, 1, load_of_all_cores()},
            {matrix, Scope::subgroup, 1, lanes, 1, load_of_one_core()},
            {matrix, Scope::subgroup, 1, lanes, 2, load_of_one_core()}};
  }
  const std::uint32_t sharers =
      std::clamp(device.max_workgroup_invocations / lanes, std::uint32_t{1}, std::uint32_t{4});
  std::vector<ChainShape> shapes;
  for (const std::uint32_t chains : {2U, 4U, 8U}) {
    shapes.push_back({matrix, Scope::subgroup, sharers, lanes, chains, load_of_gpu(kFirstGroups)});
  }
  return shapes;
}

// One chain leaves registers for its operands; the products of one matrix are many instructions,
// which do not wait for each other.
std::vector<ChainShape> shapes_of_workgroups(Precision precision, const DeviceTraits& device) {
  std::vector<ChainShape> shapes;
  for (const auto& [matrix, threads] : shared_matrices(precision, device)) {
    shapes.push_back({matrix, Scope::workgroup, 1, threads, 1, load_of_gpu(kFirstGroups)});
  }
  return shapes;
}

struct ChainPush {
  std::uint64_t sums = 0;
  float factor = kFactor;
  float there = kThere;
  float back = kBackInFp32;
  std::uint32_t rounds = kLeastRounds;
};
constexpr std::uint32_t kPushBytes = 24;
static_assert(sizeof(ChainPush) == kPushBytes);

class MatrixRun {
 public:
  MatrixRun(Device& device, Precision precision, const ChainShape& shape)
      : device_(device), shape_(shape), module_(module_of(precision)) {
    push_.back = precision == Precision::fp16 ? kBackInFp16 : kBackInFp32;
    push_.rounds = rounds_of(shape, device.traits());
  }

  static std::string module_of(Precision precision) {
    return fmt::format("peak_matrix_{}", to_string(precision));
  }

  Outcome compile() {
    PipelineSpec spec{module_,
                      {{kThreadsId, threads()},
                       {kMatrixMId, shape_.matrix.m},
                       {kMatrixNId, shape_.matrix.n},
                       {kMatrixKId, shape_.matrix.k},
                       {kChainsId, shape_.chains},
                       {kScopeId, static_cast<std::uint32_t>(shape_.scope)}},
                      kPushBytes,
                      device_.traits().subgroup_size};
    spec.full_subgroups = true;
    auto pipeline = device_.pipeline(shader_code(module_), spec);
    if (!pipeline) return pipeline.error();
    pipeline_ = std::move(pipeline).value();
    return Done{};
  }

  /// Once it is compiled.
  Result<double> measure() {
    const auto grown = grow_until_telling(
        growth_of(shape_.load), [&](std::uint32_t groups) { return make_room(groups); },
        [&] { return launch(); });
    if (!grown) return grown.error();
    const auto seconds = shortest_launch([&] { return launch(); });
    if (!seconds) return seconds.error();
    if (auto right = check(); !right) return right.error();
    return flop() / *seconds;
  }

 private:
  [[nodiscard]] std::uint32_t threads() const { return shape_.sharers * shape_.threads; }
  [[nodiscard]] double flop() const {
    const double products = (2.0 * push_.rounds + 1) * shape_.chains * shape_.sharers;
    return 2 * static_cast<double>(shape_.matrix.products()) * products * groups_ *
           shape_.load.cores;
  }

  Outcome make_room(std::uint32_t groups) {
    groups_ = groups;
    auto sums = device_.allocate(std::uint64_t{groups_} * threads() * sizeof(float));
    if (!sums) return sums.error();
    sums_ = std::move(sums).value();
    return Done{};
  }

  Result<SubmitTime> launch() {
    push_.sums = sums_->address();
    Dispatch dispatch{pipeline_.get(), std::vector<std::byte>(kPushBytes), {groups_, 1, 1}};
    std::memcpy(dispatch.push.data(), &push_, kPushBytes);
    return device_.submit({&dispatch, 1});
  }

  [[nodiscard]] double expected(std::uint32_t group) const {
    const double step = double{kFactor} * shape_.matrix.k;
    const double grown = step * (double{push_.there} + push_.back) * push_.rounds + step * kThere;
    double sum = 0;
    for (std::uint32_t i = 0; i < shape_.chains; ++i) sum += group % kStarts + i * kStarts + grown;
    return sum;
  }

  Outcome check() {
    std::vector<float> sums(std::size_t{groups_} * threads());
    if (auto read = device_.download(*sums_, 0, std::as_writable_bytes(std::span(sums))); !read) {
      return read;
    }
    for (std::uint32_t i = 0; i < sums.size(); ++i) {
      const double wanted = expected(i / threads());
      if (double{sums[i]} == wanted) continue;
      return Error{ErrorKind::internal,
                   fmt::format("a chain of matrix products gave {}, not {}", sums[i], wanted)};
    }
    return Done{};
  }

  Device& device_;
  const ChainShape& shape_;
  std::string module_;
  ChainPush push_;
  std::uint32_t groups_ = 0;
  BufferPtr sums_;
  PipelinePtr pipeline_;
};

Outcome check_support(Device& device, Precision precision) {
  const DeviceTraits& traits = device.traits();
  // On path bf16 as well: glslang asks for it wherever anything becomes a number of 16 bits.
  if (!traits.shader_float16) return Error{ErrorKind::unsupported, "no shaderFloat16"};
  if (auto has = check_missing(traits, missing_features(precision, traits)); !has) return has;
  if (shader_code(MatrixRun::module_of(precision)).empty()) {
    return Error{ErrorKind::unsupported, "this build has no SPIR-V of the probe"};
  }
  return Done{};
}

/// Of the shapes that the driver compiles.
Result<double> best_of(Device& device, Precision precision, std::span<const ChainShape> shapes) {
  std::optional<Error> first;
  double best = 0;
  for (const ChainShape& shape : shapes) {
    MatrixRun run(device, precision, shape);
    if (auto compiled = run.compile(); !compiled) {
      if (!first) first = compiled.error();
      continue;
    }
    const auto flops = run.measure();
    if (!flops) return flops.error();
    best = std::max(best, *flops);
  }
  if (best > 0) return best;
  return first.value_or(Error{ErrorKind::unsupported, "the device has no such matrices"});
}

}  // namespace

Result<double> measure_matrix_chains(Device& device, Precision precision) {
  if (auto has = check_support(device, precision); !has) return has.error();
  const auto matrix = best_matrix(precision, device.traits());
  if (!matrix) return Error{ErrorKind::unsupported, "the device has no such matrices"};
  return best_of(device, precision, shapes_of_subgroups(*matrix, device.traits()));
}

Result<double> measure_shared_matrix_chains(Device& device, Precision precision) {
  if (auto has = check_support(device, precision); !has) return has.error();
  return best_of(device, precision, shapes_of_workgroups(precision, device.traits()));
}

}  // namespace gpubench
