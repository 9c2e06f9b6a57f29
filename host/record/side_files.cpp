#include "record/side_files.h"

#include <fmt/format.h>

#include <vector>

#include "record/csv.h"

namespace gpubench {
namespace {

using Text = std::string;

constexpr LineColumn kRunId{"run_id", "text", "Name of the run."};
constexpr LineColumn kCaseId{"case_id", "text", "Names the case."};
constexpr LineColumn kDevice{"device_uuid", "text", "The device's own identity."};

constexpr std::array kSampleColumns = {
    kRunId,
    kCaseId,
    LineColumn{"sample", "count", "Position in time, from 0, among the samples of its row."},
    LineColumn{"gpu_s", "s", "One launch by GPU timestamps; empty when the queue has none."},
    LineColumn{"host_s", "s", "One launch from submit to the end of the wait, host clock."},
    LineColumn{"at_s", "s", "When it began, after the first launch of the warm-up did."},
};

constexpr std::array kFlipColumns = {
    kRunId,
    kCaseId,
    LineColumn{"element", "count", "Place of the output, from 0, row by row."},
    LineColumn{"reference", "1", "FP32 result of the CPU from unrounded inputs."},
    LineColumn{"output", "1", "What the path made of it; inf where it is that."},
    LineColumn{"label", "count", "0 or 1; empty without labels."},
    LineColumn{"in_fp16_interval", "flag", "Rounding the reference to FP16 would flip it as well."},
    LineColumn{"margin", "1", "How far the declared precision may move the reference."},
    LineColumn{"in_margin", "flag", "The threshold is no further from the reference than that."},
};

constexpr std::array kTelemetryColumns = {
    kRunId,
    kCaseId,
    kDevice,
    LineColumn{"at_s", "s", "When the device was looked at; zero is that of samples.csv."},
    LineColumn{"clock_mhz", "MHz", "Clock of the compute units."},
    LineColumn{"power_w", "W", "Power of the board."},
    LineColumn{"temp_c", "°C", "Temperature of the chip."},
    LineColumn{"throttled", "flag", "true while power or heat held the clock down."},
};

constexpr std::array kErrorColumns = {
    kRunId,
    kCaseId,
    kDevice,
    LineColumn{"row_begin", "count",
               "First row of the cell; members of a batch follow each other."},
    LineColumn{"row_end", "count", "One past its last row."},
    LineColumn{"column_begin", "count", "First column of the cell."},
    LineColumn{"column_end", "count", "One past its last column."},
    LineColumn{"max_abs_err", "1", "Largest error in the cell, as in results.csv."},
    LineColumn{"bound_ratio", "ratio", "Largest error over its tolerance; above 1 is wrong."},
    LineColumn{"nonfinite", "count", "Pairs left out, as in results.csv: never written, NaN, Inf."},
};

Text run_id(const Row& row) {
  return row.run == nullptr ? Text() : row.run->run_id;
}

Text flag(bool value) {
  return value ? "true" : "false";
}

/// Shortest digits that read back as the same FP32 number, which references and outputs are.
Text fp32_text(double value) {
  return fmt::format("{}", static_cast<float>(value));
}

Text label_word(Label label) {
  if (label == Label::none) return {};
  return label == Label::yes ? "1" : "0";
}

}  // namespace

std::span<const LineColumn> sample_columns() {
  return kSampleColumns;
}
std::span<const LineColumn> flip_columns() {
  return kFlipColumns;
}
std::span<const LineColumn> telemetry_columns() {
  return kTelemetryColumns;
}
std::span<const LineColumn> error_columns() {
  return kErrorColumns;
}

std::string header_of(const SideFile& file) {
  std::vector<Text> names;
  for (const LineColumn& column : file.columns()) names.emplace_back(column.name);
  return csv_line(names);
}

std::string sample_lines(const Row& row) {
  Text lines;
  if (!has_speed(row)) return lines;
  const std::vector<Sample>& samples = row.series->samples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    const std::array fields = {run_id(row),
                               row.planned.id,
                               fmt::format("{}", i),
                               csv_number(sample.gpu_s),
                               csv_number(sample.host_s),
                               csv_number(sample.at_s)};
    lines += csv_line(fields);
  }
  return lines;
}

std::string flip_lines(const Row& row) {
  Text lines;
  if (!row.decisions) return lines;
  const std::vector<Flip>& flips = row.decisions->flips.flips;
  for (std::size_t i = 0; i < flips.size(); ++i) {
    const Flip& flip = flips[i];
    const std::array fields = {run_id(row),
                               row.planned.id,
                               fmt::format("{}", flip.index),
                               fp32_text(flip.reference),
                               fp32_text(flip.output),
                               label_word(flip.label),
                               flag(flip.in_window[static_cast<std::size_t>(Lattice::fp16)]),
                               csv_number(row.decisions->margins.at(i)),
                               flag(is_in_margin(*row.decisions, i))};
    lines += csv_line(fields);
  }
  return lines;
}

std::string telemetry_lines(const Row& row) {
  Text lines;
  for (const TelemetryReading& reading : row.telemetry.course) {
    const std::array fields = {run_id(row),
                               row.planned.id,
                               row.device.uuid,
                               csv_number(reading.at_s),
                               csv_number(reading.clock_mhz),
                               csv_number(reading.power_w),
                               csv_number(reading.temp_c),
                               reading.throttled ? flag(*reading.throttled) : Text()};
    lines += csv_line(fields);
  }
  return lines;
}

std::string error_lines(const Row& row) {
  Text lines;
  for (const ErrorCell& cell : row.error_map) {
    const std::array fields = {run_id(row),
                               row.planned.id,
                               row.device.uuid,
                               fmt::format("{}", cell.row_begin),
                               fmt::format("{}", cell.row_end),
                               fmt::format("{}", cell.column_begin),
                               fmt::format("{}", cell.column_end),
                               csv_number(cell.max_abs_err),
                               csv_number(cell.bound_ratio),
                               fmt::format("{}", cell.nonfinite)};
    lines += csv_line(fields);
  }
  return lines;
}

}  // namespace gpubench
