#include "judge/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace gpubench {
namespace {

/// XML 1.0 has no place for most control characters, escaped or not.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

/// Empty where a check that did not pass is no more than a warning: builds fail at an error.
std::string_view element_of(const QualificationCheck& check) {
  switch (check.status) {
    case CheckResult::fail:
      return "failure";
    case CheckResult::error:
    case CheckResult::inconclusive:
      return check.required ? "error" : "";
    case CheckResult::skip:
      return check.required ? "error" : "skipped";
    case CheckResult::waived:
      return "skipped";
    case CheckResult::pass:
    case CheckResult::warn:
      return {};
  }
  return {};
}

enum class Devices : std::uint8_t { one, several };

Devices devices_of(std::span<const QualificationCheck> checks) {
  std::string_view first;
  for (const QualificationCheck& check : checks) {
    if (first.empty()) first = check.device_uuid;
    if (!check.device_uuid.empty() && check.device_uuid != first) return Devices::several;
  }
  return Devices::one;
}

/// Build servers know a test by this name and that of its check. A run of one device keeps the name
/// on whichever device it is; of several, each has tests of its own.
std::string class_of(const QualificationCheck& check, Devices devices) {
  std::string name(check.case_id.empty() ? check.run_id : check.case_id);
  const std::string_view device = check.pci_address.empty() ? check.device_uuid : check.pci_address;
  if (devices == Devices::several && !device.empty()) name += fmt::format(" on {}", device);
  return name;
}

void add_case(std::string& xml, const QualificationCheck& check, Devices devices) {
  auto out = std::back_inserter(xml);
  fmt::format_to(out, "    <testcase classname=\"{}\" name=\"{}\"",
                 escaped(class_of(check, devices)), escaped(check.check));
  const std::string_view element = element_of(check);
  if (!element.empty()) {
    const char* type = check.status == CheckResult::fail ? " type=\"gpubench\"" : "";
    fmt::format_to(out, ">\n      <{}{} message=\"{}: {}\"/>\n    </testcase>\n", element, type,
                   escaped(check.reason), escaped(check.message));
  } else if (check.status != CheckResult::pass) {
    fmt::format_to(out, ">\n      <system-out>warning: {}: {}</system-out>\n    </testcase>\n",
                   escaped(check.reason), escaped(check.message));
  } else {
    xml += "/>\n";
  }
}

void add_suite(std::string& xml, std::span<const QualificationCheck> checks) {
  const auto count = [&](std::string_view element) {
    return std::count_if(checks.begin(), checks.end(), [&](const QualificationCheck& check) {
      return element_of(check) == element;
    });
  };
  const std::string_view run_id = checks.front().run_id;
  fmt::format_to(std::back_inserter(xml),
                 "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
                 "skipped=\"{}\">\n",
                 escaped(run_id.empty() ? "all runs" : run_id), checks.size(), count("failure"),
                 count("error"), count("skipped"));
  const Devices devices = devices_of(checks);
  for (const QualificationCheck& check : checks) add_case(xml, check, devices);
  xml += "  </testsuite>\n";
}

/// A suite that says the verdict, since all others are green where nothing ran.
void add_verdict(std::string& xml, const Qualification& qualification) {
  const bool bad = qualification.verdict == QualificationVerdict::not_qualified;
  const bool open = qualification.verdict == QualificationVerdict::inconclusive;
  auto out = std::back_inserter(xml);
  fmt::format_to(out,
                 "  <testsuite name=\"verdict\" tests=\"1\" failures=\"{}\" errors=\"{}\" "
                 "skipped=\"0\">\n    <testcase classname=\"gpubench\" name=\"verdict\"",
                 bad ? 1 : 0, open ? 1 : 0);
  if (bad || open) {
    fmt::format_to(out, ">\n      <{} type=\"gpubench\" message=\"{}\"/>\n    </testcase>\n",
                   bad ? "failure" : "error", escaped(qualification.line));
  } else {
    fmt::format_to(out, ">\n      <system-out>{}</system-out>\n    </testcase>\n",
                   escaped(qualification.line));
  }
  xml += "  </testsuite>\n";
}

}  // namespace

std::string junit_xml(const Qualification& qualification) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  fmt::format_to(std::back_inserter(xml), "<testsuites name=\"gpubench {}\">\n",
                 to_string(qualification.verdict));
  add_verdict(xml, qualification);
  const std::span<const QualificationCheck> checks = qualification.checks;
  for (auto begin = checks.begin(); begin != checks.end();) {
    const auto end = std::find_if(begin, checks.end(), [&](const QualificationCheck& check) {
      return check.run_id != begin->run_id;
    });
    add_suite(xml, {begin, end});
    begin = end;
  }
  return xml += "</testsuites>\n";
}

}  // namespace gpubench
