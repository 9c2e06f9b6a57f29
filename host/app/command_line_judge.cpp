#include "app/command_line_judge.h"

#include <CLI/CLI.hpp>

namespace gpubench {
namespace {

constexpr const char* kExamples =
    "Reads what runs left behind and says whether they qualify: no device is needed, and the same\n"
    "files give the same verdict. Each run's folder gets a checks.csv.\n"
    "Exit code: 0 qualified, 1 not qualified, 2 bad input, 3 inconclusive.\n"
    "Examples:\n"
    "  ./gpubench judge results/20261121T103005Z-matmul-3fa9\n"
    "  ./gpubench judge results --criteria criteria.yaml --expect hosts.txt --out checks.csv\n"
    "  ./gpubench judge results --allow-software --junit checks.xml --prometheus gpubench.prom";

}  // namespace

void add_judge(CLI::App& app, JudgeArguments& arguments) {
  CLI::App* judge = app.add_subcommand("judge", "Say whether runs qualify, from their files alone");
  judge->add_option("run", arguments.paths, "Folders of runs, results.csv, or folders of those")
      ->required();
  judge->add_option("--criteria", arguments.criteria_file, "Limits and waivers: docs/judging.md");
  judge->add_option("--baseline", arguments.baseline_file,
                    "What `gpubench baseline create` made of good runs");
  judge->add_option("--expect", arguments.expect_file,
                    "Hosts that must have a run, one a line, and how many devices");
  judge->add_flag("--allow-software", arguments.allow_software,
                  "A device that runs on the CPU may qualify");
  judge->add_option("--out", arguments.checks_file,
                    "All checks into this file, and none into the runs' folders");
  judge->add_option("--junit", arguments.junit_file, "Checks as JUnit XML");
  judge->add_option("--prometheus", arguments.prometheus_file,
                    "Verdict and failures as a Prometheus textfile");
  judge->add_option("--today", arguments.today,
                    "The day that waivers are held against, as 2026-12-31 (default: today, UTC)");
  judge->footer(kExamples);
}

}  // namespace gpubench
