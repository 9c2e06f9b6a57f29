// record_bench.cpp — what a row costs: as text, as text that is on disk before the next case, and
// when it is read again.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "history/history.h"
#include "record/columns.h"
#include "record/csv_scanner.h"
#include "record/run_folder.h"

namespace {

using namespace gpubench;
namespace fs = std::filesystem;

RunFacts bench_facts() {
  RunFacts facts;
  facts.run_id = "bench";
  return facts;
}

/// A good row with as many samples as a short case has.
Row typical_row(const RunFacts& facts) {
  Row row;
  row.run = &facts;
  row.device.name = "a device";
  row.device.uuid = "00000000-0000-0000-0000-000000000000";
  row.planned.problem.shape = {.m = 1024, .n = 1024, .k = 1024};
  row.kernel = "tiled";
  row.status = RowStatus::ok;
  row.check = CheckFacts{};
  row.series = Series{};
  for (int i = 0; i < 32; ++i) row.series->samples.push_back({1e-3 + i * 1e-6, 1.1e-3});
  row.timing = TimingStats{};
  row.timing->median_s = 1e-3;
  return row;
}

void text_of_row(benchmark::State& state) {
  const RunFacts facts = bench_facts();
  const Row row = typical_row(facts);
  for (auto _ : state) {
    benchmark::DoNotOptimize(results_line(row));
    benchmark::DoNotOptimize(sample_lines(row));
  }
  state.SetItemsProcessed(state.iterations());
}

/// A row, its samples and its flips, each synced: how fast depends on the disk.
void row_on_disk(benchmark::State& state) {
  const fs::path results =
      fs::temp_directory_path() / ("gpubench-bench-" + std::to_string(getpid()));
  RunDocument document;
  document.facts.run_id = "bench";
  document.sessions.push_back({});
  auto folder = RunFolder::create(results.string(), document);
  if (!folder) return state.SkipWithError(folder.error().message.c_str());
  Row row = typical_row(folder->facts());
  for (auto _ : state) {
    row.planned.id = std::to_string(folder->rows());
    if (auto kept = folder->append(row); !kept) {
      state.SkipWithError(kept.error().message.c_str());
      break;
    }
  }
  state.SetItemsProcessed(state.iterations());
  fs::remove_all(results);
}

/// As many rows as a thousand short runs have, in one file: one core reads it.
std::string long_table() {
  const RunFacts facts = bench_facts();
  const std::string line = results_line(typical_row(facts));
  std::string text = results_header();
  for (int row = 0; row < 20'000; ++row) text += line;
  return text;
}

void scanned_table(benchmark::State& state) {
  const std::string text = long_table();
  std::vector<CsvField> fields;
  for (auto _ : state) {
    CsvScanner scanner(text, "bench.csv");
    auto found = scanner.next(fields);
    while (found && *found == CsvScanner::Found::record) found = scanner.next(fields);
    benchmark::DoNotOptimize(scanner.end());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

/// Every column, which is more than any command asks for.
void table_by_column(benchmark::State& state) {
  const fs::path file = fs::temp_directory_path() / ("gpubench-bench-" + std::to_string(getpid()));
  const std::string text = long_table();
  std::ofstream(file, std::ios::binary) << text;
  for (auto _ : state) {
    const auto history = read_history(std::array{file.string()});
    if (!history) {
      state.SkipWithError(history.error().message.c_str());
      break;
    }
    benchmark::DoNotOptimize(history->size());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  fs::remove(file);
}

BENCHMARK(text_of_row)->Name("csv/text_of_row")->Unit(benchmark::kMicrosecond);
BENCHMARK(row_on_disk)->Name("csv/row_on_disk")->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(scanned_table)->Name("csv/scanned_table")->Unit(benchmark::kMillisecond);
BENCHMARK(table_by_column)->Name("csv/table_by_column")->Unit(benchmark::kMillisecond);

}  // namespace
