// ranking.h — does each row of the output put the same classes first as its reference?
// Pure. The first of equal values wins, as in NumPy's argmax. A swap of classes is excused by a
// format if their references are no further apart than its rounding may move two values.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "audit/lattice.h"
#include "drift/drift.h"

namespace gpubench {

/// A row in which output and reference do not agree on the first class.
struct Disagreement {
  std::uint64_t row = 0;
  std::uint64_t reference_class = 0, output_class = 0;
  double margin = 0;  ///< Between the references of these two classes.
  std::array<bool, kLattices> excused{};
};

struct RankingFacts {
  std::uint32_t top_k = 0;
  std::uint64_t rows = 0, columns = 0;
  std::uint64_t unranked = 0;  ///< Rows with a NaN in the output.
  std::uint64_t same_first = 0;
  std::uint64_t same_set = 0;      ///< The same top k, in any order.
  std::uint64_t same_order = 0;    ///< The same top k in the same order.
  double mean_overlap = kNoValue;  ///< Share of the top k that both have.
  std::uint64_t output_ties = 0;   ///< Rows whose two largest outputs are equal.
  std::uint64_t reference_ties = 0;
  std::array<std::uint64_t, kLattices> excused{};  ///< Disagreements, for each format.
  double largest_disputed_margin = kNoValue;       ///< Of the disagreements.
  double smallest_margin = kNoValue;               ///< First to second reference, of all rows.
  std::vector<Disagreement> disagreements;         ///< The first of them, by row.

  /// Rows that sum to 1 with nothing below 0, in the reference: softmax outputs, as a rule.
  bool distributions = false;
  double max_sum_error = kNoValue;        ///< max |Σ G - 1|
  double max_total_variation = kNoValue;  ///< max Σ|e|/2
  double mean_divergence = kNoValue;      ///< Mean KL(R‖G) in nats, where R and G are above 0.

  [[nodiscard]] std::uint64_t disagreeing() const { return rows - unranked - same_first; }
};

/// Takes rows in pieces; a row may be cut, a collector starts and ends with whole rows. Others join
/// by +=, in order of rows.
class RankingCollector {
 public:
  /// `top_k` is at least 1 and at most `columns`.
  RankingCollector(std::uint64_t first_row, std::uint64_t columns, std::uint32_t top_k);

  void add(std::span<const double> reference, std::span<const double> output);
  RankingCollector& operator+=(const RankingCollector& other);
  [[nodiscard]] RankingFacts facts() const;

 private:
  struct Entry {
    double value = 0;
    double reference = 0;
    std::uint64_t column = 0;
  };
  /// The largest values of a row so far, in order.
  class Top {
   public:
    explicit Top(std::uint32_t size) : entries_(size) {}
    void offer(const Entry& entry) {
      if (filled_ < entries_.size() || entry.value > entries_.back().value) insert(entry);
    }
    void clear() { filled_ = 0; }
    [[nodiscard]] std::span<const Entry> entries() const { return {entries_.data(), filled_}; }

   private:
    void insert(const Entry& entry);

    std::vector<Entry> entries_;
    std::size_t filled_ = 0;
  };

  void add_part(std::span<const double> reference, std::span<const double> output);
  void add_probabilities(std::span<const double> reference, std::span<const double> output);
  void finish_row();
  void compare_tops();
  void note_disagreement();
  void finish_distribution();

  RankingFacts facts_;
  std::uint64_t row_, column_ = 0;
  Top reference_top_, output_top_;
  bool row_has_nan_ = false;
  double overlaps_ = 0, divergences_ = 0;
  double row_reference_ = 0, row_output_ = 0, row_variation_ = 0, row_divergence_ = 0;
  double row_least_ = 0;
};

}  // namespace gpubench
