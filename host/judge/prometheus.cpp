#include "judge/prometheus.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <set>
#include <tuple>

namespace gpubench {
namespace {

constexpr std::array kVerdicts = {
    QualificationVerdict::qualified, QualificationVerdict::qualified_with_warnings,
    QualificationVerdict::inconclusive, QualificationVerdict::not_qualified};

std::string label(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\' || c == '"') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

void add_verdict(std::string& text, QualificationVerdict verdict) {
  text +=
      "# HELP gpubench_verdict 1 for the verdict of the last qualification.\n"
      "# TYPE gpubench_verdict gauge\n";
  for (const QualificationVerdict each : kVerdicts) {
    fmt::format_to(std::back_inserter(text), "gpubench_verdict{{verdict=\"{}\"}} {}\n",
                   to_string(each), each == verdict ? 1 : 0);
  }
}

void add_counts(std::string& text, const CheckTally& tally) {
  text +=
      "# HELP gpubench_checks Checks of the last qualification.\n# TYPE gpubench_checks gauge\n";
  for (std::size_t kind = 0; kind < check_kind_words().size(); ++kind) {
    for (std::size_t status = 0; status < check_result_words().size(); ++status) {
      const std::size_t count =
          tally.count(static_cast<CheckKind>(kind), static_cast<CheckResult>(status));
      if (count == 0) continue;
      fmt::format_to(std::back_inserter(text), "gpubench_checks{{kind=\"{}\",status=\"{}\"}} {}\n",
                     check_kind_words()[kind], check_result_words()[status], count);
    }
  }
}

/// A set, since a series that stands twice makes Prometheus refuse the whole file.
void add_failures(std::string& text, std::span<const QualificationCheck> checks) {
  using Text = std::string_view;
  std::set<std::tuple<Text, Text, Text, Text, Text, Text>> failed;
  for (const QualificationCheck& check : checks) {
    if (check.status != CheckResult::fail) continue;
    failed.emplace(check.run_id, check.case_id, check.device_name, check.device_uuid,
                   check.pci_address, check.check);
  }
  text += "# HELP gpubench_check_failed Checks that failed.\n# TYPE gpubench_check_failed gauge\n";
  for (const auto& [run_id, case_id, device, uuid, pci_address, check] : failed) {
    fmt::format_to(std::back_inserter(text),
                   "gpubench_check_failed{{run_id=\"{}\",case_id=\"{}\",device=\"{}\","
                   "device_uuid=\"{}\",pci_address=\"{}\",check=\"{}\"}} 1\n",
                   label(run_id), label(case_id), label(device), label(uuid), label(pci_address),
                   label(check));
  }
}

}  // namespace

std::string prometheus_text(const Qualification& qualification) {
  std::string text;
  add_verdict(text, qualification.verdict);
  add_counts(text, qualification.tally);
  add_failures(text, qualification.checks);
  return text;
}

}  // namespace gpubench
