#include "compare/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "compare/distributions.h"

namespace gpubench {
namespace {

using Findings = std::vector<OutputFinding>;

/// How many rows of a side have a fault.
struct FaultyRows {
  std::size_t count = 0, rows = 0;
};

/// Fisher's exact test, one-sided: the share among `more` is larger.
bool is_larger_share(const FaultyRows& more, const FaultyRows& less) {
  const double p = hypergeometric_upper_tail(more.count, more.rows, more.count + less.count,
                                             more.rows + less.rows);
  return p <= kShareSignificance;
}

/// The first fault is worse however few its rows are; beyond that, the share must have risen.
OutputChange change_of_share(const FaultyRows& base, const FaultyRows& fresh) {
  if (base.count == 0) return OutputChange::worse;
  if (fresh.count == 0) return OutputChange::better;
  if (is_larger_share(fresh, base)) return OutputChange::worse;
  return is_larger_share(base, fresh) ? OutputChange::better : OutputChange::changed;
}

/// `what` follows "7 of 8 rows ".
void compare_faults(OutputAspect aspect, const FaultyRows& base, const FaultyRows& fresh,
                    std::string_view what, std::string_view first, Findings& findings) {
  // As a product, since the numbers of rows may differ.
  if (base.count * fresh.rows == fresh.count * base.rows) return;
  const std::string before =
      base.count == 0 ? "none" : fmt::format("{} of {}", base.count, base.rows);
  const std::string now =
      fresh.count == 0 ? "None" : fmt::format("{} of {} rows", fresh.count, fresh.rows);
  findings.push_back({aspect, change_of_share(base, fresh),
                      fmt::format("{} {}, {} before{}{}", now, what, before,
                                  first.empty() ? "" : "; the first: ", first)});
}

void compare_status(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  const bool is_bad = fresh.bad_rows > 0;
  compare_faults(OutputAspect::status, {base.bad_rows, base.rows}, {fresh.bad_rows, fresh.rows},
                 "ended badly", is_bad ? fresh.bad_status : base.bad_status, findings);
}

/// Rows that failed their check are `bad_rows` as well, unless a foreign tool wrote the table. Of
/// both they are told of only where other rows ended badly before, as by a timeout.
bool has_failures_of_its_own(const SeriesSide& base, const SeriesSide& fresh) {
  if (fresh.check_failed_rows == 0) return base.bad_rows == 0 && fresh.bad_rows == 0;
  return fresh.bad_rows == 0 || (base.bad_rows > 0 && base.check_failed_rows == 0);
}

void compare_check(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  if (has_failures_of_its_own(base, fresh)) {
    compare_faults(OutputAspect::check, {base.check_failed_rows, base.rows},
                   {fresh.check_failed_rows, fresh.rows}, "failed their check", "", findings);
  }
  if (base.checked_rows > 0 && fresh.checked_rows > 0) {
    compare_faults(OutputAspect::check, {base.mistrusted_rows, base.rows},
                   {fresh.mistrusted_rows, fresh.rows}, "have an output that proves nothing", "",
                   findings);
  }
  if (fresh.checked_rows == 0 && base.checked_rows > 0 && fresh.bad_rows == 0 &&
      fresh.not_run_rows == 0) {
    findings.push_back({OutputAspect::check, OutputChange::unchecked,
                        "outputs were compared before, and are not now"});
  }
}

std::string precision_text(const SeriesSide& side) {
  std::string text(to_string(side.precision));
  if (!side.observed_precision.empty()) text += fmt::format(" ({})", side.observed_precision);
  return text;
}

OutputChange change_of_precision(const SeriesSide& base, const SeriesSide& fresh) {
  if (base.precision == PrecisionRank::not_probed) {
    // A first look that finds fault: nobody knows since when, but it is no pass.
    if (fresh.accused_rows > 0) return OutputChange::worse;
    return fresh.precision == PrecisionRank::confirmed ? OutputChange::better
                                                       : OutputChange::changed;
  }
  if (fresh.precision == PrecisionRank::not_probed) {
    return fresh.times.empty() ? OutputChange::changed : OutputChange::unchecked;
  }
  return fresh.precision < base.precision ? OutputChange::worse : OutputChange::better;
}

void compare_precision(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  if (base.precision != fresh.precision) {
    findings.push_back(
        {OutputAspect::precision, change_of_precision(base, fresh),
         fmt::format("precision was {}, is {}", precision_text(base), precision_text(fresh))});
  } else if (fresh.accused_rows > 0) {
    compare_faults(OutputAspect::precision, {base.accused_rows, base.rows},
                   {fresh.accused_rows, fresh.rows}, "compute in less than they declare",
                   precision_text(fresh), findings);
  }
}

/// What the shader itself says of its arithmetic, whatever a probe sees.
void compare_declared(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  const std::string& evidence =
      fresh.declares_less_rows > 0 ? fresh.declared_evidence : base.declared_evidence;
  if (fresh.declared_rows > 0) {
    compare_faults(OutputAspect::precision, {base.declares_less_rows, base.rows},
                   {fresh.declares_less_rows, fresh.rows}, "have a shader that declares less",
                   evidence, findings);
  } else if (base.declared_rows > 0 && !fresh.times.empty()) {
    findings.push_back({OutputAspect::precision, OutputChange::unchecked,
                        "it was known what the shader declares, and is not now"});
  }
}

void compare_drift(const SeriesSide& base, const SeriesSide& fresh, Findings& findings) {
  const double was = base.rel_fro_err, is = fresh.rel_fro_err;
  if (std::isnan(was)) return;
  if (std::isnan(is)) {
    // Outputs that were not compared at all have a finding of their own.
    const bool is_compared = fresh.checked_rows > 0 && !fresh.times.empty();
    if (!is_compared) return;
    findings.push_back({OutputAspect::drift, OutputChange::unchecked,
                        fmt::format("relative error was {:.2g}, and is not known now", was)});
    return;
  }
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
  compare_declared(base, fresh, findings);
  compare_drift(base, fresh, findings);
  compare_repeats(base, fresh, findings);
  compare_bits(base, fresh, findings);
  std::ranges::stable_sort(findings, {}, &OutputFinding::change);
  return findings;
}

std::vector<OutputFinding> faults_of(const SeriesSide& fresh) {
  Findings findings;
  const auto add = [&](OutputAspect aspect, std::size_t rows, std::string_view what,
                       std::string_view first) {
    if (rows == 0) return;
    findings.push_back(
        {aspect, OutputChange::worse,
         fmt::format("{} of {} rows {}, and the base lacks the case{}{}", rows, fresh.rows, what,
                     first.empty() ? "" : "; the first: ", first)});
  };
  add(OutputAspect::status, fresh.bad_rows, "ended badly", fresh.bad_status);
  if (fresh.bad_rows == 0)
    add(OutputAspect::check, fresh.check_failed_rows, "failed their check", "");
  add(OutputAspect::check, fresh.mistrusted_rows, "have an output that proves nothing", "");
  add(OutputAspect::precision, fresh.accused_rows, "compute in less than they declare",
      precision_text(fresh));
  add(OutputAspect::precision, fresh.declares_less_rows, "have a shader that declares less",
      fresh.declared_evidence);
  return findings;
}

}  // namespace gpubench
