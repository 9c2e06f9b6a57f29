#include "judge/junit.h"

#include <fmt/format.h>

#include <algorithm>
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

std::string_view element_of(CheckResult status) {
  switch (status) {
    case CheckResult::fail:
      return "failure";
    case CheckResult::error:
    case CheckResult::inconclusive:
      return "error";
    case CheckResult::skip:
    case CheckResult::waived:
      return "skipped";
    case CheckResult::pass:
    case CheckResult::warn:
      return {};
  }
  return {};
}

void add_case(std::string& xml, const QualificationCheck& check) {
  auto out = std::back_inserter(xml);
  const std::string_view of = check.case_id.empty() ? check.run_id : check.case_id;
  fmt::format_to(out, "    <testcase classname=\"{}\" name=\"{}\"", escaped(of),
                 escaped(check.check));
  const std::string_view element = element_of(check.status);
  if (!element.empty()) {
    const char* type = check.status == CheckResult::fail ? " type=\"gpubench\"" : "";
    fmt::format_to(out, ">\n      <{}{} message=\"{}: {}\"/>\n    </testcase>\n", element, type,
                   escaped(check.reason), escaped(check.message));
  } else if (check.status == CheckResult::warn) {
    fmt::format_to(out, ">\n      <system-out>warning: {}: {}</system-out>\n    </testcase>\n",
                   escaped(check.reason), escaped(check.message));
  } else {
    xml += "/>\n";
  }
}

void add_suite(std::string& xml, std::span<const QualificationCheck> checks) {
  const auto count = [&](std::string_view element) {
    return std::count_if(checks.begin(), checks.end(), [&](const QualificationCheck& check) {
      return element_of(check.status) == element;
    });
  };
  const std::string_view run_id = checks.front().run_id;
  fmt::format_to(std::back_inserter(xml),
                 "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
                 "skipped=\"{}\">\n",
                 escaped(run_id.empty() ? "all runs" : run_id), checks.size(), count("failure"),
                 count("error"), count("skipped"));
  for (const QualificationCheck& check : checks) add_case(xml, check);
  xml += "  </testsuite>\n";
}

}  // namespace

std::string junit_xml(const Qualification& qualification) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  fmt::format_to(std::back_inserter(xml), "<testsuites name=\"gpubench {}\">\n",
                 to_string(qualification.verdict));
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
