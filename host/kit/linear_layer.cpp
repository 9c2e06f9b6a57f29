#include "kit/linear_layer.h"

#include "emulator/matmul.h"
#include "kernels/random.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kStreamX = 128;

}  // namespace

LinearCase linear_case(std::size_t rows, std::uint64_t seed) {
  LinearCase made;
  made.x.resize(rows * kLinearInputs);
  draw_normal({seed, kStreamX}, 0, made.x);
  for (std::size_t i = 0; i < kLinearInputs; ++i) {
    for (std::size_t o = 0; o < kLinearOutputs; ++o) {
      made.weights_t.push_back(kLinearWeights[o * kLinearInputs + i]);
    }
  }
  const MatmulArithmetic exact = {.accumulator = {NumberFormat::fp64}};
  made.reference =
      emulate_matmul(exact, {rows, kLinearOutputs, kLinearInputs}, made.x, made.weights_t);
  return made;
}

}  // namespace gpubench
