// names.h — what an arithmetic is called, and whether it holds what a path declares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/arithmetic.h"
#include "kernels/problem.h"

namespace gpubench {

/// "tf32 (RZ) inputs, fused or separate fp32 sums, blocks of 16": everything that can show in
/// results; what cannot (a fused product that was exact anyway) is named as open.
std::string path_name(const MatmulArithmetic& arithmetic);

/// "sequential", "blocks of 16 added pairwise".
std::string order_name(const MatmulArithmetic& arithmetic);

struct NamedPath {
  std::string name;
  MatmulArithmetic arithmetic;
};
/// The paths that are common, to say what an unresolved one is closest to.
std::vector<NamedPath> common_paths(NumberFormat storage);

/// Significand bits that a path works with.
struct WorkingBits {
  int a = 24;
  int b = 24;
  int sum = 24;
  int output = 24;
  bool operator==(const WorkingBits&) const = default;
};
WorkingBits working_bits(const MatmulArithmetic& arithmetic);
WorkingBits declared_bits(Precision precision);

enum class BitsComparison : std::uint8_t { fewer, equal, more };
/// `fewer` where any part has fewer; `more` where none has and some have more.
BitsComparison compare_bits(const WorkingBits& observed, const WorkingBits& declared);

}  // namespace gpubench
