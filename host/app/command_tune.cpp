// command_tune.cpp — `tune`: finds the fastest tiles of each kernel and keeps them for `run`.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/interrupt.h"
#include "app/tuning_text.h"
#include "base/text.h"
#include "report/console.h"
#include "report/width.h"
#include "run/machine.h"
#include "run/tune.h"
#include "run/tuning_file.h"

namespace gpubench {
namespace {

// Large enough for tiles to matter; on a software device, small enough for many of them.
constexpr std::uint32_t kGpuSide = 4096, kSoftwareSide = 512;

// So often a log hears of a search that goes on; a terminal sees every step.
constexpr double kLineSeconds = 10;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TuneTarget target_of(Op op, Precision precision, Shape shape, const TuneArguments& arguments) {
  TuneTarget target;
  target.problem.op = op;
  target.problem.shape = shape;
  target.problem.layout = arguments.layout;
  target.problem.seed = arguments.seed;
  target.precision = precision;
  if (op == Op::softmax) target.problem.shape.k = 0;
  if (op == Op::linear) {
    target.problem.layout = Layout::nt;
    target.problem.bias = true;
    target.problem.activation = arguments.activation;
  }
  return target;
}

std::vector<Shape> shapes_of(const TuneArguments& arguments, const DeviceTraits& device) {
  if (arguments.shape) return {*arguments.shape};
  std::vector<std::uint32_t> sides = arguments.sizes;
  if (sides.empty()) sides = {device.is_software() ? kSoftwareSide : kGpuSide};
  std::vector<Shape> shapes;
  for (const std::uint32_t side : sides) shapes.push_back({side, side, side, 1});
  return shapes;
}

std::vector<TuneTarget> targets_of(const TuneArguments& arguments, const DeviceTraits& device) {
  std::vector<TuneTarget> targets;
  for (const Op op : arguments.ops) {
    for (const Precision precision : arguments.precisions) {
      for (const Shape& shape : shapes_of(arguments, device)) {
        targets.push_back(target_of(op, precision, shape, arguments));
      }
    }
  }
  return targets;
}

/// Shows each target when it is done, and has the table on disk before the next begins.
class TuneConsole final : public TuneObserver {
 public:
  explicit TuneConsole(std::string file) : file_(std::move(file)) {}
  ~TuneConsole() override { clear(); }
  TuneConsole(const TuneConsole&) = delete;
  TuneConsole& operator=(const TuneConsole&) = delete;

  void on_stage(const TuneStage& stage) override {
    show(fmt::format("{} {}: reference", target_text(stage.target, stage.shape), stage.kernel),
         stage.left_s);
  }

  void on_progress(const TuneStage& stage, const SearchProgress& progress) override {
    if (!live_ && !is_line_due()) return;
    const std::string best = progress.best_s > 0 ? ", best " + format_seconds(progress.best_s) : "";
    show(fmt::format("{} {}: {} of up to {}{}", target_text(stage.target, stage.shape),
                     stage.kernel, progress.tried, progress.total, best),
         progress.left_s);
  }

  void on_absent(const TuneTarget& /*target*/, std::string_view kernel,
                 const std::string& why) override {
    absent_.push_back({std::string(kernel), why});
  }

  Outcome on_entry(const TuneTarget& target, const TuningEntry& entry) override {
    clear();
    fmt::print("{}", entry_text(target, entry, std::exchange(absent_, {}), style_));
    std::fflush(stdout);
    if (entry.kernels.empty()) return Done{};
    won_ += winners_of(entry);
    wrong_ += count_of(entry, Ending::wrong);
    const auto stay = keep_in_tuning_file(file_, entry);
    if (!stay) {
      unkept_ = stay.error().message;
      return stay.error();
    }
    kept_ += entry.kernels.size() - stay->size();
    stay_ += stay->size();
    for (const std::string& kernel : *stay) {
      fmt::print("  {}: what an earlier search found stays, for it rests on more\n", kernel);
    }
    if (!stay->empty()) fmt::print("\n");
    return Done{};
  }

