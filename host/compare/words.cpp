#include "compare/words.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace gpubench {
namespace {

using namespace std::string_view_literals;

constexpr std::array kVerdicts = {"REGRESSED"sv, "MISSING"sv, "INCOMPARABLE"sv, "AMBIGUOUS"sv,
                                  "IMPROVED"sv,  "NEW"sv,     "SAME"sv,         "NOT_TIMED"sv};
constexpr std::array kReasons = {"none"sv,   "same_runs"sv,      "single_run"sv, "underpowered"sv,
                                 "clock"sv,  "single_session"sv, "small"sv,      "noisy"sv,
                                 "absent"sv, "not_run"sv,        "failed"sv,     "kernel_hash"sv,
                                 "fill"sv,   "timer"sv};
constexpr std::array kChanges = {"WORSE"sv, "UNCHECKED"sv, "CHANGED"sv, "BETTER"sv};
constexpr std::array kAspects = {"status"sv, "check"sv,         "precision"sv,
                                 "drift"sv,  "repeatability"sv, "bits"sv};

template <class Enum, std::size_t N>
std::string_view word_of(const std::array<std::string_view, N>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

std::string underpowered_text(const SpeedComparison& speed) {
  return fmt::format("{} against {} runs reach p = {:.2g} at best", speed.n_base, speed.n_new,
                     speed.smallest_p.value_or(1));
}

}  // namespace

std::string_view to_string(SpeedVerdict value) {
  return word_of(kVerdicts, value);
}
std::string_view to_string(SpeedReason value) {
  return word_of(kReasons, value);
}
std::string_view to_string(OutputChange value) {
  return word_of(kChanges, value);
}
std::string_view to_string(OutputAspect value) {
  return word_of(kAspects, value);
}

std::string reason_text(const SeriesComparison& series) {
  const SpeedComparison& speed = series.speed;
  switch (speed.reason) {
    case SpeedReason::none:
      return "";
    case SpeedReason::same_runs:
      return "both sets are the same runs";
    case SpeedReason::single_run:
      return "one run a side is weaker evidence: only the ranges of the samples are compared";
    case SpeedReason::underpowered:
      return underpowered_text(speed);
    case SpeedReason::clock:
      return "the device's clock moved with the times";
    case SpeedReason::single_session:
      return "so few sessions differ by as much without any change";
    case SpeedReason::small:
      return fmt::format("there is a difference, but below the {:.1f} % that count here",
                         100 * speed.minimum_effect);
    case SpeedReason::noisy:
      return "the runs spread too much to tell";
    case SpeedReason::absent:
      return "no row";
    case SpeedReason::not_run:
    case SpeedReason::failed:
      return series.speed_detail;
    case SpeedReason::kernel_hash:
      return "another kernel was timed";
    case SpeedReason::fill:
      return "the inputs were filled in another way";
    case SpeedReason::timer:
      return "another clock was used";
  }
  return "";
}

std::string next_step(const SpeedComparison& speed) {
  switch (speed.reason) {
    case SpeedReason::single_run:
      return "run each side at least 4 times";
    case SpeedReason::underpowered:
      return fmt::format("run each side at least {} times", speed.runs_needed);
    case SpeedReason::clock:
      return "pin the clock, or cool down; then run both sides again";
    case SpeedReason::single_session:
      return "run both sides in turns, or 4 sessions of each, or give a --floor of 3 sessions or "
             "more";
    case SpeedReason::small:
    case SpeedReason::noisy:
      return "take more runs on each side; stop what else runs";
    case SpeedReason::kernel_hash:
      return "if the kernel is what you changed, say --across kernels";
    case SpeedReason::fill:
    case SpeedReason::timer:
      return "run both sides alike";
    case SpeedReason::absent:
    case SpeedReason::not_run:
    case SpeedReason::failed:
      return speed.verdict == SpeedVerdict::missing ? "find out why the case has no time now" : "";
    case SpeedReason::none:
    case SpeedReason::same_runs:
      return "";
  }
  return "";
}

}  // namespace gpubench
