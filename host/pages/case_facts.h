// case_facts.h — one row of a History as a page shows it: texts, numbers, and what it is called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.h"

namespace gpubench {

/// Cheap to copy; the History must outlive it.
class CaseFacts {
 public:
  CaseFacts(const History& history, std::size_t row) : history_(&history), row_(row) {}

  [[nodiscard]] std::string text(std::string_view column) const;
  /// NaN where it is missing.
  [[nodiscard]] double number(std::string_view column) const;
  [[nodiscard]] std::size_t row() const { return row_; }
  [[nodiscard]] const HistoryRun& run() const { return history_->runs()[history_->run_of(row_)]; }

  [[nodiscard]] bool is(std::string_view column, std::string_view word) const;
  /// It has a speed.
  [[nodiscard]] bool is_timed() const;
  /// It was started: it has a result, good or bad.
  [[nodiscard]] bool was_run() const;
  /// Wrong, or could not run to its end.
  [[nodiscard]] bool has_failed() const;

  /// The probes found less than it declares, or its shader declares less: what gpubench judge calls
  /// a failure of precision.
  [[nodiscard]] bool computes_less() const;

  /// "4096²", "64×10×37"; m×n for softmax.
  [[nodiscard]] std::string shape() const;
  /// "gemm 4096² fp16".
  [[nodiscard]] std::string label() const;
  /// Side of the cube (of the square for a softmax) that has as much work.
  [[nodiscard]] double size() const;
  /// Share of the peak that bounds it; NaN without one.
  [[nodiscard]] double share_of_peak() const;

 private:
  const History* history_;
  std::size_t row_;
};

std::vector<CaseFacts> all_cases(const History& history);

}  // namespace gpubench
