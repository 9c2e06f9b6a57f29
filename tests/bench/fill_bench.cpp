// fill_bench.cpp — how fast input tensors are made, and turned into their storage format.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>

#include "kernels/fill.h"
#include "reference/float_array.h"

namespace {

using namespace gpubench;

/// One tensor of n x n elements; the pages are touched before the clock starts.
void fill(benchmark::State& state, Fill kind, Format storage) {
  const auto n = static_cast<std::uint32_t>(state.range(0));
  Problem problem;
  problem.fill = kind;
  problem.shape = {.m = n, .n = n, .k = n, .batch = 1};
  FloatArray values(problem.a_elements());
  std::ranges::fill(values.span(), 0.0F);
  for (auto _ : state) {
    if (!fill_tensor(problem, Tensor::a, 0, values.span())) state.SkipWithError("fill failed");
    quantise(values.span(), storage);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

BENCHMARK_CAPTURE(fill, normal_f32, Fill::normal, Format::f32)
    ->Arg(4096)
    ->Arg(16384)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fill, normal_f16, Fill::normal, Format::f16)
    ->Arg(4096)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fill, uniform_f32, Fill::uniform, Format::f32)
    ->Arg(4096)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fill, int_exact_f32, Fill::int_exact, Format::f32)
    ->Arg(2047)
    ->Arg(4096)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fill, cancel_f32, Fill::cancel, Format::f32)
    ->Arg(4096)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
