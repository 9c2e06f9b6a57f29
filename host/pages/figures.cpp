#include "pages/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/text.h"
#include "pages/script_json.h"
#include "report/numbers.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

/// As many marks as an axis has room for.
constexpr std::size_t kMostTicks = 9;
/// Of the table beside a picture.
constexpr std::size_t kMostNumbers = 200;

Json axis_json(const ChartAxis& axis) {
  return {
      {"title", axis.title}, {"unit", axis.unit}, {"log", axis.scale == AxisScale::logarithmic}};
}

/// The sizes themselves, where they are few: 1024 says more than 1000 does.
Json ticks_at(std::span<const ChartSeries> series) {
  std::vector<double> places;
  for (const ChartSeries& one : series) {
    if (one.style == LineStyle::dashed) continue;
    for (const ChartPoint& point : one.points) places.push_back(point.x);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  const std::size_t step = (places.size() + kMostTicks - 1) / kMostTicks;
  Json ticks = Json::array();
  for (std::size_t i = 0; i < places.size(); i += std::max<std::size_t>(step, 1)) {
    ticks.push_back(places[i]);
  }
  return ticks;
}

Json series_json(const ChartSeries& series) {
  constexpr std::array<const char*, 3> kStyles = {"line", "dashed", "points"};
  Json points = Json::array();
  for (const ChartPoint& point : series.points) points.push_back({point.x, point.y});
  Json json = {{"name", series.name},
               {"colour", series.colour},
               {"style", kStyles[static_cast<std::size_t>(series.style)]},
               {"points", std::move(points)}};
  if (series.points.size() > 60) json["radius"] = 1;
  return json;
}

std::string value_text(double value, const ChartAxis& axis) {
  if (axis.unit == "s") return format_seconds(value);
  if (axis.unit == "ratio") return error_text(value);
  if (axis.unit == "%") return percent(value);
  if (axis.unit.empty() || axis.unit == "times") return four_digits(value);
  return format_rate(value, axis.unit);
}

PageTable numbers_of(const std::string& id, std::span<const ChartSeries> series, const ChartAxis& x,
                     const ChartAxis& y) {
  PageTable table{id + "-numbers",
                  fmt::format("{} by {}.", y.title, x.title),
                  {{"Line"}, {x.title, CellKind::number}, {y.title, CellKind::number}},
                  {}};
  std::size_t all = 0;
  for (const ChartSeries& one : series) {
    all += one.points.size();
    for (const ChartPoint& point : one.points) {
      if (table.rows.size() == kMostNumbers) break;
      table.rows.push_back({one.name, value_text(point.x, x), value_text(point.y, y)});
    }
  }
  if (all > kMostNumbers) {
    table.caption += fmt::format(" The first {} of {} points.", kMostNumbers, all);
  }
  return table;
}

}  // namespace

std::optional<PageFigure> line_figure(std::string id, std::string title, std::string caption,
                                      const ChartAxis& x, const ChartAxis& y,
                                      std::span<const ChartSeries> series) {
  Json json = {{"type", "xy"}, {"x", axis_json(x)}, {"y", axis_json(y)}};
  json["series"] = Json::array();
  std::size_t points = 0;
  for (const ChartSeries& one : series) {
    if (one.points.empty()) continue;
    points += one.points.size();
    json["series"].push_back(series_json(one));
  }
  if (points == 0) return std::nullopt;
  if (x.scale == AxisScale::logarithmic) json["x"]["ticks"] = ticks_at(series);
  PageTable numbers = numbers_of(id, series, x, y);
  return PageFigure{std::move(id), std::move(title), std::move(caption), script_json(json),
                    std::move(numbers)};
}

std::size_t colour_of_precision(std::string_view precision) {
  constexpr std::array<std::string_view, 8> kOrder = {
      "fp32", "fp16", "fp16_acc32", "fp32_via_fp16", "fp32_relaxed", "", "tf32", "bf16"};
  const auto found = std::find(kOrder.begin(), kOrder.end(), precision);
  return found == kOrder.end() ? 5 : static_cast<std::size_t>(found - kOrder.begin());
}

std::vector<ChartPoint> medians_by_x(std::span<const ChartPoint> points) {
  std::map<double, std::vector<double>> by_x;
  for (const ChartPoint& point : points) by_x[point.x].push_back(point.y);
  std::vector<ChartPoint> medians;
  for (auto& [x, values] : by_x) medians.push_back({x, median(std::move(values))});
  return medians;
}

}  // namespace gpubench
