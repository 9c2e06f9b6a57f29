// emulator_bench — how long one emulated 256³ product takes; items are multiply-adds.
#include <benchmark/benchmark.h>

#include "emulator/matmul.h"

namespace gpubench {
namespace {

constexpr MatmulShape kShape = {.m = 256, .n = 256, .k = 256};

std::vector<float> some_values(std::size_t count) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(static_cast<int>(i * 7919 % 2003) - 1001) * 0x1.5p-9F);
  }
  return values;
}

void emulate(benchmark::State& state, const MatmulArithmetic& arithmetic) {
  const auto a = some_values(kShape.m * kShape.k);
  const auto b = some_values(kShape.k * kShape.n);
  for (auto _ : state) benchmark::DoNotOptimize(emulate_matmul(arithmetic, kShape, a, b));
  state.SetItemsProcessed(state.iterations() *
                          static_cast<std::int64_t>(kShape.m * kShape.n * kShape.k));
}

const NumberRule kHalf = {NumberFormat::fp16};
const NumberRule kCutFp32 = {NumberFormat::fp32, RoundingMode::toward_zero};

BENCHMARK_CAPTURE(emulate, fp32_separate, MatmulArithmetic{})->UseRealTime();
BENCHMARK_CAPTURE(emulate, fp32_fused, MatmulArithmetic{.multiply_add = MultiplyAdd::fused})
    ->UseRealTime();
BENCHMARK_CAPTURE(emulate, fp32_fused_cut,
                  MatmulArithmetic{.multiply_add = MultiplyAdd::fused, .accumulator = kCutFp32})
    ->UseRealTime();
BENCHMARK_CAPTURE(emulate, fp16,
                  MatmulArithmetic{.a = kHalf, .b = kHalf, .accumulator = kHalf, .output = kHalf})
    ->UseRealTime();
BENCHMARK_CAPTURE(emulate, matrix_unit_8_wide,
                  MatmulArithmetic{.a = kHalf,
                                   .b = kHalf,
                                   .multiply_add = MultiplyAdd::block,
                                   .block = {.width = 8, .extra_bits = 1},
                                   .accumulator = kCutFp32})
    ->UseRealTime();

}  // namespace
}  // namespace gpubench
