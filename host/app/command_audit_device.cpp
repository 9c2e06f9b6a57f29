// command_audit_device.cpp — `audit --device`: in which precision each kernel of the catalogue
// computes on a device.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/fingerprint_text.h"
#include "app/interrupt.h"
#include "base/text.h"
#include "record/durable_file.h"
#include "report/console.h"
#include "report/width.h"
#include "run/fingerprint_kernel.h"
#include "run/machine.h"
#include "run/prepare.h"

namespace gpubench {
namespace {

struct Subject {
  const Kernel* kernel;
  Precision precision;
  Build build;
};

/// Names that the catalogue does not have would otherwise select nothing in silence.
Outcome check_names(const DeviceAuditArguments& arguments) {
  std::vector<std::string_view> kernels;
  for (const Op op : arguments.ops) {
    for (const std::string_view name : kernel_names(op)) kernels.push_back(name);
  }
  const bool known = std::ranges::find(kernels, arguments.kernel) != kernels.end();
  if (!arguments.kernel.empty() && !known) {
    return Error{ErrorKind::usage, fmt::format("kernel \"{}\" is unknown{}", arguments.kernel,
                                               suggestion(arguments.kernel, kernels))};
  }
  if (!arguments.precision.empty() && !parse_precision(arguments.precision)) {
    return Error{ErrorKind::usage, fmt::format("precision \"{}\" is unknown{}", arguments.precision,
                                               suggestion(arguments.precision, precision_names()))};
  }
  return Done{};
}

/// What a kernel does not have is left out, unless it is asked for by name.
bool is_asked(const Subject& subject, const DeviceAuditArguments& arguments) {
  const bool named = !arguments.kernel.empty() && !arguments.precision.empty();
  return named || without(*subject.kernel, subject.precision, subject.build).empty();
}

/// What was asked for, by name or as all there are.
std::vector<Subject> subjects_of(const DeviceAuditArguments& arguments) {
  std::vector<Subject> subjects;
  for (const Op op : arguments.ops) {
    for (const std::string_view kernel : kernel_names(op)) {
      if (!arguments.kernel.empty() && kernel != arguments.kernel) continue;
      for (const std::string_view precision : precision_names()) {
        if (!arguments.precision.empty() && precision != arguments.precision) continue;
        for (const Build build : arguments.builds) {
          const Subject subject{find_kernel(op, kernel), *parse_precision(precision), build};
          if (is_asked(subject, arguments)) subjects.push_back(subject);
        }
      }
    }
  }
  return subjects;
}

Problem problem_of(const DeviceAuditArguments& arguments, Op op) {
  Problem problem;
  problem.op = op;
  problem.shape = {static_cast<std::uint32_t>(arguments.shape.m),
                   static_cast<std::uint32_t>(arguments.shape.n),
                   static_cast<std::uint32_t>(arguments.shape.k), 1};
  problem.layout = op == Op::linear ? Layout::nt : Layout::nn;
  problem.seed = arguments.seed;
  return problem;
}

class Progress {
 public:
  explicit Progress(std::size_t total) : total_(total) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A line that the next one replaces; a line of its own where stderr is no terminal.
  void show(const std::string& name) {
    ++position_;
    clear();
    fmt::print(stderr, "[{}/{}] {}{}", position_, total_, name, live_ ? "" : "\n");
    std::fflush(stderr);
  }
  void clear() const {
    if (live_) fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }

 private:
  std::size_t total_;
  std::size_t position_ = 0;
  bool live_ = is_terminal(TerminalStream::err);
};

class DeviceAudit {
 public:
  DeviceAudit(Device& device, const DeviceAuditArguments& arguments)
      : device_(device), arguments_(arguments) {}

