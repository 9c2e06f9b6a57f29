#include "tuning/candidates.h"

#include <algorithm>
#include <numeric>

#include "tuning/seeds.h"

namespace gpubench {
namespace {

class Collector {
 public:
  Collector(const Kernel& kernel, const Problem& problem, Precision precision,
            const DeviceTraits& device, std::size_t most)
      : kernel_(kernel), problem_(problem), precision_(precision), device_(device), most_(most) {}

  std::vector<Tuning> collect(std::span<const Tuning> winners) {
    const auto own = kernel_.launch(problem_, precision_, device_);
    if (!own) return {};
    own_ = own->tuning;
    found_.emplace_back();
    if (kernel_.parameters().empty()) return std::move(found_);
    for (const Tuning& winner : winners) add(winner);
    for (const Tuning& seed : seeds_for(kernel_, device_.vendor_id)) add(seed);
    add_neighbours();
    add_others();
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_full() const { return found_.size() >= most_; }

  /// As what it comes to here: a tuning that leaves a parameter out is the one that names what this
  /// then is.
  void add(const Tuning& tuning) {
    if (is_full()) return;
    const auto launch = kernel_.launch(problem_, precision_, device_, tuning);
    if (!launch || launch->tuning == own_) return;
    if (std::ranges::find(found_, launch->tuning) == found_.end()) found_.push_back(launch->tuning);
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

  /// Every combination once: a step that shares no divisor with their number visits them all. One
  /// near the golden section of it soon comes by all values of the slow parameters as well, which a
  /// plain fraction, a whole number of rounds of the fast ones, leaves where they are.
  void add_others() {
    const std::uint64_t count = combinations(kernel_.parameters());
    std::uint64_t step = count * 618 / 1000 | 1;
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
                                   std::size_t most, std::span<const Tuning> winners) {
  return Collector(kernel, problem, precision, device, most).collect(winners);
}

}  // namespace gpubench
