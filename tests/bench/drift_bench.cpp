// drift_bench.cpp — how long all drift metrics of one output take.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "base/half.h"
#include "drift/drift.h"
#include "drift/tolerance.h"

namespace {

using namespace gpubench;

/// Values without a pattern, cheap to make: the high bits of a multiplicative hash.
float value_at(std::uint64_t index) {
  const std::uint64_t hashed = (index + 1) * 0x9E3779B97F4A7C15U;
  return static_cast<float>(static_cast<std::int32_t>(hashed >> 33)) * 0x1p-26F - 16;
}

struct Input {
  std::vector<float> reference, output;
  std::vector<HalfBits> halves;
  std::vector<double> row_scale, column_scale;
  FreivaldsProbe probe;
  ReferenceView view;

  Input(std::uint64_t rows, std::uint64_t columns)
      : reference(rows * columns),
        output(rows * columns),
        halves(rows * columns),
        row_scale(rows, 64),
        column_scale(columns, 64) {
    for (std::uint64_t i = 0; i < reference.size(); ++i) {
      reference[i] = value_at(i);
      output[i] = reference[i] * (1 + 0x1p-22F);
    }
    halves_from_floats(output, halves);
    probe = {2, std::vector<double>(2 * columns, 0.5), std::vector<double>(2 * rows, 1.0)};
    view.rows = view.rows_per_batch = rows;
    view.columns = columns;
    view.values = reference;
    view.row_scale = row_scale;
    view.column_scale = column_scale;
    view.freivalds = &probe;
  }
};

void measure(benchmark::State& state, const OutputView& output, const ReferenceView& view) {
  const Tolerance tolerance = make_tolerance({});
  for (auto _ : state) benchmark::DoNotOptimize(measure_drift(output, view, tolerance));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(output.size()));
}

void fp32(benchmark::State& state) {
  const Input input(static_cast<std::uint64_t>(state.range(0)),
                    static_cast<std::uint64_t>(state.range(1)));
  measure(state, {input.output, {}}, input.view);
}

void fp16(benchmark::State& state) {
  const Input input(static_cast<std::uint64_t>(state.range(0)),
                    static_cast<std::uint64_t>(state.range(1)));
  measure(state, {{}, input.halves}, input.view);
}

BENCHMARK(fp32)
    ->Name("drift/fp32")
    ->Args({4096, 4096})
    ->Args({16777216, 1})
    ->Args({1, 16777216})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(fp16)
    ->Name("drift/fp16")
    ->Args({4096, 4096})
    ->Args({16777216, 1})
    ->Args({1, 16777216})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
