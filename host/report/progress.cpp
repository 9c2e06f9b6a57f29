#include "report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

std::string counter(const Progress& progress) {
  const std::size_t digits = std::to_string(progress.total).size();
  return fmt::format("[{:>{}}/{}] ", progress.position, digits, progress.total);
}

std::string suffix(const Progress& progress) {
  std::string text;
  if (progress.share) {
    text += fmt::format(" · {:.0f} %", std::clamp(*progress.share, 0.0, 1.0) * 100);
  }
  // Less than half a second is no news, and may be a prediction that came out short.
  if (progress.left_s && *progress.left_s >= 0.5)
    text += " · " + format_seconds(*progress.left_s) + " left";
  return text;
}

}  // namespace

std::string progress_line(const Progress& progress, std::size_t width) {
  const std::string head = counter(progress);
  const std::string tail = suffix(progress);
  const std::size_t taken = display_width(head) + display_width(tail);
  const std::string label = printable(progress.label);
  // A window too narrow even for that: the counter is worth most.
  if (taken >= width) return clip_end(head + label, width);
  return head + clip_middle(label, width - taken) + tail;
}

std::string finished_line(const Progress& progress, const Row& row) {
  const std::string verdict = printable(verdict_cell(row).text);
  const std::string time =
      has_speed(row) ? format_seconds(row.timing->median_s) + ", " : std::string();
  return fmt::format("{}{}: {}{}", counter(progress), printable(progress.label), time, verdict);
}

std::optional<double> time_left(const Pace& pace) {
  const auto done = pace.predicted_s.first(std::min(pace.finished, pace.predicted_s.size()));
  const auto rest = pace.predicted_s.subspan(done.size());
  const double predicted_done = std::accumulate(done.begin(), done.end(), 0.0);
  const double predicted_rest = std::accumulate(rest.begin(), rest.end(), 0.0);
  if (!std::isfinite(predicted_done + predicted_rest)) return std::nullopt;
  // Before anything has finished the predictions must do as they are.
  const bool known = predicted_done > 0 && pace.finished_took_s > 0;
  const double correction = known ? pace.finished_took_s / predicted_done : 1;
  return std::max(0.0, correction * predicted_rest - pace.current_took_s);
}

}  // namespace gpubench
