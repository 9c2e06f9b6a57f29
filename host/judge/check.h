// check.h — one judgement of one fact, as a line of checks.csv, and the verdict over all of
// them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

enum class CheckResult : std::uint8_t { pass, warn, fail, skip, inconclusive, error, waived };

/// What somebody should do about it.
enum class Action : std::uint8_t { none, monitor, fix_config, rerun, triage, reset, isolate };

/// The stage that a check belongs to, in the order in which they are judged.
enum class CheckKind : std::uint8_t {
  precondition,
  correctness,
  precision,
  validity,
  expectation,
  limit,
  baseline,
  peer,
  stability,
  health,
};

std::string_view to_string(CheckResult value);
std::string_view to_string(Action value);
std::string_view to_string(CheckKind value);
std::span<const std::string_view> check_result_words();
std::span<const std::string_view> action_words();
std::span<const std::string_view> check_kind_words();

/// What a baseline or the peers say of the observed value.
struct Against {
  std::string_view baseline_id;  ///< "peers" where they are the base.
  double value = std::numeric_limits<double>::quiet_NaN();
  double delta_rel = std::numeric_limits<double>::quiet_NaN();  ///< observed / value - 1
  double ci_low = std::numeric_limits<double>::quiet_NaN();     ///< Of delta_rel.
  double ci_high = std::numeric_limits<double>::quiet_NaN();
  double p_value = std::numeric_limits<double>::quiet_NaN();
  std::size_t n_base = 0, n_new = 0;
};

/// Texts are views of the History, Criteria and Baseline that were judged, which outlive it.
struct QualificationCheck {
  std::string_view run_id;                    ///< Empty: of no run, as a missing host.
  std::string_view case_id, device_name;      ///< Empty: of the run as a whole.
  std::string_view device_uuid, pci_address;  ///< Which of the devices of that name.
  std::string_view check;                     ///< Its name: "correctness", or that of a limit.
  CheckKind kind = CheckKind::precondition;
  bool required = true;
  CheckResult status = CheckResult::pass;
  Action action = Action::none;
  std::string_view reason;  ///< A code; empty when it passed.
  double observed = std::numeric_limits<double>::quiet_NaN();
  double limit_low = std::numeric_limits<double>::quiet_NaN();
  double limit_high = std::numeric_limits<double>::quiet_NaN();
  std::string_view unit;
  std::string_view limit_source;           ///< Where the limits come from.
  std::shared_ptr<const Against> against;  ///< Null for most: a million checks should stay small.
  std::string message;                     ///< Empty when it passed.
};

/// Of each row of a History, or null.
using RowChecks = std::vector<std::unique_ptr<const QualificationCheck>>;

enum class QualificationVerdict : std::uint8_t {
  qualified,
  qualified_with_warnings,
  inconclusive,
  not_qualified,
};
/// "NOT_QUALIFIED"
std::string_view to_string(QualificationVerdict value);

/// Whether a check of this status leaves open what it was to tell.
bool is_undecided(CheckResult status);

/// How many checks came out how: all that a verdict needs to know of them.
class CheckTally {
 public:
  /// Every check of one run; or of no run.
  void add_run(std::span<const QualificationCheck> checks);
  void add(const CheckTally& other);

  [[nodiscard]] std::size_t count(CheckKind kind, CheckResult status) const;
  [[nodiscard]] std::size_t count(CheckResult status) const;
  [[nodiscard]] std::size_t count() const;
  /// Checks without which the verdict stays open, and that are not decided.
  [[nodiscard]] std::size_t required_undecided() const { return required_undecided_; }
  /// Runs whose times are all doubtful: they decided nothing of what their times were to tell.
  [[nodiscard]] std::size_t runs_without_valid_time() const { return runs_without_valid_time_; }

 private:
  static constexpr std::size_t kKinds = 10, kResults = 7;
  std::array<std::array<std::size_t, kResults>, kKinds> counts_{};
  std::size_t required_undecided_ = 0, runs_without_valid_time_ = 0;
};

/// `checks` stand run after run.
CheckTally tally_of(std::span<const QualificationCheck> checks);

struct Qualification {
  QualificationVerdict verdict = QualificationVerdict::inconclusive;
  std::string line;                        ///< At most 80 characters.
  CheckTally tally;                        ///< Of all checks.
  std::vector<QualificationCheck> checks;  ///< Those that were kept; run after run.
};

/// Any failure → not_qualified; else a required check that is undecided, nothing that passed at
/// all, or a run whose times are all of doubtful validity → inconclusive; else any warning or
/// waiver, or a precision or validity that is open → qualified_with_warnings.
QualificationVerdict verdict_of(const CheckTally& tally);
std::string verdict_line(QualificationVerdict verdict, const CheckTally& tally);

/// At most `count` checks that did not pass, the one that weighs most first.
std::vector<const QualificationCheck*> worst_checks(std::span<const QualificationCheck> checks,
                                                    std::size_t count);

}  // namespace gpubench
