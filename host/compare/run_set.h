// run_set.h — one side of a comparison: what a number of runs say of each case on each device.
// Knows no other side, and judges nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// What the rows agree on, or that they do not.
struct Common {
  std::string text;    ///< Of the first row that has any.
  bool mixed = false;  ///< Another row says something else.

  void add(std::string_view other);
};

/// Worst first; the place of a word is its rank. `better` is as good as `confirmed`: both compute
/// at least what was declared.
enum class PrecisionRank : std::uint8_t {
  wrong,
  nondeterministic,
  downgraded,
  unresolved,
  confirmed,
  not_probed,
};
/// The word of results.csv; "confirmed" for both that are as good.
std::string_view to_string(PrecisionRank rank);

/// One time, of one run.
struct RunTime {
  std::size_t run = 0;  ///< Index into RunSet::runs.
  double median_s = 0, log_median = 0;
  double log_p05 = 0, log_p95 = 0;  ///< Of the samples.
  double clock_mhz = std::numeric_limits<double>::quiet_NaN();
  double throttle_ratio = std::numeric_limits<double>::quiet_NaN();
};

/// All rows of one case on one device.
struct SeriesSide {
  std::string case_id, device_name, device_uuid;
  std::vector<RunTime> times;  ///< Of the rows that have one, in the order of the runs.
  std::size_t rows = 0;
  Common kernel_hash, fill, timer;  ///< Of the rows with a time.
  std::size_t bad_rows = 0;         ///< failed, error, timeout, device_lost or out_of_memory.
  std::size_t not_run_rows = 0;     ///< skipped or unsupported.
  std::string bad_status;           ///< Status and reason of the first bad row.
  std::string not_run_status;       ///< The same of the first that did not run.
  std::size_t checked_rows = 0, mistrusted_rows = 0, check_failed_rows = 0;
  std::size_t accused_rows = 0;        ///< Whose probes found less than the row declares.
  std::size_t declared_rows = 0;       ///< Whose shader was read for what it declares.
  std::size_t declares_less_rows = 0;  ///< Whose shader declares less than the row.
  std::string declared_evidence;       ///< Of the first of those.
  PrecisionRank precision = PrecisionRank::not_probed;            ///< The worst.
  std::string observed_precision;                                 ///< Of the row with the worst.
  double rel_fro_err = std::numeric_limits<double>::quiet_NaN();  ///< The largest.
  double distinct_outputs = std::numeric_limits<double>::quiet_NaN();  ///< The largest.
  Common output_hash;
};

/// One more row's verdict of the probes; the worst counts.
void add_precision(SeriesSide& side, PrecisionRank rank, std::string_view observed);
/// The larger of two, where NaN is none.
double larger(double a, double b);
/// `more` is another device's part of the same case.
void merge(SeriesSide& into, const SeriesSide& more);

struct SetRun {
  std::string run_id, host, tool, file;
  double started_s = 0;       ///< Since 1970; 0 where the row has no readable time.
  bool half_written = false;  ///< Its last row is cut off, and left out.
};

struct SetDevice {
  std::string name, uuid;
  std::set<std::string> drivers;
};

struct RunSet {
  std::vector<SetRun> runs;
  std::vector<SetDevice> devices;
  std::vector<SeriesSide> series;  ///< One for each case_id, device name and uuid.
  std::vector<std::string> warnings;
};

/// Seconds since 1970 of "2026-11-21T10:30:05Z".
std::optional<double> parse_utc(std::string_view text);

/// Numbers the sessions: runs of one host each of which began at most an hour after the one before.
/// One number for each run, in the order given.
std::vector<std::size_t> session_numbers(std::span<const SetRun> runs);

}  // namespace gpubench
