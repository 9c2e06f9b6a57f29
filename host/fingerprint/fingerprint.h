// fingerprint.h — in which precision a matmul really works, held against the one that it declares.
// Knows what goes in and what comes out; nothing of devices, kernels or time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fingerprint/confirm.h"
#include "fingerprint/names.h"
#include "fingerprint/precision_verdict.h"

namespace gpubench {

/// What was seen in one region of the output.
struct RegionFingerprint {
  Region region;
  PrecisionVerdict verdict = PrecisionVerdict::unresolved;
  Inference inference;
  std::string name;     ///< Of the inferred arithmetic. It holds only when nothing mismatches.
  Agreement agreement;  ///< Of that arithmetic with random outputs.
  std::string nearest;  ///< The common paths whose random outputs are closest.
  std::string runner_up;
  /// Infinities and NaN that come out otherwise than the arithmetic has it, such as
  /// "Inf · 0 gives 0, not NaN"; and the same of numbers at some k, or of a sum of ones.
  std::vector<std::string> odd_specials;
  std::vector<std::string> odd_places;
  /// Where the name does not hold: what is sure whatever the order of the sums.
  std::vector<std::string> proven;
};

struct Fingerprint {
  PrecisionVerdict verdict = PrecisionVerdict::unresolved;  ///< The worst of the regions'.
  std::string reason;                      ///< One sentence that says what the verdict rests on.
  std::vector<RegionFingerprint> regions;  ///< Empty when wrong or nondeterministic.
  int launches = 0;

  /// Of the worst region's arithmetic; "" where that is not sure.
  [[nodiscard]] std::string name() const;
};

/// A and B of -1, 0 and 1 whose products are exact in every precision.
RandomProduct integer_operands(const MatmulShape& shape, std::uint64_t seed);
/// What is wrong with C of such a product; "" when nothing is.
std::string fault_in_integers(const RandomProduct& product);

/// Zeros in about half of the rows of A, but never in the first. Which, is up to the seed.
RandomProduct with_cleared_rows(RandomProduct product, std::uint64_t seed);
/// Z7: which algorithm leaves its rounding errors where A has rows of zeros; "" when none does.
std::string fault_in_cleared_rows(const RandomProduct& product);

/// What a region's evidence says, held to its random outputs.
RegionFingerprint judge_region(const Region& region, const Evidence& evidence,
                               const std::vector<RandomProduct>& products, NumberFormat storage,
                               const WorkingBits& declared);
/// Holds the region's arithmetic to the answers of checks; then the verdict is known.
void conclude(RegionFingerprint& found, const Checks& checks, std::size_t k,
              const WorkingBits& declared);
/// "; Inf · 0 gives 0, not NaN, and 2 more": what checks found odd; "" where nothing is.
std::string oddities_of(const RegionFingerprint& found);
/// Of at least one region.
Fingerprint fingerprint_of(std::vector<RegionFingerprint> regions, int launches);

/// Two terms that meet and a third.
inline constexpr std::size_t kLeastFingerprintDepth = 3;

/// What a fingerprint takes where all outputs are computed alike; each further region takes about
/// as much again.
struct FingerprintCost {
  double launches = 0;
  double steps = 0;  ///< Multiplications and additions that are emulated.
};
FingerprintCost fingerprint_cost(const MatmulShape& shape);

/// Fails only where the matmul under test does, or where k is below kLeastFingerprintDepth.
Result<Fingerprint> take_fingerprint(const MatmulUnderTest& under_test, Precision declared,
                                     std::uint64_t seed);

}  // namespace gpubench
