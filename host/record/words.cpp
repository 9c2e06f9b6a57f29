#include "record/words.h"

#include <algorithm>
#include <array>

namespace gpubench {
namespace {

using namespace std::string_view_literals;

constexpr std::array kRowStatus = {"ok"sv,    "unsupported"sv, "skipped"sv,     "failed"sv,
                                   "error"sv, "timeout"sv,     "device_lost"sv, "out_of_memory"sv};
constexpr std::array kCheckStatus = {"passed"sv, "mistrusted"sv, "failed"sv, "not_run"sv};
constexpr std::array kTimingStatus = {"steady"sv, "noisy"sv, "drifting"sv, "short"sv, "not_run"sv};
constexpr std::array kStopReason = {"not_run"sv,     "converged"sv, "settled"sv,    "budget"sv,
                                    "max_samples"sv, "held"sv,      "interrupted"sv};
constexpr std::array kTimer = {"gpu_timestamp"sv, "host"sv};
constexpr std::array kPrecisionVerdict = {"wrong"sv,      "nondeterministic"sv, "downgraded"sv,
                                          "unresolved"sv, "confirmed"sv,        "better"sv,
                                          "not_probed"sv};

template <class Enum, std::size_t N>
std::string_view word_of(const std::array<std::string_view, N>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string_view to_string(RowStatus value) {
  return word_of(kRowStatus, value);
}
std::string_view to_string(CheckStatus value) {
  return word_of(kCheckStatus, value);
}
std::string_view to_string(TimingStatus value) {
  return word_of(kTimingStatus, value);
}
std::string_view to_string(StopReason value) {
  return word_of(kStopReason, value);
}
std::string_view to_string(TimerKind value) {
  return word_of(kTimer, value);
}

std::optional<RowStatus> parse_row_status(std::string_view text) {
  const auto found = std::find(kRowStatus.begin(), kRowStatus.end(), text);
  if (found == kRowStatus.end()) return std::nullopt;
  return static_cast<RowStatus>(found - kRowStatus.begin());
}

std::span<const std::string_view> row_status_words() {
  return kRowStatus;
}
std::span<const std::string_view> check_status_words() {
  return kCheckStatus;
}
std::span<const std::string_view> timing_status_words() {
  return kTimingStatus;
}
std::span<const std::string_view> stop_reason_words() {
  return kStopReason;
}
std::span<const std::string_view> timer_words() {
  return kTimer;
}
std::span<const std::string_view> precision_verdict_words() {
  return kPrecisionVerdict;
}

}  // namespace gpubench
