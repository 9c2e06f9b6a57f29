// flips.h — which decisions at a threshold an output turned around, and which of them its format
// explains. Pure. A decision is a value compared with the threshold, alone: no tolerance.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audit/lattice.h"
#include "audit/rounding_window.h"

namespace gpubench {

struct DecisionSettings {
  double threshold = 0.5;
  DecisionRule rule = DecisionRule::at_least;
};

/// Of decisions against labels.
struct Confusion {
  std::uint64_t true_positive = 0, false_positive = 0, false_negative = 0, true_negative = 0;
  bool operator==(const Confusion&) const = default;
};

enum class Label : std::uint8_t { none, no, yes };

/// So many flips are listed, more than anybody reads; the counts are of all.
inline constexpr std::uint64_t kListedFlips = 1000;

struct Flip {
  std::uint64_t index = 0;
  double reference = 0, output = 0;
  Label label = Label::none;
  std::array<bool, kLattices> in_window{};  ///< By the reference, for each format.
};

/// For one format: what its rounding alone may flip, and what of that happened.
struct WindowFacts {
  std::optional<RoundingWindow> window;  ///< Nothing: rounding to this format flips no decision.
  std::uint64_t at_risk = 0;             ///< References within it.
  std::uint64_t explained = 0;           ///< Flips within it, in its direction.
};

struct FlipFacts {
  DecisionSettings settings;
  std::uint64_t decided = 0;    ///< Pairs without a NaN.
  std::uint64_t undecided = 0;  ///< The output is NaN.
  std::uint64_t up = 0, down = 0;
  std::array<WindowFacts, kLattices> windows{};
  std::vector<Flip> flips;  ///< The first kListedFlips of them, by index; up + down are all.

  bool labelled = false;
  Confusion reference, output;
  std::uint64_t broke = 0, repaired = 0;  ///< Flips away from the label, and towards it.
  /// Exact two-sided McNemar test: the chance of so uneven a split, were both equally good.
  double mcnemar_p = 1;

  [[nodiscard]] const WindowFacts& in(Lattice lattice) const {
    return windows[static_cast<std::size_t>(lattice)];
  }
};

/// Takes pairs in pieces; pieces of other collectors join by +=, in order of index.
class FlipCollector {
 public:
  explicit FlipCollector(const DecisionSettings& settings);

  /// Spans have the same length; `labels` may be empty, otherwise they are 0 or 1.
  void add(std::uint64_t first, std::span<const double> reference, std::span<const double> output,
           std::span<const double> labels);
  FlipCollector& operator+=(const FlipCollector& other);
  [[nodiscard]] FlipFacts facts() const;

 private:
  void count_labelled(std::span<const double> reference, std::span<const double> output,
                      std::span<const double> labels);
  void note_flips(std::uint64_t first, std::span<const double> reference,
                  std::span<const double> output, std::span<const double> labels);
  void note(std::uint64_t index, double reference, double output, Label label);

  FlipFacts facts_;
};

}  // namespace gpubench
