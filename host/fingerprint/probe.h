// probe.h — one dot product with a telling answer, and running many of them in few launches.
// Knows nothing of what answers mean.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
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

/// One launch: rows of A and columns of B given out in the order of the probes, in the order of the
/// region's. Each probe takes a row; those whose b are all 1 share a column.
class ProbeSheet {
 public:
  struct Place {
    std::size_t probe = 0;  ///< As given to place().
    std::size_t row = 0;
    std::size_t column = 0;
  };

  ProbeSheet(const MatmulShape& shape, const Region& region)
      : shape_(shape), region_(region), a_(shape.m * shape.k), b_(shape.k * shape.n) {}

  /// False when the launch is full.
  bool place(const Probe& probe, std::size_t index);
  /// Columns that no probe took are made ones, where every probe whose b are all 1 shows again.
  /// Returns them.
  std::vector<std::size_t> fill_free_columns();

  [[nodiscard]] std::span<const float> a() const { return a_; }
  [[nodiscard]] std::span<const float> b() const { return b_; }
  [[nodiscard]] const std::vector<Place>& places() const { return places_; }

 private:
  /// Where b is not 1; empty where any column of ones will do.
  using Column =
      std::vector<std::pair<std::size_t, std::uint32_t>>;  ///< Bits of b: NaN has no order.
  static Column column_of(const Probe& probe);
  void add_column(const Column& column);

  MatmulShape shape_;
  const Region& region_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::map<Column, std::size_t> columns_;
  std::vector<Place> places_;
};

/// Whether a format holds every number of a probe.
bool can_store(NumberFormat storage, const Probe& probe);

/// A matmul under test, with a count of the launches that it took.
class Launcher {
 public:
  explicit Launcher(const MatmulUnderTest& under_test) : under_test_(under_test) {}

  [[nodiscard]] const MatmulShape& shape() const { return under_test_.shape; }
  [[nodiscard]] NumberFormat storage() const { return under_test_.storage; }
  [[nodiscard]] int launches() const { return launches_; }

  Result<std::vector<float>> multiply(std::span<const float> a, std::span<const float> b);
  /// The answer of each probe.
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
