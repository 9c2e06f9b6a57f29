// confirm.h — random matrices whose every output an inferred arithmetic must give, bit for bit.
#pragma once

#include <cstdint>
#include <vector>

#include "fingerprint/infer.h"

namespace gpubench {

/// Random A and B and the C that came back. Zero-mean, full significands, exponents spread over
/// nine binades, so that orders, roundings and formats all show in the last bits.
struct RandomProduct {
  MatmulShape shape;
  std::vector<float> a;
  std::vector<float> b;
  std::vector<float> c;
};
/// Fills a and b; c stays empty.
RandomProduct random_operands(const MatmulShape& shape, NumberFormat storage, std::uint64_t seed);

/// Enough products that the region has some thousands of outputs in them, or all that
/// kMostProducts give.
Result<std::vector<RandomProduct>> random_products(Launcher& launcher, const Region& region,
                                                   std::uint64_t seed);

/// What random products and their emulation take, where all outputs are one region.
struct ConfirmationCost {
  double products = 0;
  double steps = 0;  ///< Multiplications and additions.
};
ConfirmationCost confirmation_cost(const MatmulShape& shape);

struct Agreement {
  std::uint64_t outputs = 0;
  std::uint64_t mismatches = 0;
  [[nodiscard]] double mismatch_rate() const {
    return outputs == 0 ? 1 : static_cast<double>(mismatches) / static_cast<double>(outputs);
  }
};
Agreement agreement(const MatmulArithmetic& arithmetic, const std::vector<RandomProduct>& products,
                    const Region& region);

/// Whether nothing mismatches; a few rows are tried first.
bool agrees(const MatmulArithmetic& arithmetic, const std::vector<RandomProduct>& products,
            const Region& region);

/// ‖C - emulated‖ / ‖emulated‖ over a few rows and columns of the region.
double distance(const MatmulArithmetic& arithmetic, const RandomProduct& product,
                const Region& region);

struct Confirmation {
  MatmulArithmetic arithmetic;
  Agreement agreement;
};
/// The inferred arithmetic or, where it fails, the close relative of it that agrees best: the
/// probes leave open what they cannot reach, such as one of two orders with the same masks.
Confirmation best_agreeing(const Inference& inference, const std::vector<RandomProduct>& products,
                           const Region& region);

}  // namespace gpubench
