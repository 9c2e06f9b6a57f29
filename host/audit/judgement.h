// judgement.h — what two arrays prove about the precision of a path, and what they do not.
// Pure: facts in, words out. Where an output was stored and what it was computed in are separate
// findings; docs/silent-precision.md gives the reasons for every limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "audit/lattice.h"
#include "audit/pair_facts.h"

namespace gpubench {

enum class AuditVerdict : std::uint8_t { confirmed, downgraded, unresolved, inconclusive, wrong };

enum class StorageFinding : std::uint8_t {
  not_visible,  ///< Nothing informative, or too little to tell a grid from chance.
  off_grid,     ///< Off every coarser grid: nothing was stored below FP32.
  on_grid,      ///< All of it lies on the grid of `storage`.
  in_part,      ///< More of it lies on that grid than chance allows, but not all.
};

enum class InternalsFinding : std::uint8_t {
  not_visible,  ///< The output is too coarse, or too little of it, to show its arithmetic.
  fp32_like,    ///< Errors as FP32 arithmetic makes them, before any rounding of the output.
  as_declared,  ///< Errors as large as the declared format explains, which is below FP32.
  reduced,      ///< Errors that no rounding of the output explains.
  unclear,      ///< Errors above FP32's, and nothing in the arrays tells why.
};

/// Why the verdict is what it is: the first that applies, in this order.
enum class AuditReason : std::uint8_t {
  nothing_compared,   ///< inconclusive
  nan_output,         ///< wrong
  infinite_output,    ///< wrong: Inf where the reference fits fp16
  unlike_reference,   ///< wrong
  coarser_grid,       ///< downgraded
  fp16_range,         ///< downgraded: everything beyond fp16's range saturated
  partly_on_grid,     ///< unresolved
  exact_data,         ///< inconclusive: the reference is on the grids itself
  too_few_values,     ///< inconclusive: constant, or nearly so
  error_unexplained,  ///< unresolved: like that of a shorter format, but nothing proves it
  error_between,      ///< unresolved: above FP32's usual, below a shorter format's
  outliers,           ///< unresolved: FP32-like but for a few elements
  as_declared,        ///< confirmed
  better,             ///< confirmed: finer than declared
};

struct PairJudgement {
  AuditVerdict verdict = AuditVerdict::inconclusive;
  AuditReason reason = AuditReason::nothing_compared;
  StorageFinding storage_finding = StorageFinding::not_visible;
  std::optional<Lattice> storage;  ///< For on_grid and in_part.
  /// On the fp16 grid, and nothing tells it from tf32: no small values, no overflow.
  bool tf32_fits_as_well = false;
  InternalsFinding internals = InternalsFinding::not_visible;
  /// All errors lead one way, as a cast that truncates makes them: up to a whole ulp is its own.
  bool directed_rounding = false;
  /// Significand bits that zero-mean sums of rounded inputs would have for this error.
  double estimated_bits = kNoValue;
  /// Sums of more same-signed terms than this could hide inputs rounded to 11 bits.
  double hidden_beyond_terms = kNoValue;
};

PairJudgement judge_pair(const PairFacts& facts, Declared declared);

std::string_view to_string(AuditVerdict verdict);
std::string_view to_string(AuditReason reason);
std::string_view to_string(StorageFinding finding);
std::string_view to_string(InternalsFinding finding);

}  // namespace gpubench
