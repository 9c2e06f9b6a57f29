// grouped.h — rows that share something, in the order in which it first appears.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "record/row.h"

namespace gpubench {

/// `same(a, b)` says whether two rows belong together.
template <class Same>
std::vector<std::vector<const Row*>> grouped(std::span<const Row* const> rows, const Same& same) {
  std::vector<std::vector<const Row*>> groups;
  for (const Row* row : rows) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& candidate) {
      return same(*candidate.front(), *row);
    });
    if (group == groups.end()) {
      groups.push_back({row});
    } else {
      group->push_back(row);
    }
  }
  return groups;
}

/// On one device and with the same inputs: what is left to differ is precision and kernel.
inline bool same_problem(const Row& a, const Row& b) {
  return a.device.uuid == b.device.uuid && a.planned.problem == b.planned.problem;
}

}  // namespace gpubench
