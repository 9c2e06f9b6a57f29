#include "report/qualification_text.h"

#include <fmt/format.h>

#include <cmath>

#include "report/numbers.h"
#include "report/width.h"

namespace gpubench {
namespace {

constexpr std::size_t kShown = 5;

Tint tint_of(QualificationVerdict verdict) {
  switch (verdict) {
    case QualificationVerdict::qualified:
      return Tint::good;
    case QualificationVerdict::not_qualified:
      return Tint::bad;
    default:
      return Tint::caution;
  }
}

Tint tint_of(CheckResult status) {
  if (status == CheckResult::fail || status == CheckResult::error) return Tint::bad;
  return status == CheckResult::pass ? Tint::good : Tint::caution;
}

std::string with_unit(double value, std::string_view unit) {
  const bool bare = unit.empty() || unit == "ratio" || unit == "1" || unit == "count";
  return bare ? fmt::format("{:.4g}", value) : fmt::format("{:.4g} {}", value, unit);
}

/// "observed 0.93, limit at least 0.95 (criteria.yaml:12)"; empty without numbers.
std::string numbers_of(const QualificationCheck& check) {
  if (std::isnan(check.observed)) return {};
  std::string text = "observed " + with_unit(check.observed, check.unit);
  if (!std::isnan(check.limit_low)) text += ", at least " + with_unit(check.limit_low, check.unit);
  if (!std::isnan(check.limit_high)) text += ", at most " + with_unit(check.limit_high, check.unit);
  if (!check.limit_source.empty()) text += fmt::format(" ({})", printable(check.limit_source));
  return text;
}

std::string where_of(const QualificationCheck& check) {
  std::string where(check.run_id);
  if (!check.case_id.empty()) where += (where.empty() ? "" : "  ") + std::string(check.case_id);
  return where.empty() ? "all runs" : printable(where);
}

/// "GPU, 0000:81:00.0, 6f3c…": which device, among others of its name.
std::string device_of(const QualificationCheck& check) {
  std::string device(check.device_name);
  for (const std::string_view part : {check.pci_address, check.device_uuid}) {
    if (!part.empty()) device += fmt::format("{}{}", device.empty() ? "" : ", ", part);
  }
  return printable(device);
}

std::string indented(const std::string& text, const ConsoleStyle& style) {
  return "      " + wrap(text, {style.width, 6, 6}) + '\n';
}

std::string shown(const QualificationCheck& check, const ConsoleStyle& style) {
  std::string text = fmt::format(
      "  {} {}{}\n",
      paint(fmt::format("{:<12}", to_string(check.status)), tint_of(check.status), style.colour),
      printable(check.check), check.reason.empty() ? "" : ": " + printable(check.reason));
  text += indented(where_of(check), style);
  if (const std::string device = device_of(check); !device.empty()) {
    text += indented("on " + device, style);
  }
  if (!check.message.empty()) text += indented(printable(check.message), style);
  if (const std::string numbers = numbers_of(check); !numbers.empty()) {
    text += indented(numbers, style);
  }
  if (check.action != Action::none) {
    text += indented(fmt::format("action: {}", to_string(check.action)), style);
  }
  return text;
}

}  // namespace

std::string qualification_text(const Qualification& qualification, const ConsoleStyle& style) {
  std::string text = paint(qualification.line, tint_of(qualification.verdict), style.colour) + '\n';
  const auto worst = worst_checks(qualification.checks, kShown);
  if (!worst.empty()) text += '\n';
  for (const QualificationCheck* check : worst) text += shown(*check, style);
  return text;
}

}  // namespace gpubench
