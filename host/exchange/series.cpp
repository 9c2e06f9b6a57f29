#include "exchange/series.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace gpubench {
namespace {

bool was_run(const History& history, std::size_t row) {
  const std::string_view status = history.text("status")[row];
  return status != "skipped" && status != "unsupported";
}

}  // namespace

std::vector<std::string_view> columns_for_export() {
  return {"run_id",
          "started_at",
          "tool_version",
          "tool_commit",
          "host",
          "device_name",
          "case_id",
          "status",
          "reason",
          "check_status",
          "time_median_s",
          "host_median_s",
          "samples",
          "timing_status",
          "throughput_flops",
          "rel_fro_err",
          "fraction_of_peak",
          "bandwidth_bytes_per_s"};
}

std::vector<ExportedSeries> exported_series(const History& history) {
  const TextColumn& cases = history.text("case_id");
  const TextColumn& devices = history.text("device_name");
  std::vector<ExportedSeries> series;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> places;
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!was_run(history, row)) continue;
    const auto [place, added] =
        places.emplace(std::pair(cases.code(row), devices.code(row)), series.size());
    if (added) series.push_back({fmt::format("{}@{}", cases[row], devices[row]), {}});
    series[place->second].rows.push_back(row);
  }
  return series;
}

bool has_time(const History& history, std::size_t row) {
  return history.text("status")[row] == "ok" && history.text("check_status")[row] != "failed" &&
         history.number("time_median_s")[row] > 0;
}

}  // namespace gpubench
