// progress.h — how far a run is, as one line, and how long it will still take.
// Pure: asks no clock and writes nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "record/row.h"

namespace gpubench {

struct Progress {
  std::size_t position = 0;  ///< Of the case that runs now, from 1.
  std::size_t total = 0;
  std::string label;               ///< "gemm 4096² fp16"; see `short_label`.
  std::optional<double> share{};   ///< Of this case, 0 to 1.
  std::optional<double> left_s{};  ///< For the whole run.
};

/// "[ 7/21] gemm 4096² fp16 · 42 % · 1 min 12 s left", within `width` columns, without a newline:
/// the label is clipped first. For a terminal, which overwrites it.
std::string progress_line(const Progress& progress, std::size_t width);
/// "[ 7/21] gemm 4096² fp16: 1.24 ms, passed" when a case has ended. For logs.
std::string finished_line(const Progress& progress, const Row& row);

/// What is known for an estimate: predictions for all cases that will run, in order, and how long
/// the finished ones really took.
struct Pace {
  std::span<const double> predicted_s;
  std::size_t finished = 0;
  double finished_took_s = 0;
  double current_took_s = 0;  ///< So far.
};
/// The predictions left, corrected by how the finished ones turned out; empty when there are no
/// usable predictions.
std::optional<double> time_left(const Pace& pace);

}  // namespace gpubench
