// ground_truth.h — emulated paths whose arithmetic is known, and what a fingerprint must say of
// each. The tests hold the fingerprint to it; the program of docs/validating.md prints it as a
// table.
#pragma once

#include <string>
#include <vector>

#include "fingerprint/fingerprint.h"

namespace gpubench {

struct KnownPath {
  std::string name;
  Precision declared = Precision::fp32;
  MatmulUnderTest under_test;
  PrecisionVerdict verdict = PrecisionVerdict::confirmed;  ///< The right one.
  std::string
      arithmetic;  ///< Its path_name; "" where the room knows none, so that it must not name one.
};

std::vector<KnownPath> known_paths();

/// A path that computes everything in one arithmetic.
MatmulUnderTest emulated_path(const MatmulArithmetic& arithmetic, const MatmulShape& shape,
                              NumberFormat storage = NumberFormat::fp32);

enum class Judged : std::uint8_t { right, unresolved, wrong };
/// Right: verdict and name. Unresolved is honest where a name would have been possible.
Judged judged(const KnownPath& path, const Fingerprint& said);

/// The table of docs/validating.md has this line for it, and behind it a column for the probe kit.
std::string table_line(const KnownPath& path, const Fingerprint& said);
/// What that column holds: "the same" where a kit says what the fingerprint does.
std::string kit_cell(const KnownPath& path, const Fingerprint& said, const Fingerprint& kit_said);

/// FP32 in the ways that GPUs compute it: fused or separate, in five orders, flushing or not.
MatmulArithmetic some_fp32(std::size_t choice);

/// The worst region's name, or "" where nothing was named.
std::string said_name(const Fingerprint& said);

}  // namespace gpubench