  /// "kept in tuned.json", if anything was.
  [[nodiscard]] std::string kept_text() const {
    if (!unkept_.empty()) {
      const std::string what =
          kept_ > 0 ? fmt::format("kept in {}, but for the last", file_) : "found, but not kept";
      return fmt::format("{}: {}", what, unkept_);
    }
    if (kept_ > 0) return "kept in " + file_;
    return stay_ > 0 ? file_ + " stays as it is" : "nothing was found that could be kept";
  }

  [[nodiscard]] std::size_t won() const { return won_; }
  [[nodiscard]] std::size_t wrong() const { return wrong_; }

 private:
  bool is_line_due() {
    const double now_s = steady_seconds();
    if (now_s < next_line_s_) return false;
    next_line_s_ = now_s + kLineSeconds;
    return true;
  }
  void show(const std::string& text, double left_s) {
    clear();
    const std::string left =
        left_s > 0 ? fmt::format(" ({} left)", format_seconds(left_s)) : " (finishing)";
    const std::size_t width = terminal_width(TerminalStream::err) - 1;
    const std::string line = live_ ? clip_end(text, width - std::min(width, left.size())) : text;
    fmt::print(stderr, "{}{}{}", line, left, live_ ? "" : "\n");
    std::fflush(stderr);
  }
  void clear() const {
    if (live_) fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }

  std::string file_;
  double next_line_s_ = steady_seconds() + kLineSeconds;
  ConsoleStyle style_ = console_style();
  bool live_ = is_terminal(TerminalStream::err);
  std::vector<AbsentKernel> absent_;  ///< Of the next entry.
  std::size_t won_ = 0, wrong_ = 0;
  std::size_t kept_ = 0, stay_ = 0;  ///< Kernels found now, and before, that the table has.
  std::string unkept_;               ///< Why the last entry could not be kept; empty: it was.
};

ExitCode exit_code_of(const TuneConsole& console) {
  if (interrupt_signal() != 0) return static_cast<ExitCode>(128 + interrupt_signal());
  if (console.wrong() > 0) return ExitCode::judged_bad;
  return console.won() > 0 ? ExitCode::good : ExitCode::inconclusive;
}

}  // namespace

ExitCode tune_command(const TuneArguments& arguments) {
  catch_interrupts();
  // Damage is no reason to lose a search for, nor is a disk without room.
  const auto table = read_tuning_file(arguments.tuning_file);
  if (!table) return report_error(table.error());
  const auto machine = find_machine(ApiValidation::off, arguments.device_selector);
  if (!machine) return report_error(machine.error());
  const RunDevice& chosen = machine->devices.front();
  DeviceOptions device_options;
  device_options.cache_dir = arguments.cache_dir;
  device_options.submit_timeout_s = kHungSeconds;
  auto device = ReopenedDevice::open(
      [&] { return open_device(machine->instance, chosen.index, device_options); });
  if (!device) return report_error(device.error());

  if (auto writable = check_tuning_file(arguments.tuning_file); !writable) {
    return report_error(writable.error());
  }
  fmt::print("{}", device_line(chosen.traits, console_style()));
  fmt::print("seed {}, budget {}\n\n", arguments.seed, format_seconds(arguments.budget_s));
  std::fflush(stdout);
  TuneConsole console(arguments.tuning_file);
  TuneOptions options;
  options.targets = targets_of(arguments, chosen.traits);
  options.kernels = arguments.kernels;
  options.budget_s = arguments.budget_s;
  options.now = steady_seconds;
  options.should_stop = [] { return interrupt_signal() != 0; };
  const Outcome tuned = tune(*device, options, console);
  fmt::print("{}\n", console.kept_text());
  if (!tuned) return report_error(tuned.error());
  return exit_code_of(console);
}

}  // namespace gpubench
