// recording.h — what came back from somebody's multiplications of a kit's products, and the
// evidence that it holds of each region. Knows nothing of files, nor of verdicts.
#pragma once

#include <vector>

#include "kit/plan.h"

namespace gpubench {

class KitRecording {
 public:
  /// C of each product of the plan, one after the other; the plan must outlive the recording.
  KitRecording(const KitPlan& plan, std::vector<float> outputs);

  [[nodiscard]] const KitPlan& plan() const { return plan_; }
  [[nodiscard]] std::span<const float> output(std::size_t product) const;
  /// Operands and output together.
  [[nodiscard]] RandomProduct product(std::size_t product) const;

  [[nodiscard]] std::vector<Region> regions() const;
  /// Answers are those that the region holds; if it misses too many, others' fill the gaps.
  [[nodiscard]] Evidence evidence_of(const Region& region) const;
  /// The region's own answers alone: where it has none, nothing is held against it.
  [[nodiscard]] Checks checks_of(const Region& region) const;
  /// Whether an arithmetic gives the region's answers to a few of the widest masks.
  [[nodiscard]] bool explains_masks(const MatmulArithmetic& arithmetic, const Region& region) const;

 private:
  const KitPlan& plan_;
  std::vector<float> outputs_;
};

}  // namespace gpubench
