#include "run/peak.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "kernels/kernel.h"
#include "record/row.h"

namespace gpubench {
namespace {

constexpr const char* kShader = "peak_fma_chains";
constexpr const char* kSource = "measured_fp32_fma";
// As in shaders/peak/fma_chains.comp.
constexpr std::uint32_t kThreadsId = 8, kVectorsId = 9;
constexpr std::uint32_t kStepsPerRound = 32, kStarts = 64, kVectorWidth = 4;

// One step adds 3: FP16 and the formats with fewer bits stop between 4096 and 8192, long before
// the least number of steps is done, and the most keeps every sum of chains below 2^24.
constexpr float kTerm = 3;
constexpr std::uint32_t kLeastRounds = 8192 / kStepsPerRound;
constexpr std::uint32_t kMostRounds = (1U << 19) / kStepsPerRound;
// Far above what a submission costs; far below what a watchdog allows.
constexpr double kTellingSeconds = 4e-3;
constexpr int kSamples = 4;
// Measurements before a rate is called faster than FP32.
constexpr int kAttempts = 3;

/// Where a device gets its best rate depends on its registers and on how it hides latency.
struct ChainShape {
  std::uint32_t vectors;  ///< Of four chains, in each invocation.
  std::uint32_t threads;
  std::uint32_t groups;
  [[nodiscard]] std::uint32_t invocations() const { return threads * groups; }
  [[nodiscard]] double flop(std::uint32_t rounds) const {
    return 2.0 * kVectorWidth * vectors * kStepsPerRound * rounds * invocations();
  }
};

struct ChainPush {
  std::uint64_t sums = 0;
  float factor = 1;
  float term = kTerm;
  std::uint32_t rounds = 0;
  std::uint32_t padding = 0;
};
constexpr std::uint32_t kPushBytes = 20;

/// Enough workgroups for every core; enough invocations on each to hide what a multiply-add takes.
std::array<ChainShape, 3> shapes_for(const DeviceTraits& device) {
  const std::uint32_t threads = device.is_software() ? 64 : 256;
  const std::uint32_t groups = device.is_software() ? 64 : 2048;
  return {ChainShape{1, threads, groups}, {2, threads, groups}, {4, threads, groups}};
}

/// The sum over an invocation's vectors, which FP32 has exactly.
double expected_sum(const ChainShape& shape, std::uint32_t invocation, std::uint32_t component,
                    std::uint32_t rounds) {
  double sum = 0;
  for (std::uint32_t i = 0; i < shape.vectors; ++i) {
    const std::uint32_t start = invocation % kStarts + (i * kVectorWidth + component) * kStarts;
    sum += start + double{kTerm} * kStepsPerRound * rounds;
  }
  return sum;
}

class ChainRun {
 public:
  ChainRun(Device& device, const ChainShape& shape) : device_(device), shape_(shape) {}

  /// The best rate; fails with `internal` when a result is not that of FP32.
  Result<double> measure() {
    if (auto ready = prepare(); !ready) return ready.error();
    std::uint32_t rounds = kLeastRounds;
    auto seconds = launch(rounds);  // compiles and touches memory: does not count
    if (seconds) seconds = launch(rounds);
    while (seconds && *seconds < kTellingSeconds && rounds < kMostRounds) {
      rounds = std::min(rounds * 4, kMostRounds);
      seconds = launch(rounds);
    }
    for (int i = 1; seconds && i < kSamples; ++i) {
      const auto again = launch(rounds);
      if (!again) return again.error();
      *seconds = std::min(*seconds, *again);
    }
    if (!seconds) return seconds.error();
    if (auto right = check(rounds); !right) return right.error();
    return shape_.flop(rounds) / std::max(*seconds, 1e-9);
  }

 private:
  Outcome prepare() {
    auto sums =
        device_.allocate(std::uint64_t{shape_.invocations()} * kVectorWidth * sizeof(float));
    if (!sums) return sums.error();
    sums_ = std::move(sums).value();
    auto pipeline = device_.pipeline(
        shader_code(kShader),
        {kShader, {{kThreadsId, shape_.threads}, {kVectorsId, shape_.vectors}}, kPushBytes, 0});
    if (!pipeline) return pipeline.error();
    pipeline_ = std::move(pipeline).value();
    return Done{};
  }

  Result<double> launch(std::uint32_t rounds) {
    ChainPush push;
    push.sums = sums_->address();
    push.rounds = rounds;
    Dispatch dispatch{pipeline_.get(), std::vector<std::byte>(kPushBytes), {shape_.groups, 1, 1}};
    std::memcpy(dispatch.push.data(), &push, kPushBytes);
    const auto time = device_.submit({&dispatch, 1});
    if (!time) return time.error();
    return std::isnan(time->gpu_s) ? time->host_s : time->gpu_s;
  }

  Outcome check(std::uint32_t rounds) {
    std::vector<float> sums(std::size_t{shape_.invocations()} * kVectorWidth);
    if (auto read = device_.download(*sums_, 0, std::as_writable_bytes(std::span(sums))); !read) {
      return read;
    }
    for (std::uint32_t i = 0; i < sums.size(); ++i) {
      const double wanted = expected_sum(shape_, i / kVectorWidth, i % kVectorWidth, rounds);
      if (double{sums[i]} == wanted) continue;
      return Error{ErrorKind::internal,
                   fmt::format("a chain of FP32 multiply-adds gave {}, not {}", sums[i], wanted)};
    }
    return Done{};
  }

  Device& device_;
  const ChainShape& shape_;
  BufferPtr sums_;
  PipelinePtr pipeline_;
};

}  // namespace

Peak measure_fp32_peak(Device& device) {
  Peak peak;
  for (const ChainShape& shape : shapes_for(device.traits())) {
    const auto flops = ChainRun(device, shape).measure();
    if (!flops) return {0, "none: " + flops.error().message};
    peak.flops = std::max(peak.flops, *flops);
  }
  peak.source = kSource;
  return peak;
}

const Peak& PeakBook::fp32_beside(double flops) {
  if (!peak_) peak_ = measure_();
  for (int i = 1; i < kAttempts && peak_->flops > 0 && flops > kPeakMargin * peak_->flops; ++i) {
    Peak again = measure_();
    if (again.flops > peak_->flops) peak_ = std::move(again);
  }
  return *peak_;
}

}  // namespace gpubench
