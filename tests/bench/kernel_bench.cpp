#include "bench/kernel_bench.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>

#include "bench/bench_device.h"
#include "bench/verified_kernel.h"
#include "kernels/kernel.h"
#include "plan/expand.h"

namespace gpubench::bench {
namespace {

KernelOutcomes outcomes;

/// Google Benchmark calls a function again and again to find out how often to run it, so the
/// kernel in hand is kept. Only that one: others need the memory.
struct InHand {
  std::string case_id;
  std::unique_ptr<VerifiedKernel> kernel;
};
InHand in_hand;

const KernelSources kNoSources;

/// Square, with the bias and the activation that a linear layer is there for.
Case case_of(const Kernel& kernel, Precision precision, std::uint32_t size) {
  Case planned;
  planned.problem.op = kernel.op;
  planned.problem.shape = {.m = size, .n = size, .k = size};
  if (kernel.op == Op::softmax) planned.problem.shape.k = 0;
  if (kernel.op == Op::linear) {
    planned.problem.layout = Layout::nt;
    planned.problem.activation = Activation::gelu;
    planned.problem.bias = true;
  }
  planned.precision = precision;
  planned.kernel.name = std::string(kernel.name);
  planned.id = case_id(planned);
  return planned;
}

void give_up(benchmark::State& state, std::size_t& counter, const std::string& why) {
  ++counter;
  in_hand = {};
  state.SkipWithError(why.c_str());
}

void give_up(benchmark::State& state, const Error& error) {
  const bool lacks = error.kind == ErrorKind::unsupported || error.kind == ErrorKind::out_of_memory;
  give_up(state, lacks ? outcomes.unable : outcomes.broken, error.message);
}

/// False when there is nothing to time; the state then says why.
bool take_in_hand(benchmark::State& state, const Case& planned) {
  if (in_hand.case_id == planned.id) return true;
  in_hand = {};
  const auto device = shared_device();
  if (!device) {
    give_up(state, outcomes.broken, "no device; the last line says why");
    return false;
  }
  auto made = VerifiedKernel::make(**device, planned, kNoSources);
  if (!made) {
    give_up(state, made.error());
    return false;
  }
  in_hand = {planned.id, std::move(made).value()};
  if (const auto& fault = in_hand.kernel->fault()) {
    give_up(state, outcomes.wrong, "wrong output, so not timed: " + fault->text);
    return false;
  }
  return true;
}

/// The output is judged again, since it is what was timed that must be right.
void check_again(benchmark::State& state) {
  if (auto verified = in_hand.kernel->verify(); !verified) {
    return give_up(state, verified.error());
  }
  if (const auto& fault = in_hand.kernel->fault()) {
    return give_up(state, outcomes.wrong, "wrong output after it was timed: " + fault->text);
  }
  ++outcomes.timed;
}

void time_kernel(benchmark::State& state, const Case& planned) {
  if (!take_in_hand(state, planned)) return;
  VerifiedKernel& kernel = *in_hand.kernel;
  const std::uint32_t launches = kernel.launches_per_sample();
  double host_s = 0;
  while (state.KeepRunningBatch(launches)) {
    const auto whole = kernel.launch(launches);
    if (!whole) return give_up(state, whole.error());
    state.SetIterationTime(seconds_of(*whole));
    host_s += whole->host_s;
  }
  const auto iterations = static_cast<double>(state.iterations());
  state.counters["FLOP/s"] =
      benchmark::Counter(flop(planned.problem) * iterations, benchmark::Counter::kIsRate);
  state.counters["host_s"] = host_s / iterations;
  state.SetLabel(kernel.params());
  check_again(state);
}

}  // namespace

void register_kernels(std::span<const std::uint32_t> sizes) {
  for (const Kernel& kernel : catalogue()) {
    for (const Precision precision : kernel.paths) {
      for (const std::uint32_t size : sizes) {
        const std::string name = fmt::format("{}/{}/{}/{}", to_string(kernel.op), kernel.name,
                                             to_string(precision), size);
        const Case planned = case_of(kernel, precision, size);
        benchmark::RegisterBenchmark(
            name.c_str(), [planned](benchmark::State& state) { time_kernel(state, planned); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

KernelOutcomes kernel_outcomes() {
  return outcomes;
}

void release_kernels() {
  in_hand = {};
}

}  // namespace gpubench::bench
