// audit.h — compares outputs of other programs with a reference, in one walk through all of them.
// Memory does not grow with the arrays. Knows nothing of files: an array is a function that reads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/flips.h"
#include "audit/judgement.h"
#include "audit/pair_facts.h"
#include "audit/paths.h"
#include "audit/ranking.h"
#include "base/result.h"

namespace gpubench {

struct AuditArray {
  std::string name;  ///< For messages and reports: the file.
  std::string type;  ///< "float32"
  std::vector<std::uint64_t> shape;
  /// Elements [first, first + out.size()) in C order; called by several threads at once.
  std::function<Outcome(std::uint64_t first, std::span<double> out)> read;

  [[nodiscard]] std::uint64_t size() const;
};

struct AuditRequest {
  AuditArray reference;
  std::vector<AuditArray> outputs;
  std::optional<AuditArray> labels;  ///< Needs `decision`.
  Declared declared = Declared::fp32;
  std::optional<DecisionSettings> decision;
  std::optional<std::uint32_t> top_k;  ///< Nothing: 5, or as many as there are, for a matrix.
};

struct OutputAudit {
  std::string name, type;
  std::vector<std::uint64_t> shape;
  PairFacts pair;
  std::optional<FlipFacts> flips;
  std::optional<RankingFacts> ranking;
  PairJudgement judgement;
};

struct Audit {
  std::string reference_name, reference_type;
  std::vector<std::uint64_t> shape;
  std::string labels_name;  ///< Empty: none.
  Declared declared = Declared::fp32;
  std::vector<OutputAudit> outputs;
  std::optional<PathMatrix> paths;  ///< With two outputs or more.
};

/// Errors of kind `input`: shapes that differ (but for axes of length 1), nothing in the arrays, a
/// NaN in the reference, labels other than 0 and 1. The same facts with any number of threads.
Result<Audit> run_audit(const AuditRequest& request);

}  // namespace gpubench
