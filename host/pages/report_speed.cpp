// How fast, for how long, and beside whom.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "pages/case_table.h"
#include "pages/figures.h"
#include "pages/report_sections.h"
#include "report/numbers.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

std::vector<CaseFacts> timed_cases(const ReportInput& input) {
  std::vector<CaseFacts> cases;
  for (const CaseFacts& facts : all_cases(input.history)) {
    if (facts.is_timed()) cases.push_back(facts);
  }
  return cases;
}

std::vector<double> numbers_of(std::span<const CaseFacts> cases, std::string_view column) {
  std::vector<double> numbers;
  for (const CaseFacts& facts : cases) {
    if (std::isfinite(facts.number(column))) numbers.push_back(facts.number(column));
  }
  return numbers;
}

std::vector<SampledCase> with_samples(const ReportInput& input, std::span<const CaseFacts> cases) {
  std::vector<SampledCase> sampled;
  for (const CaseFacts& facts : cases) {
    sampled.push_back({facts, seconds_of(samples_of(input, facts))});
  }
  return sampled;
}

PageCell share_cell(double share) {
  return percent(share);
}

PageTable speed_table(std::span<const CaseFacts> cases) {
  const ColumnUnit time = time_unit(numbers_of(cases, "time_median_s"));
  const ColumnUnit rate = rate_unit(numbers_of(cases, "throughput_flops"), "FLOP/s");
  const std::vector<CaseColumn> columns = {
      number_column("Median, " + time.name, "time_median_s", time.size),
      {{"Spread", CellKind::number},
       [](const CaseFacts& facts) -> PageCell {
         const double quartiles = facts.number("time_p75_s") - facts.number("time_p25_s");
         // The quartiles of a normal distribution are 1.349 standard deviations apart.
         return percent(quartiles / 1.349 / facts.number("time_median_s"));
       }},
      number_column(rate.name, "throughput_flops", rate.size),
      {{"Of the peak", CellKind::number},
       [](const CaseFacts& facts) -> PageCell { return share_cell(facts.share_of_peak()); }},
      {{"Samples", CellKind::number},
       [](const CaseFacts& facts) -> PageCell {
         return fmt::format("{:.0f}", facts.number("samples"));
       }},
      word_column("Timing", "timing_status"),
      text_column("Kernel", "kernel"),
      text_column("Fill", "fill")};
  return case_table("speed-cases",
                    "Time of one launch. Spread is a robust standard deviation over the median. Of "
                    "the peak: of what the same device reached in the same run.",
                    cases, columns);
}

/// Everything but the precision and the kernel that names a problem.
std::string problem_key(const CaseFacts& facts) {
  return fmt::format("{} {} {} {} {} s{:.0f}", facts.text("op"), facts.text("layout"),
                     facts.shape(), facts.text("activation"), facts.text("fill"),
                     facts.number("seed"));
}

std::string problem_text(const CaseFacts& facts) {
  return facts.text("op") + ' ' + facts.shape() +
         (facts.is("fill", "normal") ? "" : ' ' + facts.text("fill"));
}

/// The kernel as the case asked for it: second part of its name.
std::string asked_kernel(const CaseFacts& facts) {
  const std::string id = facts.text("case_id");
  const std::size_t begin = id.find('/') + 1;
  return id.substr(begin, id.find('/', begin) - begin);
}

struct SpeedUps {
  std::string name, device;
  std::map<std::string, std::vector<double>> seconds;  ///< By precision, one for each run.
};

