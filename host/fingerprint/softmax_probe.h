// softmax_probe.h — rows whose softmax gives away how many bits its parts keep, and running them in
// few launches. Knows nothing of what answers mean for a verdict.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "fingerprint/softmax_arithmetic.h"

namespace gpubench {

/// Something that computes the softmax of each row.
struct SoftmaxUnderTest {
  std::size_t rows = 1;
  std::size_t columns = 1;
  NumberFormat storage = NumberFormat::fp32;  ///< Of input and output in memory.
  /// Of row-major rows x columns, whose values the storage format holds exactly.
  std::function<Result<std::vector<float>>(std::span<const float> x)> normalize;
};

struct SoftmaxAnswers {
  std::vector<std::vector<float>> y;  ///< Of each row, at its places.
  std::size_t strays = 0;             ///< Outputs elsewhere that are not 0.
};

/// A softmax under test, with a count of the launches that it took.
class SoftmaxLauncher {
 public:
  explicit SoftmaxLauncher(const SoftmaxUnderTest& under_test) : under_test_(under_test) {}

  [[nodiscard]] const SoftmaxUnderTest& under_test() const { return under_test_; }
  [[nodiscard]] int launches() const { return launches_; }
  /// Rows of the launch that no row of the list takes are the list's again, from the first on.
  Result<SoftmaxAnswers> run(const std::vector<SoftmaxRow>& rows);

 private:
  Outcome run_sheet(std::span<const SoftmaxRow> rows, SoftmaxAnswers& answers);

  const SoftmaxUnderTest& under_test_;
  int launches_ = 0;
};

/// What the probes saw. Bits are as far as the output shows them.
struct SoftmaxSeen {
  int input = 0;  ///< Largest p up to which x·(1 + 2^-p) is told from x: the fraction bits kept.
  int exp = 0;    ///< Largest t for which exp(-1.5·2^-t) is told from 1.
  int sum = 0;    ///< Largest t for which 1 + 1.5·2^-t is told from 1.
  bool shifted = false;            ///< Logits of 100 come out right.
  std::optional<bool> wide_range;  ///< Inputs beyond fp16's range do; where storage holds any.
  double ones = 0;                 ///< What the sum of `columns` ones comes to.
  bool operator==(const SoftmaxSeen&) const = default;
};

class SoftmaxProbes {
 public:
  SoftmaxProbes(std::size_t columns, NumberFormat storage);

  [[nodiscard]] const std::vector<SoftmaxRow>& rows() const { return rows_; }
  /// From y of each row.
  [[nodiscard]] SoftmaxSeen read(const std::vector<std::vector<float>>& y) const;

 private:
  using Index = std::size_t;  ///< Into rows_.
  Index add_pair(float first, float second);
  void add_input_rows();
  void add_step_rows();
  void add_range_rows();

  std::size_t columns_;
  NumberFormat storage_;
  std::vector<SoftmaxRow> rows_;
  std::vector<std::vector<Index>> input_;  ///< [p - 1]: one of them tells is enough.
  std::vector<Index> exp_;                 ///< [t - 1]
  std::vector<Index> sum_;                 ///< [t - 1]
  Index shift_ = 0;
  std::optional<Index> range_;
  Index ones_ = 0;
};

/// Places that a random row fills at most: few enough that no share is subnormal in fp16.
inline constexpr std::size_t kMostSoftmaxPlaces = 32;

/// Rows of up to kMostSoftmaxPlaces numbers uniform in (-3, 3), at places spread over the row:
/// `count` of them.
std::vector<SoftmaxRow> random_softmax_rows(std::size_t count, std::size_t columns,
                                            NumberFormat storage, std::uint64_t seed);
/// Rows of 1, 2, 4, ... equal numbers, whose softmax is exact in every precision.
std::vector<SoftmaxRow> equal_softmax_rows(std::size_t count, std::size_t columns,
                                           std::uint64_t seed);

}  // namespace gpubench
