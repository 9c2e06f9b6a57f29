#include "exchange/benchmark_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "exchange/series.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNanoseconds = 1e9;

Json context_of(const History& history) {
  Json context = {{"executable", "gpubench"}, {"library_build_type", "release"}};
  if (history.size() == 0) return context;
  const std::size_t last = history.size() - 1;
  context["date"] = std::string(history.text("started_at")[last]);
  context["host_name"] = std::string(history.text("host")[last]);
  context["gpubench_version"] = std::string(history.text("tool_version")[last]);
  context["gpubench_commit"] = std::string(history.text("tool_commit")[last]);
  return context;
}

void add_counter(Json& entry, const History& history, std::size_t row, const char* column) {
  const double value = history.number(column)[row];
  if (!std::isnan(value)) entry[column] = value;
}

void add_times(Json& entry, const History& history, std::size_t row) {
  const double gpu_s = history.number("time_median_s")[row];
  const double host_s = history.number("host_median_s")[row];
  const double samples = history.number("samples")[row];
  entry["iterations"] = std::isnan(samples) ? 1 : static_cast<std::int64_t>(samples);
  entry["real_time"] = gpu_s * kNanoseconds;
  entry["cpu_time"] = (std::isnan(host_s) ? gpu_s : host_s) * kNanoseconds;
  entry["time_unit"] = "ns";
  for (const char* column :
       {"throughput_flops", "bandwidth_bytes_per_s", "fraction_of_peak", "rel_fro_err"}) {
    add_counter(entry, history, row, column);
  }
}

Json entry_of(const History& history, const ExportedSeries& series, std::size_t family,
              std::size_t repetition) {
  const std::size_t row = series.rows[repetition];
  Json entry = {{"name", series.name},
                {"family_index", family},
                {"per_family_instance_index", 0},
                {"run_name", series.name},
                {"run_type", "iteration"},
                {"repetitions", series.rows.size()},
                {"repetition_index", repetition},
                {"threads", 1},
                {"label", std::string(history.text("run_id")[row])}};
  if (has_time(history, row)) {
    add_times(entry, history, row);
  } else {
    const std::string_view reason = history.text("reason")[row];
    entry["error_occurred"] = true;
    entry["error_message"] = std::string(reason.empty() ? history.text("status")[row] : reason);
  }
  return entry;
}

}  // namespace

std::string benchmark_json(const History& history) {
  Json benchmarks = Json::array();
  const auto all = exported_series(history);
  for (std::size_t family = 0; family < all.size(); ++family) {
    for (std::size_t i = 0; i < all[family].rows.size(); ++i) {
      benchmarks.push_back(entry_of(history, all[family], family, i));
    }
  }
  const Json json = {{"context", context_of(history)}, {"benchmarks", std::move(benchmarks)}};
  return json.dump(1) + '\n';
}

}  // namespace gpubench
