// probe.h — one dot product with a telling answer, and running many of them in few launches.
// Knows nothing of what answers mean.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fingerprint/under_test.h"

namespace gpubench {

struct ProbeTerm {
  std::size_t k = 0;
  float a = 0;
  float b = 1;
};

/// The sum of a·b over its terms; zero at every other k.
struct Probe {
  std::string name;  ///< As in docs/validating.md, unique among those that run together.
  std::vector<ProbeTerm> terms;
};

/// Rows and columns of C whose outputs are computed alike.
struct Region {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
  bool operator==(const Region&) const = default;
};

/// A matmul under test, with a count of the launches that it took.
class Launcher {
 public:
  explicit Launcher(const MatmulUnderTest& under_test) : under_test_(under_test) {}

  [[nodiscard]] const MatmulShape& shape() const { return under_test_.shape; }
  [[nodiscard]] NumberFormat storage() const { return under_test_.storage; }
  [[nodiscard]] int launches() const { return launches_; }
  /// Whether the storage format holds every number of the probe.
  [[nodiscard]] bool can_store(const Probe& probe) const;

  Result<std::vector<float>> multiply(std::span<const float> a, std::span<const float> b);
  /// The answer of each probe. Each takes a row; those whose b are all 1 share a column.
  Result<std::vector<float>> run(const Region& region, std::span<const Probe> probes);

 private:
  const MatmulUnderTest& under_test_;
  int launches_ = 0;
};

/// What a probe gives in an arithmetic without groups, its terms following each other directly.
float predicted(const MatmulArithmetic& arithmetic, const Probe& probe);

/// Equal values, zeros of either sign, or NaN both.
bool same_answer(float a, float b);

}  // namespace gpubench
