// paths.h — how far several outputs of the same thing are from each other, every one from every
// one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "drift/block.h"
#include "drift/drift.h"

namespace gpubench {

struct PathDistance {
  std::uint64_t compared = 0;  ///< Pairs that are finite on both sides.
  double max_abs = kNoValue;
  double rel_fro = kNoValue;  ///< ‖a - b‖ / the larger of ‖a‖ and ‖b‖
};

struct PathMatrix {
  std::size_t paths = 0;                ///< The reference, then the outputs.
  std::vector<PathDistance> distances;  ///< paths x paths, row-major, symmetric.
  /// Path → group: paths that agree as FP32 paths do share a number, counted from 0.
  std::vector<std::size_t> groups;

  [[nodiscard]] const PathDistance& at(std::size_t a, std::size_t b) const {
    return distances[a * paths + b];
  }
};

/// Takes pieces of all paths at once; others join by +=, in order of index.
class PathCollector {
 public:
  explicit PathCollector(std::size_t paths) : paths_(paths), sums_(paths * (paths - 1) / 2) {}

  void add(std::span<const std::span<const double>> pieces);
  PathCollector& operator+=(const PathCollector& other);
  [[nodiscard]] PathMatrix matrix() const;

 private:
  struct Sums {
    Lanes difference{}, first{}, second{};
    double max_abs = 0;
    std::uint64_t compared = 0;
  };
  static void add_pair(Sums& sums, std::span<const double> a, std::span<const double> b);

  std::size_t paths_;
  std::vector<Sums> sums_;  ///< (0,1), (0,2), …, (1,2), …
};

}  // namespace gpubench
