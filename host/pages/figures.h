// figures.h — pictures of cases, described for charts.js, each with its numbers as a table. A
// picture without points is none at all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pages/case_facts.h"
#include "pages/document.h"

namespace gpubench {

enum class AxisScale : unsigned char { linear, logarithmic };

struct ChartAxis {
  std::string title;
  std::string unit;  ///< As charts.js writes quantities: "s", "FLOP/s", "%", "ratio", or empty.
  AxisScale scale = AxisScale::linear;
};

struct ChartPoint {
  double x = 0, y = 0;
};

enum class LineStyle : unsigned char { line, dashed, points };

struct ChartSeries {
  std::string name;
  std::size_t colour = 0;
  LineStyle style = LineStyle::line;
  std::vector<ChartPoint> points;
};

/// Lines and points over two axes. Without any point, nothing.
std::optional<PageFigure> line_figure(std::string id, std::string title, std::string caption,
                                      const ChartAxis& x, const ChartAxis& y,
                                      std::span<const ChartSeries> series);

/// A case with its samples, of which there may be none.
struct SampledCase {
  CaseFacts facts;
  std::vector<double> seconds;
};

/// How far the samples of each case lie from its median: on a logarithmic axis where some lie far.
std::optional<PageFigure> spread_figure(std::string id, std::string title, std::string caption,
                                        std::span<const SampledCase> cases);

/// Colours that the pages' style has for lines.
constexpr std::size_t kColours = 8;

/// The number of the colour that a precision has in every picture.
std::size_t colour_of_precision(std::string_view precision);

/// Puts points of one x together as their median, in the order of x.
std::vector<ChartPoint> medians_by_x(std::span<const ChartPoint> points);

}  // namespace gpubench
