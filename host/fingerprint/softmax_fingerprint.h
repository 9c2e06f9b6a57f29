// softmax_fingerprint.h — in which precision a softmax really works, held against the one that it
// declares. Devices round exp as they like, so nothing is named to the bit here: the formats that
// are named are far nearer to what came out than any others are.
#pragma once

#include <string>
#include <vector>

#include "fingerprint/precision_verdict.h"
#include "fingerprint/softmax_fit.h"

namespace gpubench {

struct SoftmaxFingerprint {
  PrecisionVerdict verdict = PrecisionVerdict::unresolved;
  std::string reason;  ///< One sentence that says what the verdict rests on.
  std::string name;    ///< "" where no formats are sure.
  int launches = 0;

  // Nothing of what follows is known of a softmax that is wrong or nondeterministic.
  SoftmaxArithmetic nearest;
  SoftmaxSeen seen;
  std::size_t outputs = 0;      ///< Random ones.
  double distance = 0;          ///< Of the nearest: rms of their relative errors.
  double largest_error = 0;     ///< Of all of them, relative to the nearest's.
  double allowed_error = 0;     ///< What Vulkan lets a device add to the nearest.
  SoftmaxArithmetic runner_up;  ///< With other bits somewhere.
  double runner_up_distance = 0;
  /// Formats of the sum that cannot be told apart here.
  std::vector<NumberFormat> open_sums;
};

/// Rows of one element are 1 in any precision.
inline constexpr std::size_t kLeastSoftmaxColumns = 2;

struct SoftmaxFingerprintCost {
  double launches = 0;
  double steps = 0;  ///< Exponentials that are emulated.
};
SoftmaxFingerprintCost softmax_fingerprint_cost(std::size_t rows, std::size_t columns);

/// Fails only where the softmax under test does, or where rows are too short.
Result<SoftmaxFingerprint> take_softmax_fingerprint(const SoftmaxUnderTest& under_test,
                                                    Precision declared, std::uint64_t seed);

}  // namespace gpubench
