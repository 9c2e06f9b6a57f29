// check_sheet.h — one product whose rows and columns of a few kinds meet in every part of the
// output, so that a part needs few rows and columns to answer all probes. For probes whose
// neighbours do not matter. Knows nothing of what answers mean.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "fingerprint/confirm.h"

namespace gpubench {

class CheckSheet {
 public:
  /// Takes as many of the probes, from the first on, as there are rows and columns for. Kinds go to
  /// rows and columns in the region's order.
  CheckSheet(const MatmulShape& shape, const Region& order, std::span<const Probe> probes);

  /// Those that it took.
  [[nodiscard]] const std::vector<Probe>& probes() const { return probes_; }
  [[nodiscard]] RandomProduct operands() const;
  /// An output for each probe that the region has one of.
  [[nodiscard]] std::vector<ProbeSheet::Place> places_in(const Region& region) const;

 private:
  /// What a row of A or a column of B holds, in bits: NaN has no order. Empty: 1 at every k.
  using Kind = std::vector<std::pair<std::size_t, std::uint32_t>>;
  class Side {
   public:
    Side(std::vector<std::size_t> order, std::size_t depth);
    /// The kind's number; that of a new one where there is room, or else kNoRoom.
    std::size_t number_of(const Kind& kind);
    [[nodiscard]] std::vector<std::size_t> numbers() const;  ///< Of each row, or column.
    [[nodiscard]] std::vector<float> values(std::size_t number) const;

   private:
    std::vector<std::size_t> order_;
    std::size_t depth_;
    std::vector<Kind> kinds_ = {{}};
  };
  struct Meeting {
    std::size_t row_kind;
    std::size_t column_kind;
  };
  bool take(const Probe& probe);

  MatmulShape shape_;
  Side rows_;
  Side columns_;
  std::vector<Probe> probes_;
  std::vector<Meeting> meetings_;  ///< Of each probe.
};

}  // namespace gpubench
