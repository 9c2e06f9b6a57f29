// How right the outputs are, and in which precision they were computed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "pages/case_table.h"
#include "pages/error_map_figure.h"
#include "pages/figures.h"
#include "pages/report_sections.h"
#include "report/numbers.h"

namespace gpubench {
namespace {

/// Failed outputs whose errors are drawn.
constexpr std::size_t kMostMaps = 6;

/// From the FP64 oracle where there is one: theory speaks of that.
double drift_of(const CaseFacts& facts) {
  const double fp64 = facts.number("rel_fro_err_fp64");
  return std::isfinite(fp64) ? fp64 : facts.number("rel_fro_err");
}

void add_point(std::map<std::string, ChartSeries>& lines, const CaseFacts& facts, const char* name,
               LineStyle style, double y) {
  if (!std::isfinite(y) || y <= 0) return;
  const std::string precision = facts.text("precision");
  ChartSeries& line = lines[precision + ' ' + name];
  line.name = precision + (*name == '\0' ? "" : fmt::format(", {}", name));
  line.colour = colour_of_precision(precision);
  line.style = style;
  line.points.push_back({facts.number("k"), y});
}

std::optional<PageFigure> error_figure(const ReportInput& input) {
  std::map<std::string, ChartSeries> lines;
  for (const CaseFacts& facts : all_cases(input.history)) {
    if (!(facts.number("k") > 0) || facts.is("check_status", "not_run")) continue;
    add_point(lines, facts, "", LineStyle::points, drift_of(facts));
    add_point(lines, facts, "theory", LineStyle::dashed, facts.number("expected_rel_fro_err"));
    add_point(lines, facts, "tolerance", LineStyle::dashed, facts.number("tolerance"));
  }
  std::vector<ChartSeries> series;
  for (auto& [name, line] : lines) {
    line.points = medians_by_x(line.points);
    const bool theory_known = lines.contains(name.substr(0, name.find(' ')) + " theory");
    if (name.ends_with("tolerance") && theory_known) continue;
    series.push_back(line);
  }
  return line_figure(
      "error-against-k", "Error against k",
      "Each mark is the relative error of one product; the dashed line of its colour is what "
      "theory expects of sums in strict sequence (where a run has no such figure: its "
      "tolerance). Marks belong on or below their line. A path that stands on another "
      "path's line computes in that path's precision.",
      {"k, terms of each sum", "", AxisScale::logarithmic},
      {"relative error (Frobenius)", "ratio", AxisScale::logarithmic}, series);
}

/// Rows that have a map, at most kMostMaps of them.
void add_error_maps(PageSection& section, const ReportInput& input) {
  std::size_t count = 0;
  for (std::size_t run = 0; run < input.runs.size(); ++run) {
    const HistoryRun& of = input.history.runs()[run];
    for (const ErrorMap& map : input.runs[run].error_maps) {
      for (std::size_t row = of.first_row; row < of.first_row + of.rows; ++row) {
        const CaseFacts facts(input.history, row);
        if (count == kMostMaps || !facts.is("case_id", map.case_id) ||
            !facts.is("device_uuid", map.device_uuid)) {
          continue;
        }
        auto figure = error_map_figure(fmt::format("errors-{}", count), facts, map);
        if (!figure) continue;
        section.blocks.push_back(std::move(*figure));
        ++count;
      }
    }
  }
}

int gravity(const CaseFacts& facts) {
  if (facts.has_failed()) return 0;
  return facts.is("check_status", "mistrusted") ? 1 : 2;
}

}  // namespace

PageSection drift_section(const ReportInput& input) {
  PageSection section{
      "drift", "Correctness and drift", "Are the results right, and how far are they off?", {}};
  std::vector<CaseFacts> cases;
  for (const CaseFacts& facts : all_cases(input.history)) {
    if (facts.was_run()) cases.push_back(facts);
  }
  if (cases.empty()) {
    section.blocks.push_back(PageText{"Nothing was run, so nothing was compared.", Tone::bad});
    return section;
  }
  std::stable_sort(cases.begin(), cases.end(),
                   [](const CaseFacts& a, const CaseFacts& b) { return gravity(a) < gravity(b); });
  const std::vector<CaseColumn> columns = {
      word_column("Check", "check_status"),
      error_column("Error", "rel_fro_err"),
      error_column("Tolerance", "tolerance"),
      error_column("Largest error", "max_abs_err"),
      number_column("Worst over its bound", "bound_ratio"),
      text_column("Test has power", "tolerance_has_power"),
      {{"Outputs among repeats", CellKind::number}, [](const CaseFacts& facts) -> PageCell {
         const double count = facts.number("distinct_outputs");
         return {std::isfinite(count) ? shortest(count) : "-",
                 count > 1 ? Tone::warn : Tone::plain};
       }}};
  section.blocks.push_back(case_table(
      "drift-cases",
      "Drift from the FP32 result of the CPU, worst first. Error is relative, over all outputs "
      "(Frobenius). Worst over its bound: above 1 fails. Test has power: the next lower precision "
      "would have failed.",
      cases, columns));
  add_error_maps(section, input);
  if (auto figure = error_figure(input)) section.blocks.push_back(std::move(*figure));
  return section;
}

PageSection precision_section(const ReportInput& input) {
  PageSection section{
      "precision", "Precision", "Did each path run in the precision that it declares?", {}};
  std::vector<CaseFacts> cases;
  for (const CaseFacts& facts : all_cases(input.history)) {
    if (facts.was_run()) cases.push_back(facts);
  }
  const auto probed = std::count_if(cases.begin(), cases.end(), [](const CaseFacts& facts) {
    return !facts.is("precision_verdict", "not_probed") && !facts.is("precision_verdict", "");
  });
  section.blocks.push_back(PageText{
      probed > 0
          ? fmt::format("{} of {} cases were probed: inputs were computed that give the arithmetic "
                        "away, bit for bit.",
                        probed, cases.size())
          : "No case was probed, so the observed precision is not known. A scenario asks for it "
            "with precision probes; gpubench audit --device does it at once.",
      probed > 0 ? Tone::plain : Tone::warn});
  const std::vector<CaseColumn> columns = {text_column("Declared", "precision"),
                                           text_column("Observed", "observed_precision"),
                                           word_column("Verdict", "precision_verdict"),
                                           word_column("SPIR-V says", "declared_evidence"),
                                           {{"Outputs that FP16 has", CellKind::number},
                                            [](const CaseFacts& facts) -> PageCell {
                                              return percent(facts.number("fp16_lattice_share"));
                                            }},
                                           text_column("Because", "precision_reason")};
  if (!cases.empty()) {
    section.blocks.push_back(case_table(
        "precision-cases",
        "Declared against observed. Outputs that FP16 has: the share of FP32 outputs that FP16 can "
        "hold exactly; near 100 % where an FP32 path was computed in FP16.",
        cases, columns));
  }
  return section;
}

}  // namespace gpubench
