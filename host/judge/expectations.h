// expectations.h — the scenario author's own rules (`expect`), held against the rows of the runs
// that have them. Knows them from run.json; a table alone has none.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "judge/facts.h"
#include "scenario/scenario.h"

namespace gpubench {

/// What the rows say to the rules of their scenarios. Checks are views of it.
class Expectations {
 public:
  /// Reads the rules of each scenario once, and of the tables what they speak of. Fails with
  /// `input`: a run.json or its scenario that cannot be read.
  static Result<Expectations> read(const History& history);

  /// Whether a rule names the very check_status that the row has: a failure that is expected is no
  /// bad news, and its absence is.
  [[nodiscard]] bool expects(std::size_t row) const;

  /// Appends a check for each rule that speaks of the row and finds a value there.
  void check_row(std::vector<QualificationCheck>& checks, const Facts& facts,
                 std::size_t row) const;
  /// Appends an open check for each rule of the run that found no value in any row.
  void check_run(std::vector<QualificationCheck>& checks, const Facts& facts,
                 const HistoryRun& run) const;

 private:
  /// One rule, over the rows of `columns_`.
  struct Rule {
    ExpectRule rule;
    std::string name;    ///< "expect rel_fro_err"
    std::string source;  ///< "expect 2 of scenario matmul"
    std::string_view unit;
    Where where;
    std::optional<RowFilter> filter;  ///< Of `where`; looks into it.
  };
  using Rules = std::vector<Rule>;

  /// The rules of a run, and where its rows stand in `columns_`.
  struct OfRun {
    const Rules* rules = nullptr;
    std::size_t first_row = 0;
  };
  enum class Finding : std::uint8_t { silent, kept, broken };

  /// Null without a run.json.
  static Result<std::unique_ptr<Rules>> rules_of(const HistoryRun& run);
  Outcome read_rules(const History& history);
  [[nodiscard]] std::vector<std::string_view> columns_of_rules() const;
  Outcome read_columns(const History& history);
  [[nodiscard]] const OfRun& of_row(std::size_t row) const { return runs_[history_->run_of(row)]; }
  [[nodiscard]] std::size_t own_row(std::size_t row) const;
  [[nodiscard]] Finding judge(const Rule& rule, std::size_t own_row) const;

  const History* history_ = nullptr;
  std::vector<std::unique_ptr<Rules>> scenarios_;
  std::vector<OfRun> runs_;           ///< By place in history.runs(); empty: no run has rules.
  std::unique_ptr<History> columns_;  ///< Of the runs that have rules: what these speak of.
};

}  // namespace gpubench