  Result<KernelFinding> take(const Subject& subject) {
    KernelFinding finding;
    finding.op = subject.kernel->op;
    finding.kernel = subject.kernel->name;
    finding.precision = subject.precision;
    finding.build = subject.build;
    const Problem problem = problem_of(arguments_, finding.op);
    if (const auto why = without_fingerprint(problem)) {
      finding.why_not_probed = why->text;
      return finding;
    }
    KernelChoiceSpec choice;
    choice.name = finding.kernel;
    choice.build = to_string(finding.build);
    const auto kernel = prepare_kernel(choice, problem, subject.precision, device_.traits(), {});
    if (!kernel) {
      finding.why_not_probed = kernel.error().message;
      return finding;
    }
    const auto began = std::chrono::steady_clock::now();
    auto said = fingerprint_kernel(device_, problem, subject.precision, *kernel,
                                   [] { return interrupt_signal() != 0; });
    if (!said) return Error{said.error().kind, name_of(finding) + ": " + said.error().message};
    finding.fingerprint = *std::move(said);
    finding.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return finding;
  }

 private:
  Device& device_;
  const DeviceAuditArguments& arguments_;
};

/// Below a strict build whose default computes otherwise.
std::string comparison_text(const KernelFinding& finding,
                            const std::vector<KernelFinding>& findings, const ConsoleStyle& style) {
  const KernelFinding* as_is = default_of(finding, findings);
  const std::string difference = as_is == nullptr ? "" : difference_text(*as_is, finding);
  if (difference.empty()) return "";
  return "    " +
         paint(wrap(printable(difference), {style.width, 4, 4}), Tint::caution, style.colour) +
         '\n';
}

ExitCode exit_code_of(const std::vector<KernelFinding>& findings) {
  const auto is = [](PrecisionVerdict verdict) {
    return [verdict](const KernelFinding& finding) {
      return finding.fingerprint && finding.fingerprint->verdict == verdict;
    };
  };
  if (std::ranges::any_of(findings, is_accused)) return ExitCode::judged_bad;
  const bool any_probed = std::ranges::any_of(
      findings, [](const KernelFinding& finding) { return finding.fingerprint.has_value(); });
  if (!any_probed || std::ranges::any_of(findings, is(PrecisionVerdict::unresolved))) {
    return ExitCode::inconclusive;
  }
  return ExitCode::good;
}

}  // namespace

ExitCode audit_device_command(const DeviceAuditArguments& arguments) {
  catch_interrupts();
  if (const auto checked = check_names(arguments); !checked) return report_error(checked.error());
  const auto machine = find_machine(ApiValidation::off, arguments.device_selector);
  if (!machine) return report_error(machine.error());
  const RunDevice& chosen = machine->devices.front();
  const auto device = open_device(machine->instance, chosen.index, {arguments.cache_dir});
  if (!device) return report_error(device.error());
  const ConsoleStyle style = console_style();
  fmt::print("{}{}×{}×{}, seed {}\n\n", device_line(chosen.traits, style), arguments.shape.m,
             arguments.shape.n, arguments.shape.k, arguments.seed);
  std::fflush(stdout);
  const std::vector<Subject> subjects = subjects_of(arguments);
  std::vector<KernelFinding> findings;
  Progress progress(subjects.size());
  DeviceAudit audit(**device, arguments);
  for (const Subject& subject : subjects) {
    const std::string_view strict = subject.build == Build::strict ? " strict" : "";
    progress.show(fmt::format("{} {}{} {}", to_string(subject.kernel->op), subject.kernel->name,
                              strict, to_string(subject.precision)));
    auto found = audit.take(subject);
    progress.clear();
    if (!found) {
      if (interrupt_signal() != 0) return static_cast<ExitCode>(128 + interrupt_signal());
      return report_error(found.error());
    }
    fmt::print("{}{}", finding_text(*found, arguments.detail, style),
               comparison_text(*found, findings, style));
    std::fflush(stdout);
    findings.push_back(*std::move(found));
  }
  if (!arguments.json_file.empty()) {
    const DeviceAuditFacts facts{chosen.traits, arguments.shape, arguments.seed, findings};
    const auto written = replace_file(arguments.json_file, device_audit_json(facts));
    if (!written) return report_error(written.error());
  }
  return exit_code_of(findings);
}

}  // namespace gpubench
