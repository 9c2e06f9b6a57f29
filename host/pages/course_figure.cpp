#include "pages/course_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "pages/script_json.h"
#include "report/numbers.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

/// Of the table beside the picture.
constexpr std::size_t kMostNumbers = 200;
/// Stretches that the caption names one by one.
constexpr std::size_t kMostStretches = 4;

/// What is drawn above or below the others, on the same axis of time.
struct Panel {
  const char* title;
  const char* unit;  ///< As charts.js writes quantities.
  std::vector<ChartPoint> points;
};

/// Without the readings that are missing.
std::vector<ChartPoint> points_of(std::span<const double> at_s, std::span<const double> values,
                                  double scale) {
  std::vector<ChartPoint> points;
  for (std::size_t i = 0; i < std::min(at_s.size(), values.size()); ++i) {
    if (std::isfinite(at_s[i]) && std::isfinite(values[i])) {
      points.push_back({at_s[i], values[i] * scale});
    }
  }
  return points;
}

std::vector<Panel> panels_of(std::span<const ChartPoint> samples,
                             const TelemetrySeries& telemetry) {
  constexpr double kHzInMegahertz = 1e6;
  std::vector<Panel> panels = {{"time of one launch", "s", {samples.begin(), samples.end()}}};
  panels.push_back({"clock", "Hz", points_of(telemetry.at_s, telemetry.clock_mhz, kHzInMegahertz)});
  panels.push_back({"power", "W", points_of(telemetry.at_s, telemetry.power_w, 1)});
  panels.push_back({"heat", "°C", points_of(telemetry.at_s, telemetry.temp_c, 1)});
  std::erase_if(panels, [](const Panel& panel) { return panel.points.empty(); });
  return panels;
}

Json panel_json(const Panel& panel) {
  Json points = Json::array();
  for (const ChartPoint& point : panel.points) points.push_back({point.x, point.y});
  return {{"name", panel.title}, {"unit", panel.unit}, {"points", std::move(points)}};
}

std::string value_text(const Panel& panel, double value) {
  const std::string unit = panel.unit;
  if (unit == "s") return format_seconds(value);
  if (unit == "Hz") return format_rate(value, "Hz");
  return four_digits(value) + ' ' + unit;
}

PageTable numbers_of(const std::string& id, std::span<const Panel> panels) {
  PageTable table{id + "-numbers",
                  "Samples and readings by time.",
                  {{"What"}, {"At", CellKind::number}, {"Value", CellKind::number}},
                  {}};
  std::size_t all = 0;
  for (const Panel& panel : panels) {
    all += panel.points.size();
    for (const ChartPoint& point : panel.points) {
      if (table.rows.size() == kMostNumbers) break;
      table.rows.push_back({panel.title, format_seconds(point.x), value_text(panel, point.y)});
    }
  }
  if (all > kMostNumbers) {
    table.caption += fmt::format(" The first {} of {}; all are in samples.csv and telemetry.csv.",
                                 kMostNumbers, all);
  }
  return table;
}

double middle(double a, double b) {
  return a + (b - a) / 2;
}

}  // namespace

std::vector<TimeSpan> throttle_bands(const TelemetrySeries& telemetry) {
  std::vector<TimeSpan> bands;
  const std::vector<double>& at_s = telemetry.at_s;
  for (std::size_t i = 0; i < at_s.size(); ++i) {
    if (!(telemetry.throttled[i] > 0)) continue;
    const double begin_s = i == 0 ? at_s[i] : middle(at_s[i - 1], at_s[i]);
    const double end_s = i + 1 == at_s.size() ? at_s[i] : middle(at_s[i], at_s[i + 1]);
    if (!bands.empty() && i > 0 && telemetry.throttled[i - 1] > 0) {
      bands.back().end_s = end_s;
    } else {
      bands.push_back({begin_s, end_s});
    }
  }
  return bands;
}

std::string throttle_text(const TelemetrySeries& telemetry) {
  const bool is_known = std::any_of(telemetry.throttled.begin(), telemetry.throttled.end(),
                                    [](double value) { return !std::isnan(value); });
  if (!is_known) return "Whether the clock was held down could not be read.";
  const auto bands = throttle_bands(telemetry);
  if (bands.empty()) return "The clock was never seen held down.";
  double held_s = 0;
  std::vector<std::string> names;
  for (const TimeSpan& band : bands) {
    held_s += band.end_s - band.begin_s;
    if (names.size() == kMostStretches) continue;
    names.push_back(
        fmt::format("from {} to {}", format_seconds(band.begin_s), format_seconds(band.end_s)));
  }
  std::string text = fmt::format("The clock was held down for {} of {}: {}", format_seconds(held_s),
                                 format_seconds(telemetry.at_s.back() - telemetry.at_s.front()),
                                 join(names, ", "));
  if (bands.size() > names.size()) {
    text += fmt::format(" and {} times more", bands.size() - names.size());
  }
  return text + " (grey, hatched).";
}

std::optional<PageFigure> course_figure(std::string id, std::string title,
                                        std::span<const ChartPoint> samples,
                                        const TelemetrySeries& telemetry) {
  const std::vector<Panel> panels = panels_of(samples, telemetry);
  if (samples.empty() || panels.size() < 2) return std::nullopt;
  Json json = {{"type", "course"},
               {"x", {{"title", "time since the first launch"}, {"unit", "s"}}}};
  json["panels"] = Json::array();
  for (const Panel& panel : panels) json["panels"].push_back(panel_json(panel));
  json["bands"] = Json::array();
  for (const TimeSpan& band : throttle_bands(telemetry)) {
    json["bands"].push_back({band.begin_s, band.end_s});
  }
  std::string caption =
      "Each dot is a sample; below, on the same axis of time, is what the device told of itself. " +
      throttle_text(telemetry) +
      " Times that climb while the clock falls are heat or power; times that climb alone are "
      "something else.";
  PageTable numbers = numbers_of(id, panels);
  return PageFigure{std::move(id), std::move(title), std::move(caption), script_json(json),
                    std::move(numbers)};
}

}  // namespace gpubench
