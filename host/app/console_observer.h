// console_observer.h — shows a run on stderr while it goes: a live line on a terminal, a line for
// each finished case elsewhere.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "report/progress.h"
#include "report/table.h"
#include "run/session.h"

namespace gpubench {

enum class Verbosity : unsigned char { quiet, normal };

class ConsoleObserver final : public RunObserver {
 public:
  ConsoleObserver(Verbosity verbosity, ConsoleStyle style);
  ~ConsoleObserver() override;
  ConsoleObserver(const ConsoleObserver&) = delete;
  ConsoleObserver& operator=(const ConsoleObserver&) = delete;

  void on_device(const DeviceTraits& device) override;
  void on_case(const CaseStart& start) override;
  void on_stage(std::string_view stage) override;
  void on_row(const Row& row) override;

 private:
  using Clock = std::chrono::steady_clock;

  void show_live_line();
  void clear_live_line();
  [[nodiscard]] double seconds_since(Clock::time_point start) const;

  Verbosity verbosity_;
  ConsoleStyle style_;
  bool live_ = false;
  bool shown_ = false;
  Progress progress_;
  std::string label_;
  std::vector<double> predicted_s_;
  std::size_t finished_ = 0;
  double finished_took_s_ = 0;
  Clock::time_point case_began_;
};

}  // namespace gpubench
