// softmax_fit.h — which formats come nearest to what a softmax gave, and whether they explain all
// of it. Knows nothing of what a path declares.
#pragma once

#include <string>
#include <vector>

#include "fingerprint/softmax_probe.h"

namespace gpubench {

/// What a softmax was asked, and what it gave.
struct SoftmaxEvidence {
  NumberFormat storage = NumberFormat::fp32;
  std::size_t columns = 0;
  SoftmaxSeen seen;
  std::vector<SoftmaxRow> rows;       ///< Random ones.
  std::vector<std::vector<float>> y;  ///< Of the random rows.
};

struct SoftmaxCandidate {
  SoftmaxArithmetic arithmetic;
  double distance = 0;  ///< Rms of the relative errors of some random outputs.
};

/// Formats that the range and the output leave possible, the nearest first.
std::vector<SoftmaxCandidate> rank_softmaxes(const SoftmaxEvidence& evidence);

/// Whether random outputs cannot tell a candidate from the nearest.
bool is_as_near(const SoftmaxCandidate& candidate, const SoftmaxCandidate& nearest);
/// Whether sums in another format, perhaps in another order, are the only difference.
bool differs_in_sum_alone(SoftmaxArithmetic one, const SoftmaxArithmetic& other);

/// What an arithmetic makes of all that was asked, against what came out.
struct SoftmaxTrial {
  SoftmaxArithmetic arithmetic;
  double largest_error = 0;  ///< Of all random outputs, relative.
  double allowed_error = 0;  ///< What Vulkan lets a device add.
  std::string objection;     ///< What it does not explain; "" where it explains everything.
};
SoftmaxTrial try_softmax(const SoftmaxArithmetic& arithmetic, const SoftmaxEvidence& evidence);

/// Exponentials that ranking emulates for `rows` random rows.
double ranking_steps(std::size_t rows, std::size_t columns);

}  // namespace gpubench
