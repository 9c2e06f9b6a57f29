// cpu_peer.cpp — gpubench_cpu_peer: the FP32 products of one CPU library as a run of gpubench.
// cpu.py starts it with the environment that pins threads and code paths.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/exit_code.h"
#include "base/text.h"
#include "peers/peer_run.h"

namespace {

using namespace gpubench;
using namespace gpubench::peers;

// Three matrices of this size are 12 GiB.
constexpr std::uint32_t kLargestSize = 32768;

constexpr const char* kFooter = R"(
Inputs, checks, sampling and files are those of gpubench run. The library reads
its own environment: OPENBLAS_NUM_THREADS, OPENBLAS_CORETYPE, ONEDNN_MAX_CPU_ISA
and the affinity mask; tools/peers/cpu.py sets them.

  gpubench_cpu_peer --library openblas --size 1024,2048
  OPENBLAS_CORETYPE=Haswell gpubench_cpu_peer --library openblas

Exit codes: 0 good, 1 a result was wrong, 2 the command line is wrong,
4 could not run.)";

std::string check_seconds(const std::string& text) {
  const auto seconds = parse_seconds(text);
  return seconds && *seconds > 0 ? "" : text + ": expected a time above 0, such as 500ms or 5s";
}

int complain(const Error& error) {
  fmt::print(stderr, "gpubench_cpu_peer: {}\n", error.message);
  return static_cast<int>(exit_code_of(error.kind));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures the FP32 matrix products of a CPU library.", "gpubench_cpu_peer");
  PeerRequest request;
  request.sizes = {512, 1024, 2048};
  // The name alone: where the program lies says nothing about the run, and may be private.
  request.command_line = {"gpubench_cpu_peer"};
  request.command_line.insert(request.command_line.end(), argv + 1, argv + argc);
  std::string library = "openblas", budget = "5s";
  app.add_option("--library", library, "openblas or onednn")
      ->check(CLI::IsMember(cpu_library_names()));
  app.add_option("--size", request.sizes, "Sizes of the square products, such as 1024,2048")
      ->delimiter(',')
      ->check(CLI::Range(1U, kLargestSize));
  app.add_option("--seed", request.seed, "Seed of the inputs (42)");
  app.add_option("--budget", budget, "Time for one size (5s)")->check(check_seconds);
  app.add_option("--out", request.results_dir, "Folder for the run's own folder (results)");
  app.footer(kFooter);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  request.library = *find_cpu_library(library);
  request.budget_s = *parse_seconds(budget);
  const auto summary = run_peer(request);
  if (!summary) return complain(summary.error());
  fmt::print("{}\n", summary->folder);
  if (summary->wrong == 0) return 0;
  fmt::print(stderr, "gpubench_cpu_peer: {} of {} results were wrong\n", summary->wrong,
             summary->wrong + summary->good);
  return static_cast<int>(ExitCode::judged_bad);
}
