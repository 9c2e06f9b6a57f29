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

std::optional<double> ratio(const std::optional<double>& rate, const std::optional<double>& peak) {
  if (!rate || !peak || !(*peak > 0)) return std::nullopt;
  return *rate / *peak;
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
  return ratio(throughput_flops(row), row.peak_flops);
}

std::optional<double> fraction_of_bandwidth(const Row& row) {
  return ratio(bandwidth_bytes_per_s(row), row.peak_bandwidth_bytes_per_s);
}

bool is_in_margin(const DecisionFacts& facts, std::size_t listed) {
  const double distance = facts.flips.flips.at(listed).reference - facts.flips.settings.threshold;
  return std::abs(distance) <= facts.margins.at(listed);
}

bool is_above_peak(const Row& row) {
  return fraction_of_peak(row) > kPeakMargin || fraction_of_bandwidth(row) > kPeakMargin;
}

bool proves_less_than_fp32(const Row& row) {
  const Case& planned = row.planned;
  return planned.problem.op != Op::softmax && planned.precision == Precision::fp32 &&
         is_above_peak(row);
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
