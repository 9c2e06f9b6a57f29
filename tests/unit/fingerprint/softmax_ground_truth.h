// softmax_ground_truth.h — softmaxes whose arithmetic is known, and what a fingerprint must say of
// each. The tests hold the fingerprint to it; the program of docs/validating.md prints it as a
// table.
#pragma once

#include <string>
#include <vector>

#include "fingerprint/softmax_fingerprint.h"

namespace gpubench {

/// A softmax as some device might compute it. Written apart from the emulator of the fingerprint,
/// with what that leaves out: exp that is not rounded correctly, and sums in other orders.
struct MadeSoftmax {
  NumberRule input = {};
  NumberFormat exp = NumberFormat::fp32;
  NumberFormat sum = NumberFormat::fp32;
  NumberFormat output = NumberFormat::fp32;
  double exp_ulp = 0;  ///< exp is off by up to so many ulp, in a way of its own for each y.
  enum class Base : std::uint8_t { e, two } base = Base::e;
  enum class Order : std::uint8_t {
    sequential,
    pairwise,
    online,  ///< Eight lanes, each with a running maximum and sum of its own.
  } order = Order::sequential;
  bool shifted = true;
};

/// y of one row.
std::vector<float> made_row(const MadeSoftmax& made, std::vector<float> x);
SoftmaxUnderTest made_softmax(const MadeSoftmax& made, std::size_t rows, std::size_t columns,
                              NumberFormat storage = NumberFormat::fp32);

struct KnownSoftmax {
  std::string name;
  Precision declared = Precision::fp32;
  SoftmaxUnderTest under_test;
  PrecisionVerdict verdict = PrecisionVerdict::confirmed;  ///< The right one.
  std::string formats;  ///< Its softmax_name; "" where it has none.
};
std::vector<KnownSoftmax> known_softmaxes();

bool judged_right(const KnownSoftmax& known, const SoftmaxFingerprint& said);
/// The table of docs/validating.md has this line for it.
std::string table_line(const KnownSoftmax& known, const SoftmaxFingerprint& said);

}  // namespace gpubench
