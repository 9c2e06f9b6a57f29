// How far the samples of each case lie from its median, each as a dot.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "pages/figures.h"
#include "pages/script_json.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

/// As many cases as a page of A4 has room for.
constexpr std::size_t kMostCases = 32;
/// Of each case; more would hide each other.
constexpr std::size_t kMostDots = 160;
/// From here on a linear axis would press everything else into a corner.
constexpr double kFarFromMedian = 3;
/// A sample so many times as long or as short as the median is of a damaged table. No axis holds
/// all that a double does: the ratio itself may be infinite. pictures.js has the same.
constexpr double kFarthest = 1e9;

constexpr std::array kQuantiles = {"p05", "p25", "median", "p75", "p95"};

double spread_of(const SampledCase& one) {
  const CaseFacts& facts = one.facts;
  return (facts.number("time_p95_s") - facts.number("time_p05_s")) / facts.number("time_median_s");
}

/// In order of size, evenly thinned out, with the smallest and the largest: each over
/// the median.
std::vector<double> dots_of(const SampledCase& one) {
  std::vector<double> sorted = one.seconds;
  std::erase_if(sorted, [](double seconds) { return !(seconds > 0); });
  std::sort(sorted.begin(), sorted.end());
  const double median_s = one.facts.number("time_median_s");
  std::vector<double> dots;
  const std::size_t count = std::min(sorted.size(), kMostDots);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = count == 1 ? 0 : i * (sorted.size() - 1) / (count - 1);
    dots.push_back(sorted[place] / median_s);
  }
  return dots;
}

bool has_place(double dot) {
  return dot > 1 / kFarthest && dot < kFarthest;
}

/// Five digits are more than a picture shows.
Json dots_json(std::span<const double> dots) {
  Json json = Json::array();
  for (const double dot : dots) {
    json.push_back(parse_double(fmt::format("{:.5g}", dot)).value_or(dot));
  }
  return json;
}

/// With the end of its run's name, where the picture has several runs.
std::string name_of(const SampledCase& one, std::span<const SampledCase> all) {
  const std::string& run_id = one.facts.run().run_id;
  const bool is_one_run = std::all_of(all.begin(), all.end(), [&](const SampledCase& other) {
    return other.facts.run().run_id == run_id;
  });
  if (is_one_run) return one.facts.label();
  return fmt::format("{} ({})", one.facts.label(), run_id.substr(run_id.rfind('-') + 1));
}

Json row_json(const SampledCase& one, std::string name, std::span<const double> dots) {
  Json row = {{"name", std::move(name)}};
  for (const char* quantile : kQuantiles) {
    row[quantile] = one.facts.number(fmt::format("time_{}_s", quantile));
  }
  row["dots"] = dots_json(dots);
  return row;
}

std::vector<PageCell> number_row(const SampledCase& one) {
  const CaseFacts& facts = one.facts;
  std::vector<PageCell> cells = {facts.text("case_id")};
  for (const char* name : {"min", "p05", "p25", "median", "p75", "p95", "max"}) {
    const double value = facts.number(fmt::format("time_{}_s", name));
    cells.emplace_back(std::isfinite(value) ? format_seconds(value) : "-");
  }
  return cells;
}

PageTable empty_numbers(const std::string& id) {
  PageTable numbers{id + "-numbers", "Quantiles of the samples.", {{"Case", CellKind::code}}, {}};
  for (const char* head : {"Least", "5 %", "25 %", "Median", "75 %", "95 %", "Most"}) {
    numbers.columns.push_back({head, CellKind::number});
  }
  return numbers;
}

/// Those with a time; the widest where they are too many.
std::vector<SampledCase> shown_cases(std::span<const SampledCase> cases, std::string& caption) {
  std::vector<SampledCase> shown;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(shown),
               [](const SampledCase& one) { return one.facts.is_timed(); });
  if (shown.size() <= kMostCases) return shown;
  std::stable_sort(shown.begin(), shown.end(), [](const SampledCase& a, const SampledCase& b) {
    return spread_of(a) > spread_of(b);
  });
  caption += fmt::format(" The {} widest of {} cases.", kMostCases, shown.size());
  shown.erase(shown.begin() + kMostCases, shown.end());
  return shown;
}

}  // namespace

std::optional<PageFigure> spread_figure(std::string id, std::string title, std::string caption,
                                        std::span<const SampledCase> cases) {
  const std::vector<SampledCase> shown = shown_cases(cases, caption);
  if (shown.empty()) return std::nullopt;
  PageTable numbers = empty_numbers(id);
  Json rows = Json::array();
  double farthest = 1;
  std::size_t unplaced = 0;
  for (const SampledCase& one : shown) {
    std::vector<double> dots = dots_of(one);
    unplaced += std::erase_if(dots, [](double dot) { return !has_place(dot); });
    for (const double dot : dots) farthest = std::max({farthest, dot, 1 / dot});
    rows.push_back(row_json(one, name_of(one, shown), dots));
    numbers.rows.push_back(number_row(one));
  }
  if (unplaced > 0) {
    caption += fmt::format(" Too far from the median to be drawn: {}.", unplaced);
  }
  const Json json = {{"type", "spread"},
                     {"x",
                      {{"title", "time over the case's median"},
                       {"unit", "times"},
                       {"log", farthest > kFarFromMedian}}},
                     {"rows", std::move(rows)}};
  return PageFigure{std::move(id), std::move(title), std::move(caption), script_json(json),
                    std::move(numbers)};
}

}  // namespace gpubench
