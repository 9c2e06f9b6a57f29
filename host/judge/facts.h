// facts.h — the columns that the stages of judging look at, found once; and rows that a condition
// fits. Judges nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "judge/check.h"
#include "judge/criteria.h"

namespace gpubench {

/// Every column that judging by these criteria looks at.
std::vector<std::string_view> columns_for_judging(const Criteria& criteria);

/// Of a History that was read with columns_for_judging().
struct Facts {
  explicit Facts(const History& history);

  const History& history;
  const TextColumn &run_id, &host, &device_name, &device_type, &device_uuid, &pci_address, &env_id,
      &case_id, &precision, &kernel_hash, &fill, &status, &reason, &timer, &timing_status,
      &check_status, &precision_verdict, &precision_reason, &observed_precision, &declared_evidence,
      &api_validation;
  const NumberColumn &samples, &time_median_s, &throttle_ratio, &temp_c_max, &bound_ratio,
      &planned_rows;

  /// Makes the check one of this row's device.
  void name_device(QualificationCheck& check, std::size_t row) const;
  /// A check of this row that passes so far.
  [[nodiscard]] QualificationCheck check(std::size_t row, std::string_view name,
                                         CheckKind kind) const;
  /// Code of column `reason`, or of precision_reason: what stands before the colon.
  [[nodiscard]] static std::string_view code_of(std::string_view reason);
  /// Where the row stands: "results/a/results.csv:3".
  [[nodiscard]] std::string place(std::size_t row) const;
  /// False for a case that was skipped because there was none.
  [[nodiscard]] bool has_device(std::size_t row) const;
  /// The case ended well, its output was not found wrong, and a time was measured.
  [[nodiscard]] bool has_speed(std::size_t row) const;
};

/// Leaves the check open because the column holds a word that is none of its fixed ones.
void set_unknown_word(QualificationCheck& check, const Facts& facts, std::size_t row,
                      std::string_view column);
bool is_one_of(std::string_view word, std::span<const std::string_view> words);

/// Fails with `input` and file:line at a number that its column cannot have, as a negative count.
Outcome check_numbers(const Facts& facts);

/// Turns a passing check into what it is.
void set(QualificationCheck& check, CheckResult status, std::string_view reason, Action action,
         std::string message);

/// Tells which rows all of `where` fits.
class RowFilter {
 public:
  RowFilter(const History& history, const Where& where);
  [[nodiscard]] bool fits(std::size_t row) const;

 private:
  struct Texts {
    const TextColumn* column;
    const std::vector<std::string>* values;
  };
  struct Numbers {
    const NumberColumn* column;
    std::vector<double> values;
  };
  std::vector<Texts> texts_;
  std::vector<Numbers> numbers_;
};

}  // namespace gpubench
