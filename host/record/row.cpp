#include "record/row.h"

#include <cmath>

namespace gpubench {
namespace {

std::optional<double> per_second(const Row& row, double amount) {
  if (!has_speed(row)) return std::nullopt;
  const double median_s = row.timing->median_s;
  if (!std::isfinite(median_s) || median_s <= 0) return std::nullopt;
  const double rate = amount / median_s;
  return std::isfinite(rate) ? std::optional(rate) : std::nullopt;
}

}  // namespace

bool has_speed(const Row& row) {
  if (row.status != RowStatus::ok) return false;
  if (row.check && row.check->status == CheckStatus::failed) return false;
  return row.timing && row.series && !row.series->samples.empty();
}

std::optional<double> throughput_flops(const Row& row) {
  return per_second(row, flop(row.planned.problem));
}

std::optional<double> bandwidth_bytes_per_s(const Row& row) {
  return per_second(row, moved_bytes(row.planned.problem, row.planned.precision));
}

std::optional<double> fraction_of_peak(const Row& row) {
  const auto rate = throughput_flops(row);
  if (!rate || !row.peak_flops || !(*row.peak_flops > 0)) return std::nullopt;
  return *rate / *row.peak_flops;
}

bool has_fp32_peak(const Case& planned) {
  constexpr double kTellingFlop = 1e8;  // a millisecond at 100 GFLOP/s
  return planned.problem.op != Op::softmax && planned.precision == Precision::fp32 &&
         flop(planned.problem) >= kTellingFlop;
}

bool is_in_margin(const DecisionFacts& facts, std::size_t listed) {
  const double distance = facts.flips.flips.at(listed).reference - facts.flips.settings.threshold;
  return std::abs(distance) <= facts.margins.at(listed);
}

bool is_above_peak(const Row& row) {
  const auto fraction = fraction_of_peak(row);
  return has_fp32_peak(row.planned) && fraction && *fraction > kPeakMargin;
}

std::optional<DeclaredEvidence> declared_evidence(const Row& row) {
  if (!row.declared) return std::nullopt;
  return declared_evidence(row.planned.precision, *row.declared);
}

bool accuses(std::string_view precision_verdict, std::string_view declared) {
  if (precision_verdict == "downgraded") return declared != to_string(Precision::fp32_via_fp16);
  return precision_verdict == "wrong" || precision_verdict == "nondeterministic";
}

RowStatus status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unsupported:
      return RowStatus::unsupported;
    case ErrorKind::out_of_memory:
      return RowStatus::out_of_memory;
    case ErrorKind::timeout:
      return RowStatus::timeout;
    case ErrorKind::device_lost:
      return RowStatus::device_lost;
    case ErrorKind::usage:
    case ErrorKind::input:
    case ErrorKind::no_device:
    case ErrorKind::io:
    case ErrorKind::interrupted:
    case ErrorKind::internal:
      return RowStatus::error;
  }
  return RowStatus::error;
}

}  // namespace gpubench
