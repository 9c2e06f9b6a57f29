#include "app/command_line_export.h"

#include <CLI/CLI.hpp>
#include <map>

namespace gpubench {
namespace {

constexpr const char* kExamples =
    "gbench-json is what Google Benchmark writes: each run is a repetition of its series. "
    "wide-csv\n"
    "has a line a run and a column a series. docs/other-tools.md shows what reads them.\n"
    "Examples:\n"
    "  ./gpubench export results --format gbench-json --out new.json\n"
    "  ./gpubench export results --format wide-csv --metric throughput_flops --out wide.csv";

}  // namespace

void add_export(CLI::App& app, ExportArguments& arguments) {
  const std::map<std::string, ExportFormat> formats = {
      {"gbench-json", ExportFormat::benchmark_json}, {"wide-csv", ExportFormat::wide_csv}};
  CLI::App* command = app.add_subcommand("export", "Write runs in the formats of other tools");
  command->add_option("run", arguments.paths, "Folders of runs, results.csv, or folders of those")
      ->required();
  command->add_option("--format", arguments.format, "gbench-json or wide-csv")
      ->required()
      ->transform(CLI::CheckedTransformer(formats))
      ->type_name("FORMAT");
  command->add_option("--metric", arguments.metric, "Column of numbers, for wide-csv")
      ->capture_default_str();
  command->add_option("--out", arguments.file, "The file (default: stdout)");
  command->footer(kExamples);
}

}  // namespace gpubench
