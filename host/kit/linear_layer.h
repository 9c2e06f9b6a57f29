// linear_layer.h — the bias-free 4→3 layer of the published case, with inputs and right answers.
// Knows nothing of files.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace gpubench {

constexpr std::size_t kLinearInputs = 4;
constexpr std::size_t kLinearOutputs = 3;

/// W[output, input], as in scenarios/data/mlp_weight.npy.
constexpr std::array<float, kLinearOutputs* kLinearInputs> kLinearWeights = {
    0.034922540F, -0.30119681F,  0.15921170F,  0.15689027F,  //
    -0.26723844F, -0.074938595F, -0.29291397F, 0.12973636F,  //
    -0.13468385F, 0.35126835F,   0.35494316F,  0.050935208F};

struct LinearCase {
  std::vector<float> x;          ///< [rows, 4], zero-mean with full significands.
  std::vector<float> weights_t;  ///< [4, 3].
  std::vector<float> reference;  ///< [rows, 3]: exact, then rounded once to float32.
};
LinearCase linear_case(std::size_t rows, std::uint64_t seed);

}  // namespace gpubench
