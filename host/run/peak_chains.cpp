#include "run/peak_chains.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/kernel.h"
#include "run/peak_load.h"
#include "run/shortest_launch.h"

namespace gpubench {
namespace {

// As in shaders/peak/fma_chains.comp.
constexpr std::uint32_t kThreadsId = 8, kVectorsId = 9, kCoupledId = 10;
constexpr std::uint32_t kStepsPerRound = 32, kStarts = 64, kVectorWidth = 4;

// In FP32 one step adds 3: FP16 and the formats with fewer bits stop between 4096 and 8192, long
// before these steps are done, and every sum of chains stays far below 2^24. In FP16 a step takes x
// from 3, and the next gives it back; coupled chains (x, y) become (x + y, -x), and six steps later
// what they were.
constexpr float kTerm = 3;
constexpr std::uint32_t kRounds = 8192 / kStepsPerRound;

/// Where a device gets its best rate depends on its registers and on how it hides latency.
struct ChainShape {
  std::uint32_t vectors;  ///< Of four chains, in each invocation.
  std::uint32_t threads;
  PeakLoad load;
  bool coupled = false;  ///< How a step is written: hardware may have a faster way for either.
};

std::vector<ChainShape> shapes_for(const DeviceTraits& device) {
  constexpr std::uint32_t kFirstGroups = 64;
  const std::uint32_t threads =
      std::min({256U, device.max_workgroup_invocations, device.max_workgroup_size[0]});
  std::vector<ChainShape> shapes;
  for (const std::uint32_t vectors : {1U, 2U, 4U}) {
    if (device.is_software()) {
      shapes.push_back({vectors, 64, load_of_all_cores()});
      shapes.push_back({vectors, 64, load_of_one_core()});
    } else {
      shapes.push_back({vectors, threads, load_of_gpu(kFirstGroups)});
      shapes.push_back({vectors, threads, load_of_gpu(kFirstGroups), true});
    }
  }
  // The same instructions there: once is enough.
  if (device.is_software()) shapes.push_back({4, 64, load_of_one_core(), true});
  return shapes;
}

struct Chain {
  const char* shader;
  float factor;
  float back;
};
Chain chain_in(Format format, bool coupled) {
  if (format == Format::f32) return {"peak_fma_chains_fp32", 1, 0};
  if (coupled) return {"peak_fma_chains_fp16", 1, -1};
  return {"peak_fma_chains_fp16", -1, 0};
}

struct ChainPush {
  std::uint64_t sums = 0;
  float factor = 1;
  float term = kTerm;
  float back = 0;
  std::uint32_t rounds = kRounds;
};
constexpr std::uint32_t kPushBytes = 24;
static_assert(sizeof(ChainPush) == kPushBytes);

/// Of a chain and of its partner.
struct Ends {
  double x, partner;
};

class ChainRun {
 public:
  ChainRun(Device& device, const ChainShape& shape, Format format)
      : device_(device),
        shape_(shape),
        chain_(chain_in(format, shape.coupled)),
        groups_(shape.load.groups) {}

  /// The best rate; fails with `internal` when a result is not that of the format.
  Result<double> measure() {
    if (auto grown = grow(); !grown) return grown.error();
    const auto seconds = shortest_launch([&] { return launch(); });
    if (!seconds) return seconds.error();
    if (auto right = check(); !right) return right.error();
    return flop() / *seconds;
  }

 private:
  [[nodiscard]] std::uint32_t invocations() const { return groups_ * shape_.threads; }
  [[nodiscard]] double flop() const {
    const double steps = double{kStepsPerRound} * kRounds * invocations() * shape_.load.cores;
    return 2 * kVectorWidth * shape_.vectors * steps;
  }

  Outcome grow() {
    if (auto made = make_pipeline(); !made) return made;
    return grow_until_telling(
        growth_of(shape_.load), [&](std::uint32_t groups) { return make_room(groups); },
        [&] { return launch(); });
  }

  Outcome make_pipeline() {
    auto pipeline =
        device_.pipeline(shader_code(chain_.shader), {chain_.shader,
                                                      {{kThreadsId, shape_.threads},
                                                       {kVectorsId, shape_.vectors},
                                                       {kCoupledId, shape_.coupled ? 1U : 0U}},
                                                      kPushBytes,
                                                      0});
    if (!pipeline) return pipeline.error();
    pipeline_ = std::move(pipeline).value();
    return Done{};
  }

  Outcome make_room(std::uint32_t groups) {
    groups_ = groups;
    auto sums = device_.allocate(std::uint64_t{invocations()} * kVectorWidth * sizeof(float));
    if (!sums) return sums.error();
    sums_ = std::move(sums).value();
    return Done{};
  }

  Result<SubmitTime> launch() {
    ChainPush push;
    push.sums = sums_->address();
    push.factor = chain_.factor;
    push.back = chain_.back;
    Dispatch dispatch{pipeline_.get(), std::vector<std::byte>(kPushBytes), {groups_, 1, 1}, {}};
    std::memcpy(dispatch.push.data(), &push, kPushBytes);
    return device_.submit({&dispatch, 1});
  }

  /// Where all steps lead from `x`, with the partner `kTerm` where there is one.
  [[nodiscard]] Ends ends_of(double x) const {
    constexpr std::uint32_t kSteps = kStepsPerRound * kRounds, kPeriod = 6;
    if (chain_.factor < 0) return {x, x};
    if (chain_.back == 0) return {x + double{kTerm} * kSteps, kTerm};
    double partner = kTerm;
    for (std::uint32_t i = 0; i < kSteps % kPeriod; ++i) {
      x += partner;
      partner -= x;
    }
    return {x, partner};
  }

  /// The sum over an invocation's vectors, which FP32 has exactly.
  [[nodiscard]] double expected(std::uint32_t invocation, std::uint32_t component) const {
    const bool is_partner = shape_.coupled && component >= kVectorWidth / 2;
    const std::uint32_t chain = is_partner ? component - kVectorWidth / 2 : component;
    double sum = 0;
    for (std::uint32_t i = 0; i < shape_.vectors; ++i) {
      const auto [x, partner] =
          ends_of(invocation % kStarts + (i * kVectorWidth + chain) * kStarts);
      sum += is_partner ? partner : x;
    }
    return sum;
  }

  Outcome check() {
    std::vector<float> sums(std::size_t{invocations()} * kVectorWidth);
    if (auto read = device_.download(*sums_, 0, std::as_writable_bytes(std::span(sums))); !read) {
      return read;
    }
    for (std::uint32_t i = 0; i < sums.size(); ++i) {
      const double wanted = expected(i / kVectorWidth, i % kVectorWidth);
      if (double{sums[i]} == wanted) continue;
      return Error{ErrorKind::internal,
                   fmt::format("a chain of multiply-adds gave {}, not {}", sums[i], wanted)};
    }
    return Done{};
  }

  Device& device_;
  const ChainShape& shape_;
  Chain chain_;
  std::uint32_t groups_;
  BufferPtr sums_;
  PipelinePtr pipeline_;
};

}  // namespace

Result<double> measure_chains(Device& device, Format format) {
  if (format == Format::f16 && !device.traits().shader_float16) {
    return Error{ErrorKind::unsupported, "the device has no FP16 arithmetic"};
  }
  double best = 0;
  for (const ChainShape& shape : shapes_for(device.traits())) {
    const auto flops = ChainRun(device, shape, format).measure();
    if (!flops) return flops.error();
    best = std::max(best, *flops);
  }
  return best;
}

}  // namespace gpubench
