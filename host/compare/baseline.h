// baseline.h — how fast each case of a kind of device is known to be, and on what evidence.
// Knows nothing of files; see baseline_file.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compare/comparison.h"
#include "compare/run_set.h"

namespace gpubench {

/// With fewer, a baseline is provisional: what fails against it is a warning.
inline constexpr std::size_t kFewestBaselineDevices = 3;
inline constexpr std::size_t kFewestBaselineSessions = 5;

struct BaselineSeries {
  std::string case_id, device_name, kernel_hash, fill, timer;
  std::vector<double> medians_s;  ///< One for each run and device, in the order of time.
  double median_s = 0;
  double spread = 0;     ///< Of medians_s: robust relative deviation.
  double floor_rel = 0;  ///< A/A floor; 0 where there are too few runs for one.
  std::size_t sessions = 0;
  std::optional<double> rel_fro_err;  ///< The largest.
  std::string precision_verdict;      ///< The worst; "not_probed" where nobody looked.
};

struct BaselineDevice {
  std::string name;
  std::size_t devices = 0;  ///< Different ones, by device_uuid.
  std::size_t sessions = 0;
  std::vector<std::string> drivers;
};

/// The baseline that this one took the place of.
struct ReplacedBaseline {
  std::string file, content_hash;
};

struct Baseline {
  std::string content_hash;  ///< Names the baseline: of all of its text but this line.
  std::string created_at, by, tool;
  bool provisional = true;
  std::optional<ReplacedBaseline> replaces;
  std::vector<std::string> runs;  ///< By name.
  std::vector<BaselineDevice> devices;
  std::map<std::pair<std::string, std::string>, BaselineSeries> series;

  /// Null where the baseline does not know the case on such a device.
  [[nodiscard]] const BaselineSeries* find(std::string_view case_id,
                                           std::string_view device_name) const;
};

struct BaselineOrigin {
  std::string created_at, by, tool;
  std::optional<ReplacedBaseline> replaces;
};

/// Fails with `input` where nothing can be learnt from the runs: none has a time; a case's kernel,
/// fill or timer changed between them. A floor of `floors` counts where it is larger.
/// Whether the runs are good enough is asked of baseline_faults().
Result<Baseline> make_baseline(const RunSet& set, const BaselineOrigin& origin,
                               const SeriesFloors& floors = {});

/// Why these runs must not become a baseline, one line each: a row that failed, an output that
/// failed its check or proves nothing, a precision below the declared one, a half-written file.
std::vector<std::string> baseline_faults(const RunSet& set);

/// What the interval and p-value rest on.
enum class BaselineEvidence : std::uint8_t {
  none,     ///< Too few runs for either.
  ranks,    ///< Mann–Whitney and Hodges–Lehmann, as in a comparison.
  student,  ///< Too few runs for ranks: the baseline's log times taken as normal.
};

struct BaselineComparison {
  double baseline_s = 0;  ///< Median of the baseline.
  double observed_s = 0;  ///< Median of the new runs.
  double delta_rel = 0;   ///< Change of time: above 0 is slower.
  double minimum_effect = kMinimumEffect;
  std::optional<double> ci_low, ci_high;  ///< 95 % interval of delta_rel.
  std::optional<double> p_value;          ///< Two-sided, not adjusted.
  BaselineEvidence evidence = BaselineEvidence::none;
  std::size_t n_base = 0, n_new = 0;
};

/// `medians_s` are those of one new run or of several: at least one, all above 0.
BaselineComparison compare_with_baseline(const BaselineSeries& series,
                                         std::span<const double> medians_s);

}  // namespace gpubench
