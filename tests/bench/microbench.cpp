// microbench.cpp — gpubench_microbench: every kernel of the catalogue and the work around them
// under Google Benchmark, which keeps its own account of time.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "bench/bench_device.h"
#include "bench/kernel_bench.h"

namespace {

using namespace gpubench;
using namespace gpubench::bench;

// Larger than any matrix product that a benchmark of seconds can hold.
constexpr std::uint32_t kLargestSize = 32768;

constexpr const char* kFooter = R"(
Kernels are named operation/kernel/precision/size, and their time is the
device's own; linear has a bias and gelu. Host parts are named csv, drift,
emulate, fill, reference and transfer. Every option of Google Benchmark works:

  gpubench_microbench --benchmark_list_tests
  gpubench_microbench --benchmark_filter='gemm/.*/fp16/' --device llvmpipe
  gpubench_microbench --benchmark_filter='softmax/' --size 4096 \
      --benchmark_repetitions=9 --benchmark_out=softmax.json

Exit codes: 0 good, 1 an output was wrong, 2 the command line is wrong,
3 nothing was run, 4 no device or another failure.)";

struct Options {
  std::string device;
  std::vector<std::uint32_t> sizes{256, 512, 1024};
};

int complain(const std::string& message, ExitCode code) {
  std::fflush(stdout);
  fmt::print(stderr, "gpubench_microbench: {}\n", message);
  return static_cast<int>(code);
}

/// What Google Benchmark is to read: all that is not ours.
std::vector<std::string> parse(CLI::App& app, Options& options, int argc, char** argv) {
  app.allow_extras();
  app.footer(kFooter);
  app.add_option("--device", options.device, "Index, part of a name, or UUID, as in gpubench run");
  app.add_option("--size", options.sizes, "Sizes of the kernels' problems, such as 256,1024")
      ->delimiter(',')
      ->check(CLI::Range(1U, kLargestSize));
  app.parse(argc, argv);
  return app.remaining();
}

/// False when Google Benchmark does not know one of them either; it has said so.
bool hand_over(const char* program, std::vector<std::string> rest) {
  std::vector<char*> arguments{const_cast<char*>(program)};
  for (std::string& word : rest) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  return !benchmark::ReportUnrecognizedArguments(count, arguments.data());
}

int verdict(std::size_t matched) {
  if (matched == 0) return complain("no benchmark has such a name", ExitCode::inconclusive);
  const KernelOutcomes kernels = kernel_outcomes();
  if (device_error()) return complain(device_error()->message, exit_code_of(device_error()->kind));
  if (kernels.wrong > 0) {
    return complain(fmt::format("{} outputs were wrong", kernels.wrong), ExitCode::judged_bad);
  }
  if (kernels.broken > 0) {
    return complain(fmt::format("{} benchmarks could not run", kernels.broken),
                    ExitCode::could_not_run);
  }
  if (kernels.unable > 0 && kernels.unable == matched) {
    return complain("this device can run none of them", ExitCode::inconclusive);
  }
  return static_cast<int>(ExitCode::good);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times every kernel of gpubench, and the host's part, by Google Benchmark.",
               "gpubench_microbench");
  Options options;
  try {
    const std::vector<std::string> rest = parse(app, options, argc, argv);
    choose_device(options.device);
    register_kernels(options.sizes);
    if (!hand_over(argv[0], rest)) return static_cast<int>(ExitCode::usage);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  release_kernels();
  return verdict(matched);
}
