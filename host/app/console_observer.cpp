#include "app/console_observer.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/terminal.h"
#include "report/case_label.h"
#include "report/console.h"

namespace gpubench {

ConsoleObserver::ConsoleObserver(Verbosity verbosity, ConsoleStyle style)
    : verbosity_(verbosity),
      style_(style),
      live_(verbosity == Verbosity::normal && is_terminal(TerminalStream::err)) {}

ConsoleObserver::~ConsoleObserver() {
  clear_live_line();
}

double ConsoleObserver::seconds_since(Clock::time_point start) const {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void ConsoleObserver::on_device(const DeviceTraits& device) {
  clear_live_line();
  fmt::print("{}\n", device_line(device, style_));
  std::fflush(stdout);
}

void ConsoleObserver::on_case(const CaseStart& start) {
  case_began_ = Clock::now();
  label_ = short_label(start.planned);
  progress_ = {start.position, start.total, label_, std::nullopt, std::nullopt};
  predicted_s_.assign(start.predicted_s.begin(), start.predicted_s.end());
  show_live_line();
}

void ConsoleObserver::on_stage(std::string_view stage) {
  progress_.label = fmt::format("{}: {}", label_, stage);
  show_live_line();
}

void ConsoleObserver::on_row(const Row& row) {
  finished_took_s_ += seconds_since(case_began_);
  ++finished_;
  progress_.label = row_label(row);
  clear_live_line();
  if (verbosity_ == Verbosity::normal && !live_) {
    fmt::print(stderr, "{}\n", finished_line(progress_, row));
  }
}

void ConsoleObserver::show_live_line() {
  if (!live_) return;
  progress_.left_s =
      time_left({predicted_s_, finished_, finished_took_s_, seconds_since(case_began_)});
  fmt::print(stderr, "\r\x1b[K{}",
             progress_line(progress_, terminal_width(TerminalStream::err) - 1));
  std::fflush(stderr);
  shown_ = true;
}

void ConsoleObserver::clear_live_line() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace gpubench
