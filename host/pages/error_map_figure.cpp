#include "pages/error_map_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "pages/error_pattern.h"
#include "pages/script_json.h"
#include "report/numbers.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

/// Of the table beside the picture.
constexpr std::size_t kMostNumbers = 50;

/// What a picture can show of a number: null where it is none, four digits elsewhere.
Json short_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return parse_double(fmt::format("{:.4g}", value)).value_or(value);
}

/// Where lines begin, and where the last one ends.
Json edges(std::span<const ErrorStretch> lines) {
  Json places = Json::array();
  for (const ErrorStretch& line : lines) places.push_back(line.begin);
  places.push_back(lines.back().end);
  return places;
}

Json map_json(const ErrorGrid& grid) {
  Json json = {{"type", "heat"}, {"rows", edges(grid.rows)}, {"columns", edges(grid.columns)}};
  Json ratios = Json::array(), errors = Json::array(), nonfinite = Json::array();
  for (const ErrorCell* cell : grid.cells) {
    ratios.push_back(cell == nullptr ? Json(nullptr) : short_number(cell->bound_ratio));
    errors.push_back(cell == nullptr ? Json(nullptr) : short_number(cell->max_abs_err));
    nonfinite.push_back(cell == nullptr ? 0 : cell->nonfinite);
  }
  json["bound_ratio"] = std::move(ratios);
  json["max_abs_err"] = std::move(errors);
  json["nonfinite"] = std::move(nonfinite);
  return json;
}

std::string worst_text(const ErrorCell& worst) {
  if (worst.nonfinite > 0) {
    return fmt::format("{}: {} values there are not finite or were never written",
                       place_text(worst), worst.nonfinite);
  }
  return fmt::format("{}: {} times the tolerance, an error of {}", place_text(worst),
                     four_digits(worst.bound_ratio), error_text(worst.max_abs_err));
}

std::string caption_of(const CaseFacts& facts, const ErrorMap& map, const ErrorGrid& grid) {
  const auto beyond = std::count_if(map.cells.begin(), map.cells.end(),
                                    [](const ErrorCell& cell) { return cell.bound_ratio > 1; });
  const auto none = std::count_if(map.cells.begin(), map.cells.end(),
                                  [](const ErrorCell& cell) { return cell.nonfinite > 0; });
  std::string text = fmt::format(
      "Pattern: {}. Worst: {}. Of {} cells {} are beyond their tolerance (struck through) and {} "
      "hold values that are not finite or were never written (crossed out).",
      pattern_text(grid), worst_text(*worst_cells(map.cells, 1).front()), map.cells.size(), beyond,
      none);
  text += " A colour stands for the largest error of its cell over its tolerance.";
  if (const double batch = facts.number("batch"); batch > 1) {
    text += fmt::format(" The {:.0f} members of the batch follow each other, {:.0f} rows each.",
                        batch, facts.number("m"));
  }
  return text;
}

PageTable numbers_of(const std::string& id, const ErrorMap& map) {
  PageTable table{id + "-numbers",
                  "Cells of the output, worst first.",
                  {{"Where"},
                   {"Error over its tolerance", CellKind::number},
                   {"Largest error", CellKind::number},
                   {"Not finite", CellKind::number}},
                  {}};
  for (const ErrorCell* cell : worst_cells(map.cells, kMostNumbers)) {
    const bool bad = is_bad(*cell);
    table.rows.push_back({place_text(*cell),
                          {four_digits(cell->bound_ratio), bad ? Tone::bad : Tone::plain},
                          error_text(cell->max_abs_err),
                          std::to_string(cell->nonfinite)});
  }
  if (map.cells.size() > kMostNumbers) {
    table.caption +=
        fmt::format(" The first {} of {}; all are in errors.csv.", kMostNumbers, map.cells.size());
  }
  return table;
}

}  // namespace

std::optional<PageFigure> error_map_figure(std::string id, const CaseFacts& facts,
                                           const ErrorMap& map) {
  if (map.cells.empty()) return std::nullopt;
  const ErrorGrid grid = error_grid(map.cells);
  PageTable numbers = numbers_of(id, map);
  return PageFigure{std::move(id), "Where the errors are: " + facts.label(),
                    caption_of(facts, map, grid), script_json(map_json(grid)), std::move(numbers)};
}

}  // namespace gpubench
