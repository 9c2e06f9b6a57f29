// known_path_kit.h — a path of known arithmetic, asked through a probe kit.
#pragma once

#include "kit/identify.h"
#include "unit/fingerprint/ground_truth.h"

namespace gpubench {

inline Result<Identification> identify_through_kit(const KnownPath& path, std::uint64_t seed) {
  const MatmulUnderTest& under_test = path.under_test;
  const KitPlan plan({.shape = under_test.shape, .storage = under_test.storage, .seed = seed});
  std::vector<float> outputs;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const RandomProduct product = plan.operands(i);
    const auto c = under_test.multiply(product.a, product.b);
    if (!c) return c.error();
    outputs.insert(outputs.end(), c->begin(), c->end());
  }
  const KitRecording recording(plan, std::move(outputs));
  // A runtime's bf16 is stored as bf16, which a kit expects; gpubench's own path stores FP32.
  return identify(recording, path.declared == Precision::bf16
                                 ? declared_bits(path.declared)
                                 : declared_for_kit(path.declared, under_test.storage));
}

}  // namespace gpubench
