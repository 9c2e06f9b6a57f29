#include "reference/inputs.h"

#include <algorithm>
#include <bit>
#include <span>

#include "base/parallel.h"
#include "base/vector_clones.h"

namespace gpubench {
namespace {

constexpr std::size_t kGrain = std::size_t{1} << 18;

struct Counts {
  std::uint32_t largest_bits = 0;
  std::uint64_t half_subnormal = 0;
  std::uint64_t float_subnormal = 0;
};

// Magnitudes are compared as integers: the order is the same, and subnormals need no care.
GPUBENCH_VECTOR_CLONES
Counts count(const float* values, std::uint32_t size) {
  constexpr std::uint32_t kInfinity = 0x7F800000U;
  constexpr std::uint32_t kSmallestHalf = 0x38800000U;   // 2^-14
  constexpr std::uint32_t kSmallestFloat = 0x00800000U;  // 2^-126
  std::uint32_t largest = 0;
  std::uint32_t below_half = 0;
  std::uint32_t below_float = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(values[i]) & 0x7FFFFFFFU;
    largest = magnitude < kInfinity && magnitude > largest ? magnitude : largest;
    // Unsigned: zero wraps round and is not counted.
    below_half += magnitude - 1U < kSmallestHalf - 1U ? 1U : 0U;
    below_float += magnitude - 1U < kSmallestFloat - 1U ? 1U : 0U;
  }
  return {largest, below_half, below_float};
}

void add(Counts& total, const Counts& part) {
  total.largest_bits = std::max(total.largest_bits, part.largest_bits);
  total.half_subnormal += part.half_subnormal;
  total.float_subnormal += part.float_subnormal;
}

Counts count_all(std::span<const float> values) {
  std::vector<Counts> parts((values.size() + kGrain - 1) / kGrain);
  parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    parts[begin / kGrain] = count(values.data() + begin, static_cast<std::uint32_t>(end - begin));
  });
  Counts total;
  for (const Counts& part : parts) add(total, part);
  return total;
}

Outcome fill_whole(const Problem& problem, Format storage, Tensor tensor, std::span<float> out) {
  if (auto filled = fill_tensor(problem, tensor, 0, out); !filled) return filled;
  quantise(out, storage);
  return Done{};
}

}  // namespace

Result<Inputs> make_inputs(const Problem& problem, Format storage) {
  Inputs inputs{FloatArray(problem.a_elements()), FloatArray(problem.b_elements()),
                std::vector<float>(problem.bias_elements())};
  for (const auto& [tensor, out] :
       {std::pair(Tensor::a, inputs.a.span()), std::pair(Tensor::b, inputs.b.span()),
        std::pair(Tensor::bias, std::span(inputs.bias))}) {
    if (out.empty()) continue;
    if (const auto filled = fill_whole(problem, storage, tensor, out); !filled) {
      return filled.error();
    }
  }
  return inputs;
}

InputFacts facts_of(const Inputs& inputs) {
  Counts counts = count_all(inputs.a.span());
  add(counts, count_all(inputs.b.span()));
  const auto elements = static_cast<double>(inputs.a.size() + inputs.b.size());
  return {std::bit_cast<float>(counts.largest_bits),
          static_cast<double>(counts.half_subnormal) / elements,
          static_cast<double>(counts.float_subnormal) / elements};
}

}  // namespace gpubench
