// reference_bench.cpp — the CPU reference against a bare oneDNN sgemm of the same shape, and what
// the checks beside it cost.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <cstdint>
#include <dnnl.hpp>
#include <vector>

#include "reference/emulate.h"
#include "reference/onednn.h"
#include "reference/reference.h"

namespace {

using namespace gpubench;

Problem square(const benchmark::State& state) {
  const auto n = static_cast<std::uint32_t>(state.range(0));
  Problem problem;
  problem.shape = {.m = n, .n = n, .k = n, .batch = 1};
  return problem;
}

Inputs inputs_of(const Problem& problem) {
  return *make_inputs(problem, Format::f32);
}

void report_rate(benchmark::State& state, const Problem& problem) {
  state.counters["FLOP/s"] = benchmark::Counter(
      flop(problem) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// The yardstick: result memory already touched.
void bare_sgemm(benchmark::State& state) {
  const Problem problem = square(state);
  const Inputs inputs = inputs_of(problem);
  const dnnl_dim_t n = problem.shape.n;
  std::vector<float> c(problem.c_elements());
  for (auto _ : state) {
    dnnl_sgemm('N', 'N', n, n, n, 1.0F, inputs.a.data(), n, inputs.b.data(), n, 0.0F, c.data(), n);
    benchmark::ClobberMemory();
  }
  report_rate(state, problem);
}

/// What shaders/gemm/README.md compares the kernels with. OPENBLAS_CORETYPE=Haswell makes it the
/// AVX2 kernel, OPENBLAS_NUM_THREADS sets the threads.
void openblas_sgemm(benchmark::State& state) {
  const Problem problem = square(state);
  const Inputs inputs = inputs_of(problem);
  const auto n = static_cast<blasint>(problem.shape.n);
  std::vector<float> c(problem.c_elements());
  for (auto _ : state) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0F, inputs.a.data(), n,
                inputs.b.data(), n, 0.0F, c.data(), n);
    benchmark::ClobberMemory();
  }
  report_rate(state, problem);
}

/// As compute_reference does it: fresh result memory.
void fp32_reference(benchmark::State& state) {
  const Problem problem = square(state);
  const Inputs inputs = inputs_of(problem);
  for (auto _ : state) {
    FloatArray c(problem.c_elements());
    onednn_product(problem.shape, Transposed::no, inputs.a.data(), inputs.b.data(), c.data());
    benchmark::DoNotOptimize(c.data());
  }
  report_rate(state, problem);
}

void error_scales(benchmark::State& state) {
  const Problem problem = square(state);
  const Inputs inputs = inputs_of(problem);
  for (auto _ : state) benchmark::DoNotOptimize(product_scales(problem, inputs));
}

void freivalds(benchmark::State& state) {
  const Problem problem = square(state);
  const Inputs inputs = inputs_of(problem);
  for (auto _ : state) benchmark::DoNotOptimize(gaussian_probe(problem, inputs, 4));
}

void oracle(benchmark::State& state) {
  const Problem problem = square(state);
  const Inputs inputs = inputs_of(problem);
  for (auto _ : state) {
    benchmark::DoNotOptimize(compute_oracle(problem, inputs, sample_rows(problem, 64)));
  }
}

/// Everything, generation included.
void whole_reference(benchmark::State& state) {
  const Problem problem = square(state);
  for (auto _ : state) benchmark::DoNotOptimize(compute_reference(problem, Format::f32));
  report_rate(state, problem);
}

void emulation(benchmark::State& state, Precision precision) {
  const Problem problem = square(state);
  const auto rows = affordable_rows(problem, sample_rows(problem, 64));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        emulate_rows(problem, storage(precision), next_lower_arithmetic(precision), rows));
  }
  state.counters["rows"] = static_cast<double>(rows.size());
}

#define GPUBENCH_AT_SIZES(part)  \
  BENCHMARK(part)                \
      ->Name("reference/" #part) \
      ->Arg(2048)                \
      ->Arg(4096)                \
      ->UseRealTime()            \
      ->Unit(benchmark::kMillisecond)

GPUBENCH_AT_SIZES(bare_sgemm);
GPUBENCH_AT_SIZES(openblas_sgemm);
GPUBENCH_AT_SIZES(fp32_reference);
GPUBENCH_AT_SIZES(error_scales);
GPUBENCH_AT_SIZES(freivalds);
GPUBENCH_AT_SIZES(oracle);
GPUBENCH_AT_SIZES(whole_reference);
BENCHMARK_CAPTURE(emulation, tf32_for_fp32, Precision::fp32)
    ->Name("reference/emulation/tf32_for_fp32")
    ->Arg(4096)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(emulation, fp16_for_fp16_acc32, Precision::fp16_acc32)
    ->Name("reference/emulation/fp16_for_fp16_acc32")
    ->Arg(4096)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
