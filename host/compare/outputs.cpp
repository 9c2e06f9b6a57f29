#include "compare/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench {
namespace {

using Findings = std::vector<OutputFinding>;

void compare_status(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  const bool was_bad = base.bad_rows > 0, is_bad = fresh.bad_rows > 0;
  if (is_bad && !was_bad) {
    findings.push_back({OutputAspect::status, OutputChange::worse,
                        fmt::format("{} of {} rows ended badly, none before; the first: {}",
                                    fresh.bad_rows, fresh.rows, fresh.bad_status)});
  } else if (was_bad && !is_bad) {
    findings.push_back({OutputAspect::status, OutputChange::better,
                        fmt::format("{} of {} rows ended badly before, none now; the first was: {}",
                                    base.bad_rows, base.rows, base.bad_status)});
  }
}

void compare_check(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  const auto add = [&](OutputChange change, std::string message) {
    findings.push_back({OutputAspect::check, change, std::move(message)});
  };
  // Those that failed are `bad_rows` as well, unless a foreign tool wrote the table.
  const bool failed = fresh.check_failed_rows > 0 && fresh.bad_rows == 0;
  if (failed && base.check_failed_rows == 0) {
    add(OutputChange::worse, fmt::format("the check failed in {} of {} rows, in none before",
                                         fresh.check_failed_rows, fresh.rows));
  }
  if (fresh.mistrusted_rows > 0 && base.mistrusted_rows == 0 && base.checked_rows > 0) {
    add(OutputChange::worse, fmt::format("{} of {} outputs prove nothing (mistrusted), none before",
                                         fresh.mistrusted_rows, fresh.rows));
  }
  if (fresh.checked_rows == 0 && base.checked_rows > 0 && fresh.bad_rows == 0 &&
      fresh.not_run_rows == 0) {
    add(OutputChange::unchecked, "outputs were compared before, and are not now");
  }
}

std::string precision_text(const SeriesSide& side) {
  std::string text(to_string(side.precision));
  if (!side.observed_precision.empty()) text += fmt::format(" ({})", side.observed_precision);
  return text;
}

void compare_precision(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  if (base.precision == fresh.precision) return;
  OutputChange change = OutputChange::better;
  if (base.precision == PrecisionRank::not_probed) {
    // A first look that finds fault is news, but no change.
    change =
        fresh.precision == PrecisionRank::confirmed ? OutputChange::better : OutputChange::changed;
  } else if (fresh.precision == PrecisionRank::not_probed) {
    change = fresh.times.empty() ? OutputChange::changed : OutputChange::unchecked;
  } else if (fresh.precision < base.precision) {
    change = OutputChange::worse;
  }
  findings.push_back(
      {OutputAspect::precision, change,
       fmt::format("precision was {}, is {}", precision_text(base), precision_text(fresh))});
}

void compare_drift(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  const double was = base.rel_fro_err, is = fresh.rel_fro_err;
  if (std::isnan(was) || std::isnan(is)) return;
  const std::string message = fmt::format("relative error was {:.2g}, is {:.2g}", was, is);
  if (is > kErrorGrowth * was) {
    findings.push_back({OutputAspect::drift, OutputChange::worse, message});
  } else if (was > kErrorGrowth * is) {
    findings.push_back({OutputAspect::drift, OutputChange::better, message});
  }
}

void compare_repeats(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  if (std::isnan(base.distinct_outputs) || std::isnan(fresh.distinct_outputs)) return;
  const bool was = base.distinct_outputs <= 1, is = fresh.distinct_outputs <= 1;
  if (was == is) return;
  findings.push_back(
      {OutputAspect::repeatability, is ? OutputChange::better : OutputChange::worse,
       is ? std::string("repeats give the same bits now")
          : fmt::format("repeats with the same input gave {:.0f} different outputs, 1 before",
                        fresh.distinct_outputs)});
}

bool has_one_output(const SeriesSide& side) {
  return !side.output_hash.mixed && !side.output_hash.text.empty();
}

/// Of another kernel, other bits are no news.
void compare_bits(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  if (base.kernel_hash.mixed || fresh.kernel_hash.mixed) return;
  if (base.kernel_hash.text != fresh.kernel_hash.text) return;
  if (has_one_output(base) && has_one_output(fresh)) {
    if (base.output_hash.text != fresh.output_hash.text) {
      findings.push_back({OutputAspect::bits, OutputChange::changed,
                          "the output has other bits, the same in every run of a side"});
    }
  } else if (has_one_output(base) && fresh.output_hash.mixed) {
    findings.push_back({OutputAspect::bits, OutputChange::changed,
                        "the output had the same bits in every run, and differs between runs now"});
  }
}

}  // namespace

std::vector<OutputFinding> compare_outputs(const SeriesSide& base, const SeriesSide& fresh) {
  Findings findings;
  compare_status(base, fresh, findings);
  compare_check(base, fresh, findings);
  compare_precision(base, fresh, findings);
  compare_drift(base, fresh, findings);
  compare_repeats(base, fresh, findings);
  compare_bits(base, fresh, findings);
  std::ranges::stable_sort(findings, {}, &OutputFinding::change);
  return findings;
}

}  // namespace gpubench
