// side_files.h — the files beside results.csv with lines for what belongs to a row: samples, flips,
// telemetry, errors. Every column, once, and the lines of a row. Knows nothing of how they are
// kept. docs/results-format.md and results/README.md follow these tables.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "record/row.h"

namespace gpubench {

struct LineColumn {
  std::string_view name, unit, meaning;
};

/// One file of a run's folder; its lines stand in the order of the rows that they belong to.
struct SideFile {
  const char* name;
  std::span<const LineColumn> (*columns)();
  std::string (*lines)(const Row&);
};

std::span<const LineColumn> sample_columns();
std::span<const LineColumn> flip_columns();
std::span<const LineColumn> telemetry_columns();
std::span<const LineColumn> error_columns();

/// One line for each accepted sample; none for a row without a speed.
std::string sample_lines(const Row& row);
/// One line for each flip that is listed.
std::string flip_lines(const Row& row);
/// One line for each look at the device; none where nothing can be read.
std::string telemetry_lines(const Row& row);
/// One line for each cell of the map of errors; none without one.
std::string error_lines(const Row& row);

inline constexpr SideFile kSamplesFile{"samples.csv", sample_columns, sample_lines};
inline constexpr SideFile kFlipsFile{"flips.csv", flip_columns, flip_lines};
inline constexpr SideFile kTelemetryFile{"telemetry.csv", telemetry_columns, telemetry_lines};
inline constexpr SideFile kErrorsFile{"errors.csv", error_columns, error_lines};
inline constexpr std::array kSideFiles = {kSamplesFile, kFlipsFile, kTelemetryFile, kErrorsFile};

/// The first line of the file, with its LF.
std::string header_of(const SideFile& file);

}  // namespace gpubench
