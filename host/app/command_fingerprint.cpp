#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/interrupt.h"
#include "base/text.h"
#include "report/width.h"
#include "run/fingerprint_kernel.h"
#include "run/machine.h"
#include "run/prepare.h"

namespace gpubench {
namespace {

struct Subject {
  const Kernel* kernel;
  Precision precision;
};

/// What was asked for, by name or as all there are.
Result<std::vector<Subject>> subjects_of(const FingerprintArguments& arguments) {
  const auto kernels = kernel_names(arguments.op);
  if (!arguments.kernel.empty() && find_kernel(arguments.op, arguments.kernel) == nullptr) {
    return Error{ErrorKind::usage,
                 fmt::format("kernel \"{}\" is unknown for {}{}", arguments.kernel,
                             to_string(arguments.op), suggestion(arguments.kernel, kernels))};
  }
  if (!arguments.precision.empty() && !parse_precision(arguments.precision)) {
    return Error{ErrorKind::usage, fmt::format("precision \"{}\" is unknown{}", arguments.precision,
                                               suggestion(arguments.precision, precision_names()))};
  }
  std::vector<Subject> subjects;
  for (const std::string_view kernel : kernels) {
    if (!arguments.kernel.empty() && kernel != arguments.kernel) continue;
    for (const std::string_view precision : precision_names()) {
      if (!arguments.precision.empty() && precision != arguments.precision) continue;
      subjects.push_back({find_kernel(arguments.op, kernel), *parse_precision(precision)});
    }
  }
  return subjects;
}

Problem problem_of(const FingerprintArguments& arguments) {
  Problem problem;
  problem.op = arguments.op;
  problem.shape = {arguments.size, arguments.size, arguments.size, 1};
  problem.layout = arguments.op == Op::linear ? Layout::nt : Layout::nn;
  problem.seed = arguments.seed;
  return problem;
}

void print_line(const std::string& subject, std::string_view verdict, const std::string& reason) {
  const ConsoleStyle style = console_style();
  const std::string head = pad_right(subject, 30) + " " + pad_right(std::string(verdict), 17);
  const WrapBox box{.width = style.width, .first_column = 48, .indent = 32};
  fmt::print("{}{}\n", head, wrap(reason, box));
}

class Session {
 public:
  Session(Device& device, const FingerprintArguments& arguments)
      : device_(device), problem_(problem_of(arguments)) {}

  Outcome take(const Subject& subject) {
    const std::string name = fmt::format("{}/{}/{}", to_string(problem_.op), subject.kernel->name,
                                         to_string(subject.precision));
    auto launch = subject.kernel->launch(problem_, subject.precision, device_.traits());
    if (!launch) {
      print_line(name, "skipped", launch.error().message);
      return Done{};
    }
    const PreparedKernel kernel{
        std::string(subject.kernel->name), "", std::move(launch).value(), {}};
    const auto said = fingerprint_kernel(device_, problem_, subject.precision, kernel,
                                         [] { return interrupt_signal() != 0; });
    if (!said) return Error{said.error().kind, name + ": " + said.error().message};
    print_line(name, to_string(said->verdict), said->reason);
    accused_ = accused_ || accuses(to_string(said->verdict), to_string(subject.precision));
    settled_ = settled_ && said->verdict != PrecisionVerdict::unresolved;
    ++taken_;
    return Done{};
  }

  [[nodiscard]] ExitCode exit_code() const {
    if (accused_) return ExitCode::judged_bad;
    return taken_ > 0 && settled_ ? ExitCode::good : ExitCode::inconclusive;
  }

 private:
  Device& device_;
  Problem problem_;
  bool accused_ = false;
  bool settled_ = true;
  int taken_ = 0;
};

}  // namespace

ExitCode fingerprint_command(const FingerprintArguments& arguments) {
  const auto subjects = subjects_of(arguments);
  if (!subjects) return report_error(subjects.error());
  const auto machine = find_machine(ApiValidation::off, arguments.device_selector);
  if (!machine) return report_error(machine.error());
  DeviceOptions options;
  options.cache_dir = arguments.cache_dir;
  const RunDevice& chosen = machine->devices.front();
  const auto device = open_device(machine->instance, chosen.index, options);
  if (!device) return report_error(device.error());
  fmt::print("{}, {}³, seed {}\n", printable(chosen.traits.name), arguments.size, arguments.seed);
  Session session(**device, arguments);
  for (const Subject& subject : *subjects) {
    if (const auto taken = session.take(subject); !taken) return report_error(taken.error());
  }
  return session.exit_code();
}

}  // namespace gpubench