std::optional<PageTable> speedup_table(std::span<const CaseFacts> cases) {
  std::map<std::string, std::size_t> places;
  std::vector<SpeedUps> problems;
  for (const CaseFacts& facts : cases) {
    const std::string key =
        fmt::format("{}|{}|{}", problem_key(facts), asked_kernel(facts), facts.text("device_uuid"));
    const auto [place, is_new] = places.try_emplace(key, problems.size());
    if (is_new) {
      problems.push_back({problem_text(facts), facts.text("device_name"), {}});
    }
    problems[place->second].seconds[facts.text("precision")].push_back(
        facts.number("time_median_s"));
  }
  PageTable table{"speed-up",
                  "How many times as fast as FP32 the paths with FP16 were, by their medians.",
                  {{"Problem"},
                   {"FP32", CellKind::number},
                   {"fp16", CellKind::number},
                   {"fp16_acc32", CellKind::number},
                   {"fp32_via_fp16", CellKind::number},
                   {"Device"}},
                  {}};
  for (SpeedUps& problem : problems) {
    const auto base = problem.seconds.find("fp32");
    if (base == problem.seconds.end() || problem.seconds.size() < 2) continue;
    const double fp32_s = median(base->second);
    std::vector<PageCell> row = {problem.name, format_seconds(fp32_s)};
    for (const char* precision : {"fp16", "fp16_acc32", "fp32_via_fp16"}) {
      const auto other = problem.seconds.find(precision);
      row.emplace_back(other == problem.seconds.end()
                           ? "-"
                           : fmt::format("{:.2f}×", fp32_s / median(other->second)));
    }
    row.emplace_back(problem.device);
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return std::nullopt;
  return table;
}

/// A softmax is bounded by memory, a product by arithmetic.
struct RateColumns {
  const char *rate, *peak, *unit, *title;
};
RateColumns rate_columns(const std::string& op) {
  if (op == "softmax") {
    return {"bandwidth_bytes_per_s", "peak_bandwidth_bytes_per_s", "B/s", "bandwidth"};
  }
  return {"throughput_flops", "peak_flops", "FLOP/s", "throughput"};
}

std::optional<PageFigure> size_figure(std::span<const CaseFacts> cases, const std::string& op) {
  const RateColumns columns = rate_columns(op);
  std::map<std::string, ChartSeries> lines, peaks;
  double smallest = INFINITY, largest = 0;
  for (const CaseFacts& facts : cases) {
    if (!facts.is("op", op)) continue;
    smallest = std::min(smallest, facts.size());
    largest = std::max(largest, facts.size());
  }
  for (const CaseFacts& facts : cases) {
    if (!facts.is("op", op)) continue;
    const std::string precision = facts.text("precision");
    ChartSeries& line = lines[precision + ' ' + facts.text("kernel") + facts.text("device_uuid")];
    line.name = fmt::format("{} {}", precision, facts.text("kernel"));
    line.colour = colour_of_precision(precision);
    line.points.push_back({facts.size(), facts.number(columns.rate)});
    const double peak = facts.number(columns.peak);
    if (!std::isfinite(peak)) continue;
    ChartSeries& bound = peaks[facts.text("peak_source") + facts.text("device_uuid")];
    bound.name = "peak " + facts.text("peak_source");
    bound.colour = 5;
    bound.style = LineStyle::dashed;
    bound.points.push_back({0, peak});
  }
  std::vector<ChartSeries> series;
  std::set<std::size_t> used;
  for (auto& [key, line] : lines) {
    while (!used.insert(line.colour).second && used.size() < kColours) {
      line.colour = (line.colour + 1) % kColours;
    }
    line.points = medians_by_x(line.points);
    series.push_back(line);
  }
  for (auto& [key, bound] : peaks) {
    const double peak = medians_by_x(bound.points).front().y;
    // A single size still gets a line.
    bound.points = smallest < largest
                       ? std::vector<ChartPoint>{{smallest, peak}, {largest, peak}}
                       : std::vector<ChartPoint>{{smallest / 1.2, peak}, {smallest * 1.2, peak}};
    series.push_back(bound);
  }
  const std::string bound =
      peaks.empty() ? "; the runs measured no peak to compare with."
                    : " below the dashed peak of their kind; one that crosses it has a wrong time "
                      "or a wrong peak.";
  return line_figure(
      "size-" + op, fmt::format("{}: {} against size", op, columns.title),
      "Both axes are logarithmic. Lines should rise and then run level" + bound +
          " A line that bends down at the right has outgrown a cache.",
      {op == "softmax" ? "size: √(m·n)" : "size: ∛(m·n·k)", "", AxisScale::logarithmic},
      {columns.title, columns.unit, AxisScale::logarithmic}, series);
}

/// Whoever measured: a device, by one of its kernels or somebody else's library.
std::string measured_by(const CaseFacts& facts) {
  return fmt::format("{}, {}", facts.text("device_name"), facts.text("kernel"));
}

}  // namespace

PageSection performance_section(const ReportInput& input) {
  PageSection section{"performance",
                      "Performance",
                      "How fast is it, what does FP16 gain, and what would the device reach?",
                      {}};
  const auto cases = timed_cases(input);
  if (cases.empty()) {
    section.blocks.push_back(PageText{"No case has a time.", Tone::warn});
    return section;
  }
  section.blocks.push_back(speed_table(cases));
  if (auto table = speedup_table(cases)) section.blocks.push_back(std::move(*table));
  for (const char* op : {"gemm", "linear", "softmax"}) {
    if (auto figure = size_figure(cases, op)) section.blocks.push_back(std::move(*figure));
  }
  if (auto figure = spread_figure(
          "spread", "Time distribution of each case",
          "Each dot is a sample over the median of its case; the bar holds the middle half of "
          "them, "
          "the line 5 to 95 %. Short bars around 1 are steady; dots far to the right are launches "
          "that took much longer than usual, and two heaps are two speeds.",
          with_samples(input, cases))) {
    section.blocks.push_back(std::move(*figure));
  }
  return section;
}

PageSection peers_section(const ReportInput& input) {
  PageSection section{
      "peers", "Peers", "How does it stand beside others on the same problems?", {}};
  std::map<std::string, std::map<std::string, std::vector<double>>> problems;
  for (const CaseFacts& facts : timed_cases(input)) {
    problems[facts.text("precision") + '|' + problem_key(facts)][measured_by(facts)].push_back(
        facts.number("time_median_s"));
  }
  PageTable table{"peer-cases",
                  "Median times of everyone who computed the same problem in the same precision, "
                  "over all runs of this report.",
                  {{"Problem"},
                   {"Measured by"},
                   {"Runs", CellKind::number},
                   {"Median", CellKind::number},
                   {"Speed over the fastest", CellKind::number}},
                  {}};
  for (auto& [problem, by_peer] : problems) {
    if (by_peer.size() < 2) continue;
    double fastest = INFINITY;
    for (const auto& [peer, seconds] : by_peer) fastest = std::min(fastest, median(seconds));
    for (const auto& [peer, seconds] : by_peer) {
      std::string name = problem;
      std::replace(name.begin(), name.end(), '|', ' ');
      table.rows.push_back({name, peer, std::to_string(seconds.size()),
                            format_seconds(median(seconds)),
                            fmt::format("{:.2f}", fastest / median(seconds))});
    }
  }
  if (table.rows.empty()) {
    section.blocks.push_back(
        PageText{"None: no problem of this report was computed by more than one device, kernel or "
                 "library."});
  } else {
    section.blocks.push_back(std::move(table));
  }
  return section;
}

}  // namespace gpubench
