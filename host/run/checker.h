// checker.h — holds outputs against references: makes each reference once for all precisions and
// kernels that share it, and turns metrics into the check columns of a row.
#pragma once

#include <list>
#include <optional>
#include <vector>

#include "base/result.h"
#include "drift/verdict.h"
#include "plan/case.h"
#include "record/row.h"
#include "reference/reference.h"

namespace gpubench {

/// What the check of one output said.
struct Judgement {
  Check check;
  CheckFacts facts;
  std::optional<EndToEnd> end_to_end;
  std::optional<DecisionFacts> decisions;
  std::optional<Reason> reason;      ///< Set when failed or mistrusted.
  std::vector<ErrorCell> error_map;  ///< Of the first failed outputs.
};

/// Failed outputs whose errors are mapped: a broken device should not fill the disk.
constexpr std::size_t kErrorMaps = 16;

class Checker {
 public:
  /// Makes the case's reference and tolerance, unless they are at hand already. Fails with `input`
  /// (a fill file), `out_of_memory` or `internal`.
  Outcome prepare(const Case& planned, Coverage coverage = Coverage::whole);

  /// Judges an output of the case prepared last. `first`: what the output of the first dispatch
  /// got, when this is that of a later one.
  Judgement judge(const OutputView& output, const Judgement* first);

 private:
  struct Entry {
    Problem problem;
    Format storage = Format::f32;
    Coverage coverage = Coverage::whole;
    Reference reference;
    OracleRows oracle;
    FreivaldsProbe freivalds;
  };

  Result<const Entry*> entry_for(const Case& planned, Format format, Coverage coverage);
  void make_room(const Case& planned, Coverage coverage);
  Outcome find_unrounded(const Case& planned);
  Result<bool> measure_power(const Case& planned, const Entry& entry) const;

  std::list<Entry> entries_;
  const Entry* current_ = nullptr;
  const Entry* unrounded_ = nullptr;  ///< Of the inputs before storage; null: it would cost much.
  std::optional<DecideSpec> decide_;
  Tolerance margin_;  ///< Of the declared precision from unrounded inputs on.
  std::vector<std::uint8_t> labels_;
  double expected_rel_fro_err_ = kNoValue;
  Tolerance tolerance_;
  std::optional<bool> has_power_;
  std::optional<std::pair<Problem, Precision>> power_of_;  ///< What has_power_ was measured for.
  std::size_t maps_left_ = kErrorMaps;
};

/// What theory needs to know of the case, its inputs and its path.
ToleranceInput tolerance_input(const Case& planned, const Reference& reference);

}  // namespace gpubench
