#include "app/command_line_compare.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace gpubench {
namespace {

constexpr const char* kCompareExamples =
    "BASE and NEW are each a run, a folder of runs, a results.csv or a quoted pattern; --base and\n"
    "--new take several. BASE may be the YAML file of a baseline. One median a run counts, so take "
    "at least 4 runs of each; 8 or more for\n"
    "many cases. Exit code 1: a time or an output got worse; 3: it cannot be told.\n"
    "Examples:\n"
    "  ./gpubench compare results/before results/after\n"
    "  ./gpubench compare 'results/20261121T*' 'results/20261122T*' --markdown comment.md\n"
    "  ./gpubench compare --base results/a results/b --new results/c results/d --all\n"
    "  ./gpubench compare before after --floor floor.csv --json comparison.json\n"
    "  ./gpubench compare baselines/h100.yaml 'results/20261122T*'";

constexpr const char* kCalibrateExamples =
    "Splits runs of the same thing in halves, again and again, and keeps how far apart the halves\n"
    "lie in each series. Take runs of several sessions (days), at least 4 in all.\n"
    "Examples:\n"
    "  ./gpubench calibrate results/before --out floor.csv\n"
    "  ./gpubench calibrate 'results/*-matmul-*' --device H100 --out h100-floor.csv";

constexpr const char* kBaselineExamples =
    "What judge compares new runs with: each case's times, their spread and A/A floor, and from "
    "which\n"
    "devices, drivers and runs. Refused when any run has a failure (exit code 1). Provisional, so\n"
    "that its failures are warnings, under 3 devices of a name or 5 sessions.\n"
    "Example:\n"
    "  ./gpubench baseline create 'results/*-matmul-*' --by 'Ada, lab 3' --out baselines/h100.yaml";

std::string check_text(const std::string& text) {
  return text.empty() ? "is empty; leave the option out for the default" : "";
}

}  // namespace

void add_compare(CLI::App& app, CompareOptionValues& values) {
  CLI::App* compare = app.add_subcommand("compare", "Say what got slower or worse between runs");
  compare->add_option("sets", values.sets, "BASE and NEW");
  compare->add_option("--base", values.base, "Runs to compare with");
  compare->add_option("--new", values.fresh, "Runs to judge");
  compare->add_option("-d,--device", values.device, "Only devices with this in their name")
      ->check(CLI::Validator(check_text, ""));
  compare
      ->add_option("--across", values.across,
                   "Compare all the same where these differ: devices, kernels")
      ->delimiter(',')
      ->check(CLI::IsMember({"devices", "kernels"}));
  compare->add_option("--floor", values.floor_file, "A/A floors, as calibrate writes them")
      ->check(CLI::Validator(check_text, ""));
  compare->add_option("--markdown", values.markdown_file, "Write it for a pull request, too")
      ->check(CLI::Validator(check_text, ""));
  compare->add_option("--json", values.json_file, "Write every fact to this file, too")
      ->check(CLI::Validator(check_text, ""));
  compare->add_flag("--all", values.all, "List the cases that stayed the same, too");
  compare->footer(kCompareExamples);
}

void add_calibrate(CLI::App& app, CalibrateArguments& arguments) {
  CLI::App* calibrate =
      app.add_subcommand("calibrate", "Measure how far apart runs of the same thing lie");
  calibrate->add_option("runs", arguments.runs, "Runs, folders of runs, or quoted patterns")
      ->required();
  calibrate->add_option("-o,--out", arguments.out_file, "CSV file for compare --floor")
      ->required()
      ->check(CLI::Validator(check_text, ""));
  calibrate->add_option("-d,--device", arguments.device, "Only devices with this in their name")
      ->check(CLI::Validator(check_text, ""));
  calibrate->footer(kCalibrateExamples);
}

void add_baseline(CLI::App& app, BaselineArguments& arguments) {
  const CLI::Validator text(check_text, "");
  CLI::App* baseline = app.add_subcommand("baseline", "Keep what is known to be good");
  baseline->require_subcommand(1);
  CLI::App* create = baseline->add_subcommand("create", "Make a baseline of runs that are good");
  create->add_option("runs", arguments.runs, "Runs, folders of runs, or quoted patterns")
      ->required();
  create->add_option("-o,--out", arguments.out_file, "YAML file; an old one there is replaced")
      ->required()
      ->check(text);
  create->add_option("--by", arguments.by, "Who answers for it")->required()->check(text);
  create->add_option("-d,--device", arguments.device, "Only devices with this in their name")
      ->check(text);
  create->add_option("--replaces", arguments.replaces_file, "The baseline that it replaces")
      ->check(text);
  create->add_option("--floor", arguments.floor_file, "A/A floors, as calibrate writes them")
      ->check(text);
  create->footer(kBaselineExamples);
}

Result<CompareArguments> finished_compare(const CompareOptionValues& values) {
  CompareArguments arguments;
  const bool named = !values.base.empty() || !values.fresh.empty();
  if (named && !values.sets.empty()) {
    return Error{ErrorKind::usage, "compare: give BASE and NEW, or --base and --new, not both"};
  }
  if (named ? values.base.empty() || values.fresh.empty() : values.sets.size() != 2) {
    return Error{ErrorKind::usage,
                 "compare: give two sets of runs: BASE and NEW, or --base and --new for several "
                 "paths each; see compare --help"};
  }
  arguments.base = named ? values.base : std::vector{values.sets.front()};
  arguments.fresh = named ? values.fresh : std::vector{values.sets.back()};
  arguments.device = values.device;
  arguments.floor_file = values.floor_file;
  arguments.markdown_file = values.markdown_file;
  arguments.json_file = values.json_file;
  const auto is_across = [&](const char* what) {
    return std::ranges::find(values.across, what) != values.across.end();
  };
  if (is_across("kernels")) arguments.across = Across::kernels;
  if (is_across("devices")) arguments.devices = DeviceMatch::any;
  if (values.all) arguments.listed = ListedSeries::all;
  return arguments;
}

}  // namespace gpubench
