// made_sets.h — sets of runs made of a few numbers, for tests of what is compared.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "compare/run_set.h"

namespace gpubench {

inline constexpr double kDay_s = 86400;

/// One series, one time for each run, from run 0 on; the samples of a run reach 1 % to either side.
inline SeriesSide side_of(std::span<const double> seconds, std::string case_id = "gemm/one") {
  SeriesSide side;
  side.case_id = std::move(case_id);
  side.device_name = "GPU";
  side.device_uuid = "u1";
  for (std::size_t run = 0; run < seconds.size(); ++run) {
    const double log_s = std::log(seconds[run]);
    side.times.push_back({run, seconds[run], log_s, log_s - 0.01, log_s + 0.01});
  }
  side.rows = side.checked_rows = seconds.size();
  side.kernel_hash.add("hash");
  side.fill.add("normal");
  side.timer.add("gpu_timestamp");
  side.precision = PrecisionRank::confirmed;
  side.rel_fro_err = 1e-7;
  side.distinct_outputs = 1;
  side.output_hash.add("bits");
  return side;
}

/// Runs a minute apart from `started_s` on.
inline std::vector<SetRun> runs_named(const std::string& prefix, std::size_t count,
                                      double started_s) {
  std::vector<SetRun> runs;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = fmt::format("{}{:03}", prefix, i);
    runs.push_back(
        {id, "host", "0.1.0 (abc)", id + "/results.csv", started_s + 60 * static_cast<double>(i)});
  }
  return runs;
}

inline RunSet set_of(const std::string& prefix, std::vector<SeriesSide> series,
                     double started_s = 0) {
  RunSet set;
  std::size_t runs = 0;
  for (const SeriesSide& side : series) runs = std::max(runs, side.rows);
  set.runs = runs_named(prefix, runs, started_s);
  for (const SeriesSide& side : series) {
    bool known = false;
    for (const SetDevice& device : set.devices) {
      known = known || (device.name == side.device_name && device.uuid == side.device_uuid);
    }
    if (!known) set.devices.push_back({side.device_name, side.device_uuid, {"driver 1"}});
  }
  set.series = std::move(series);
  return set;
}

/// Times around `seconds` whose logarithms have this standard deviation.
inline std::vector<double> noisy_times(std::size_t count, double seconds, double noise,
                                       std::mt19937_64& random) {
  std::normal_distribution<double> normal(std::log(seconds), noise);
  std::vector<double> times(count);
  for (double& time : times) time = std::exp(normal(random));
  return times;
}

}  // namespace gpubench
