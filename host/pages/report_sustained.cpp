// Whether a case stays as fast as it began: its samples over time, beside clock, power and heat.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pages/case_table.h"
#include "pages/course_figure.h"
#include "pages/figures.h"
#include "pages/report_sections.h"
#include "report/numbers.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

/// One case with its samples, in the order of time.
struct SustainedCase {
  CaseFacts facts;
  std::span<const SampleTimes> samples;
  std::size_t run = 0;  ///< Of ReportInput::runs.
  double lasted_s = 0;
};

/// Those that were held first, then those that were timed for longest.
std::vector<SustainedCase> sustained_cases(const ReportInput& input) {
  std::vector<SustainedCase> cases;
  for (std::size_t i = 0; i < input.runs.size(); ++i) {
    const HistoryRun& run = input.history.runs()[i];
    for (std::size_t row = 0; row < input.runs[i].samples.size(); ++row) {
      const CaseFacts facts(input.history, run.first_row + row);
      const std::span<const SampleTimes> samples = input.runs[i].samples[row];
      if (!facts.is_timed() || samples.size() < 3) continue;
      double lasted_s = 0;
      for (const SampleTimes& sample : samples) lasted_s += sample.host_s;
      cases.push_back({facts, samples, i, lasted_s * facts.number("dispatches_per_sample")});
    }
  }
  std::stable_sort(cases.begin(), cases.end(), [](const SustainedCase& a, const SustainedCase& b) {
    const bool a_held = a.facts.is("stop_reason", "held"),
               b_held = b.facts.is("stop_reason", "held");
    return a_held != b_held ? a_held : a.lasted_s > b.lasted_s;
  });
  return cases;
}

double third_median(std::span<const double> seconds, std::size_t which) {
  const std::size_t third = seconds.size() / 3;
  const auto part = which == 0 ? seconds.first(third) : seconds.last(third);
  return median({part.begin(), part.end()});
}

/// At most this many points a line; each stands for a stretch of samples, by its longest.
constexpr std::size_t kMostSamplesDrawn = 400;
/// Cases whose course is drawn, the longest first.
constexpr std::size_t kMostCourses = 4;

/// When each sample began. Older runs do not tell: there one follows the other.
std::vector<double> starts_of(const SustainedCase& one) {
  std::vector<double> starts;
  double now_s = 0;
  for (const SampleTimes& sample : one.samples) {
    starts.push_back(std::isfinite(sample.at_s) ? sample.at_s : now_s);
    now_s += sample.host_s * one.facts.number("dispatches_per_sample");
  }
  return starts;
}

/// The longest of each stretch of samples, where it begins.
std::vector<ChartPoint> drawn_samples(const SustainedCase& one) {
  const std::vector<double> seconds = seconds_of(one.samples), starts = starts_of(one);
  const std::size_t stretch = (seconds.size() + kMostSamplesDrawn - 1) / kMostSamplesDrawn;
  std::vector<ChartPoint> points;
  for (std::size_t begin = 0; begin < seconds.size(); begin += stretch) {
    const std::size_t count = std::min(stretch, seconds.size() - begin);
    const auto part = std::span(seconds).subspan(begin, count);
    points.push_back({starts[begin], *std::max_element(part.begin(), part.end())});
  }
  return points;
}

/// "gemm 4096² fp16 (3fa9)"
std::string name_of(const SustainedCase& one) {
  const std::string& run_id = one.facts.run().run_id;
  return fmt::format("{} ({})", one.facts.label(), run_id.substr(run_id.rfind('-') + 1));
}

const TelemetrySeries* telemetry_of(const ReportInput& input, const SustainedCase& one) {
  const auto& all = input.runs[one.run].telemetry;
  const auto found = std::find_if(all.begin(), all.end(), [&](const TelemetrySeries& series) {
    return series.case_id == one.facts.text("case_id") &&
           series.device_uuid == one.facts.text("device_uuid");
  });
  return found == all.end() ? nullptr : &*found;
}

