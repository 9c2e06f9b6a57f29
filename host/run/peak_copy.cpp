#include "run/peak_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "kernels/kernel.h"
#include "kernels/random.h"
#include "run/shortest_launch.h"

namespace gpubench {
namespace {

constexpr const char* kShader = "peak_copy";
// As in shaders/peak/copy.comp.
constexpr std::uint32_t kThreadsId = 8, kVectorsId = 9;
constexpr std::uint32_t kVectorBytes = 16, kVectors = 4, kThreads = 256;

// Any device takes so many workgroups side by side. Like all numbers of a copy, a power of two.
constexpr std::uint64_t kMostColumns = 32768;
// Each way; plan/ceiling.cpp has what caches hold.
constexpr std::uint64_t kBytes = 512ULL << 20;
constexpr std::uint64_t kBytesOfCpu = 64ULL << 20;
// Random words are made once for so many bytes, and written again and again.
constexpr std::uint64_t kPatternBytes = 16ULL << 20;
constexpr std::uint32_t kPoison = 0xFFFFFFFFU;
constexpr std::uint64_t kSeed = 1;

struct CopyPush {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

class CopyRun {
 public:
  explicit CopyRun(Device& device)
      : device_(device), bytes_(device.traits().is_software() ? kBytesOfCpu : kBytes) {}

  Result<double> measure() {
    if (auto made = make_buffers(); !made) return made.error();
    if (auto made = make_pipeline(); !made) return made.error();
    const auto by_driver = best_of([&] { return device_.copy(*from_, *to_); });
    if (!by_driver) return by_driver.error();
    const auto by_shader = best_of([&] { return launch(); });
    if (!by_shader) return by_shader.error();
    return 2 * static_cast<double>(bytes_) / std::min(*by_driver, *by_shader);
  }

 private:
  Outcome make_buffers() {
    for (BufferPtr* buffer : {&from_, &to_}) {
      auto allocated = device_.allocate(bytes_);
      if (!allocated) return allocated.error();
      *buffer = std::move(allocated).value();
    }
    // Memory of one value is what hardware may compress.
    pattern_.resize(kPatternBytes / sizeof(std::uint32_t));
    draw_words({kSeed, kProbeStream}, 0, pattern_);
    for (std::uint64_t begin = 0; begin < bytes_; begin += kPatternBytes) {
      const auto sent = device_.upload(*from_, begin, std::as_bytes(std::span(pattern_)));
      if (!sent) return sent;
    }
    return Done{};
  }

  Outcome make_pipeline() {
    const DeviceTraits& traits = device_.traits();
    threads_ = std::bit_floor(
        std::min({kThreads, traits.max_workgroup_invocations, traits.max_workgroup_size[0]}));
    auto pipeline = device_.pipeline(
        shader_code(kShader),
        {kShader, {{kThreadsId, threads_}, {kVectorsId, kVectors}}, sizeof(CopyPush), 0});
    if (!pipeline) return pipeline.error();
    pipeline_ = std::move(pipeline).value();
    return Done{};
  }

  Result<SubmitTime> launch() {
    const CopyPush push{from_->address(), to_->address()};
    const std::uint64_t group_bytes = std::uint64_t{threads_} * kVectors * kVectorBytes;
    const std::uint64_t groups = bytes_ / group_bytes;
    const auto columns = static_cast<std::uint32_t>(std::min<std::uint64_t>(groups, kMostColumns));
    const auto rows = static_cast<std::uint32_t>(groups / columns);
    Dispatch dispatch{pipeline_.get(), std::vector<std::byte>(sizeof push), {columns, rows, 1}, {}};
    std::memcpy(dispatch.push.data(), &push, sizeof push);
    return device_.submit({&dispatch, 1});
  }

  /// Seconds of the shortest. The first, on poisoned memory, is checked and not counted.
  Result<double> best_of(const std::function<Result<SubmitTime>()>& copy) {
    if (auto poisoned = device_.fill(*to_, kPoison); !poisoned) return poisoned.error();
    if (const auto first = copy(); !first) return first.error();
    if (auto right = check(); !right) return right.error();
    return shortest_launch(copy);
  }

  Outcome check() {
    std::vector<std::uint32_t> copied(pattern_.size());
    for (std::uint64_t begin = 0; begin < bytes_; begin += kPatternBytes) {
      const auto read = device_.download(*to_, begin, std::as_writable_bytes(std::span(copied)));
      if (!read) return read;
      if (copied == pattern_) continue;
      return Error{ErrorKind::internal,
                   fmt::format("a copy of {} MiB is not its original", bytes_ / (1U << 20))};
    }
    return Done{};
  }

  Device& device_;
  std::uint64_t bytes_;
  std::uint32_t threads_ = 0;
  std::vector<std::uint32_t> pattern_;
  BufferPtr from_;
  BufferPtr to_;
  PipelinePtr pipeline_;
};

}  // namespace

Result<double> measure_copy(Device& device) {
  return CopyRun(device).measure();
}

}  // namespace gpubench
