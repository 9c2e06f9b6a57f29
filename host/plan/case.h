// case.h — one case to run: everything that names it, nothing about how it went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/problem.h"
#include "scenario/scenario.h"

namespace gpubench {

/// A fixed code from docs/results-format.md and a text; column `reason` is "code: text".
struct Reason {
  std::string code;
  std::string text;
};

struct Case {
  std::string id;  ///< "gemm/auto/fp16_acc32/nn/4096x4096x4096/normal/s42": readable, unique.
  Problem problem;
  Precision precision = Precision::fp32;
  KernelChoiceSpec kernel;
  double budget_s = 30;
  bool cache_rotate = false;
  double hold_s = 0;  ///< Samples are taken for so long, whatever they say; 0: until they agree.
  std::uint32_t repeats = 0;  ///< Launches more whose output must have the same bits.
  bool probe = false;  ///< Fingerprint the precision, too; the numbers measured are the same.
  std::optional<DecideSpec> decide{};
};

/// A combination of axes that makes no case, and why; it still gets a row.
struct DroppedCase {
  Case planned;
  Reason reason;
};

struct Plan {
  std::vector<Case> cases;
  std::vector<DroppedCase> dropped;
};

}  // namespace gpubench
