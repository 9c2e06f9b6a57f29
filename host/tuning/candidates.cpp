#include "tuning/candidates.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace gpubench {
namespace {

// What others found good on GPUs: 128 sums to a lane, square blocks to a subgroup, deeper tiles
// where sums are few. Starting points, not results: each is timed before it may win.
struct Seed {
  std::string_view kernel;
  std::string_view tuning;
};
constexpr std::array kSeeds{
    Seed{"tiled", "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8"},
    Seed{"tiled", "tile_m=128 tile_n=128 tile_k=8 thread_m=8 thread_n=16 pad=1 group_rows=8"},
    Seed{"tiled", "tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=8 pad=1 group_rows=8"},
    Seed{"tiled", "tile_m=64 tile_n=128 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=16"},
    // Twice the sums, where FP16 sums lie two to a register; refused elsewhere.
    Seed{"tiled", "tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8"},
    Seed{"tiled", "tile_m=128 tile_n=128 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8"},
    Seed{"coop", "subgroups_m=2 subgroups_n=4 part_m=64 part_n=64 tile_k=32 pad=1 group_rows=8"},
    Seed{"coop", "subgroups_m=2 subgroups_n=2 part_m=64 part_n=64 tile_k=16 pad=1 group_rows=8"},
    Seed{"coop", "subgroups_m=2 subgroups_n=4 part_m=64 part_n=32 tile_k=32 pad=1 group_rows=8"},
    Seed{"coop", "subgroups_m=4 subgroups_n=2 part_m=32 part_n=64 tile_k=32 pad=1 group_rows=16"},
    Seed{"coop2", "threads=256 tile_m=128 tile_n=256 tile_k=64 unroll=4 group_rows=8 tensors=1"},
    Seed{"coop2", "threads=256 tile_m=256 tile_n=128 tile_k=64 unroll=1 group_rows=8 tensors=1"},
    Seed{"coop2", "threads=256 tile_m=128 tile_n=256 tile_k=32 unroll=8 group_rows=16 tensors=1"},
    Seed{"coop2", "threads=128 tile_m=128 tile_n=128 tile_k=64 unroll=1 group_rows=8 tensors=1"},
};

class Collector {
 public:
  Collector(const Kernel& kernel, const Problem& problem, Precision precision,
            const DeviceTraits& device, std::size_t most)
      : kernel_(kernel), problem_(problem), precision_(precision), device_(device), most_(most) {}

  std::vector<Tuning> collect(std::span<const Tuning> seeds) {
    const auto own = kernel_.launch(problem_, precision_, device_);
    if (!own) return {};
    own_ = own->tuning;
    found_.emplace_back();
    if (kernel_.parameters().empty()) return std::move(found_);
    for (const Tuning& seed : seeds) add(seed);
    for (const Seed& seed : kSeeds) {
      if (seed.kernel == kernel_.name) add(*parse_tuning(seed.tuning));
    }
    add_neighbours();
    add_others();
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_full() const { return found_.size() >= most_; }

  void add(const Tuning& tuning) {
    if (is_full() || tuning == own_ || std::ranges::find(found_, tuning) != found_.end()) return;
    if (kernel_.launch(problem_, precision_, device_, tuning)) found_.push_back(tuning);
  }

  void add_neighbours() {
    for (std::size_t p = 0; p < own_.size(); ++p) {
      for (const std::uint32_t value : kernel_.parameters()[p].values) {
        Tuning changed = own_;
        changed[p].value = value;
        add(changed);
      }
    }
  }

  /// Every combination once: a step that shares no divisor with their number visits them all.
  void add_others() {
    const std::uint64_t count = combinations(kernel_.parameters());
    std::uint64_t step = count * 5 / 8 | 1;
    while (std::gcd(step, count) != 1) step += 2;
    std::uint64_t index = 0;
    for (std::uint64_t i = 0; i < count && !is_full(); ++i) {
      index = (index + step) % count;
      add(combination(kernel_.parameters(), index));
    }
  }

  const Kernel& kernel_;
  const Problem& problem_;
  Precision precision_;
  const DeviceTraits& device_;
  std::size_t most_;
  Tuning own_;
  std::vector<Tuning> found_;
};

}  // namespace

std::vector<Tuning> candidates_for(const Kernel& kernel, const Problem& problem,
                                   Precision precision, const DeviceTraits& device,
                                   std::size_t most, std::span<const Tuning> seeds) {
  return Collector(kernel, problem, precision, device, most).collect(seeds);
}

}  // namespace gpubench
