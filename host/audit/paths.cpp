#include "audit/paths.h"

#include <algorithm>
#include <cmath>

namespace gpubench {
namespace {

// FP32 paths of long sums in different orders are this close; inputs of 11 bits are at 3e-4.
constexpr double kAgreement = 1e-5;

double root_of_sum(const Lanes& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return std::sqrt(sum);
}

/// Each path joins the group of the first path that it agrees with.
std::vector<std::size_t> groups_of(const PathMatrix& matrix) {
  std::vector<std::size_t> groups;
  std::size_t next = 0;
  for (std::size_t path = 0; path < matrix.paths; ++path) {
    std::size_t group = next;
    for (std::size_t before = 0; before < path && group == next; ++before) {
      if (matrix.at(path, before).rel_fro <= kAgreement) group = groups[before];
    }
    if (group == next) ++next;
    groups.push_back(group);
  }
  return groups;
}

}  // namespace

void PathCollector::add(std::span<const std::span<const double>> pieces) {
  std::size_t pair = 0;
  for (std::size_t a = 0; a < paths_; ++a) {
    for (std::size_t b = a + 1; b < paths_; ++b) add_pair(sums_[pair++], pieces[a], pieces[b]);
  }
}

void PathCollector::add_pair(Sums& sums, std::span<const double> a, std::span<const double> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool finite = std::isfinite(a[i]) && std::isfinite(b[i]);
    const double first = finite ? a[i] : 0;
    const double second = finite ? b[i] : 0;
    const double difference = second - first;
    const std::size_t lane = i % kLanes;
    sums.difference[lane] += difference * difference;
    sums.first[lane] += first * first;
    sums.second[lane] += second * second;
    sums.max_abs = std::max(sums.max_abs, std::abs(difference));
    sums.compared += finite;
  }
}

PathCollector& PathCollector::operator+=(const PathCollector& other) {
  for (std::size_t pair = 0; pair < sums_.size(); ++pair) {
    Sums& to = sums_[pair];
    const Sums& from = other.sums_[pair];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      to.difference[lane] += from.difference[lane];
      to.first[lane] += from.first[lane];
      to.second[lane] += from.second[lane];
    }
    to.max_abs = std::max(to.max_abs, from.max_abs);
    to.compared += from.compared;
  }
  return *this;
}

PathMatrix PathCollector::matrix() const {
  PathMatrix matrix;
  matrix.paths = paths_;
  matrix.distances.resize(paths_ * paths_);
  for (std::size_t path = 0; path < paths_; ++path) {
    matrix.distances[path * paths_ + path] = {0, 0, 0};
  }
  std::size_t pair = 0;
  for (std::size_t a = 0; a < paths_; ++a) {
    for (std::size_t b = a + 1; b < paths_; ++b, ++pair) {
      const Sums& sums = sums_[pair];
      PathDistance distance;
      distance.compared = sums.compared;
      const double size = std::max(root_of_sum(sums.first), root_of_sum(sums.second));
      if (sums.compared > 0) distance.max_abs = sums.max_abs;
      if (sums.compared > 0) distance.rel_fro = size > 0 ? root_of_sum(sums.difference) / size : 0;
      matrix.distances[a * paths_ + b] = matrix.distances[b * paths_ + a] = distance;
    }
  }
  matrix.groups = groups_of(matrix);
  return matrix;
}

}  // namespace gpubench