ChartSeries time_line(const SustainedCase& one, std::size_t colour) {
  ChartSeries line{name_of(one), colour, LineStyle::line, drawn_samples(one)};
  const double middle = median(seconds_of(one.samples));
  for (ChartPoint& point : line.points) point.y /= middle;
  return line;
}

/// Of those whose device told anything while they ran; at most kMostCourses.
void add_courses(PageSection& section, const ReportInput& input,
                 std::span<const SustainedCase> cases) {
  std::size_t count = 0;
  for (const SustainedCase& one : cases) {
    const TelemetrySeries* telemetry = telemetry_of(input, one);
    if (telemetry == nullptr || count == kMostCourses) continue;
    auto figure = course_figure(fmt::format("course-{}", count), "Over time: " + name_of(one),
                                drawn_samples(one), *telemetry);
    if (!figure) continue;
    section.blocks.push_back(std::move(*figure));
    ++count;
  }
}

PageTable sustained_table(std::span<const SustainedCase> cases) {
  PageTable table{
      "sustained-cases",
      "First against last third of the samples, longest series first. Clock, power, heat "
      "and the share of readings in which the clock was held down are there where the "
      "driver tells them.",
      {{"Case", CellKind::code},
       {"Lasted", CellKind::number},
       {"First third", CellKind::number},
       {"Last third", CellKind::number},
       {"Change", CellKind::number},
       {"Clock, MHz", CellKind::number},
       {"Power, W", CellKind::number},
       {"Heat, °C", CellKind::number},
       {"Throttled", CellKind::number},
       {"Timing"}},
      {}};
  constexpr std::size_t kMostRows = 40;
  for (const SustainedCase& one : cases.first(std::min(cases.size(), kMostRows))) {
    const std::vector<double> seconds = seconds_of(one.samples);
    const double first = third_median(seconds, 0), last = third_median(seconds, 1);
    const double throttled = one.facts.number("throttle_ratio");
    table.rows.push_back(
        {one.facts.text("case_id"),
         format_seconds(one.lasted_s),
         format_seconds(first),
         format_seconds(last),
         fmt::format("{:+.1f} %", (last / first - 1) * 100),
         four_digits(one.facts.number("clock_mhz_median")),
         four_digits(one.facts.number("power_w_mean")),
         four_digits(one.facts.number("temp_c_max")),
         {percent(throttled), throttled > 0 ? Tone::warn : Tone::plain},
         {one.facts.text("timing_status"), tone_of_word(one.facts.text("timing_status"))}});
  }
  if (cases.size() > kMostRows) {
    table.caption += fmt::format(" The first {} of {}.", kMostRows, cases.size());
  }
  return table;
}

}  // namespace

PageSection sustained_section(const ReportInput& input) {
  PageSection section{"sustained", "Sustained behaviour", "Does it stay that fast?", {}};
  const auto cases = sustained_cases(input);
  if (cases.empty()) {
    section.blocks.push_back(PageText{
        "No samples.csv lies beside these results, so nothing is known over time.", Tone::warn});
    return section;
  }
  if (!cases.front().facts.is("stop_reason", "held")) {
    section.blocks.push_back(
        PageText{"No case was held under load for a given time (hold), so this shows no more than "
                 "the length of ordinary series."});
  }
  section.blocks.push_back(sustained_table(cases));
  add_courses(section, input, cases);
  constexpr std::size_t kMostLines = 6;
  std::vector<ChartSeries> series;
  for (std::size_t i = 0; i < std::min(cases.size(), kMostLines); ++i) {
    series.push_back(time_line(cases[i], i));
  }
  if (auto figure = line_figure(
          "over-time", "Samples over time",
          "Each sample over its case's median, in the order of time. A level line holds its speed; "
          "one that climbs gets slower as the device warms, and a step is a clock that changed.",
          {"time under load", "s", AxisScale::linear},
          {"time over the median", "times", AxisScale::linear}, series)) {
    section.blocks.push_back(std::move(*figure));
  }
  return section;
}

}  // namespace gpubench
