// The verdict and what it rests on: what was judged, what was run and what was not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "base/text.h"
#include "judge/check.h"
#include "pages/case_table.h"
#include "pages/report_sections.h"

namespace gpubench {
namespace {

std::vector<CaseFacts> cases_where(const ReportInput& input, bool (*holds)(const CaseFacts&)) {
  std::vector<CaseFacts> found;
  for (const CaseFacts& facts : all_cases(input.history)) {
    if (holds(facts)) found.push_back(facts);
  }
  return found;
}

bool has_failed(const CaseFacts& facts) {
  return facts.has_failed();
}
bool has_passed(const CaseFacts& facts) {
  return facts.is("check_status", "passed");
}
bool was_left_out(const CaseFacts& facts) {
  return !facts.was_run();
}
bool is_mistrusted(const CaseFacts& facts) {
  return facts.is("check_status", "mistrusted");
}
bool is_downgraded(const CaseFacts& facts) {
  return facts.is("precision_verdict", "downgraded") || facts.is("precision_verdict", "wrong");
}
/// Something of the facts alone speaks against it.
bool is_accused(const CaseFacts& facts) {
  return facts.has_failed() || is_downgraded(facts);
}

/// Of the table of checks.
constexpr std::size_t kMostChecks = 40;

PageCell count_cell(std::size_t count, Tone when_any) {
  return {std::to_string(count), count > 0 ? when_any : Tone::plain};
}

std::string sentence_of(const ReportInput& input) {
  const auto accused = cases_where(input, is_accused);
  if (!accused.empty()) {
    const CaseFacts& first = accused.front();
    const std::string why =
        first.has_failed() ? first.text("reason") : "precision " + first.text("precision_verdict");
    return fmt::format("{} of {} cases went wrong, first {}: {}", accused.size(),
                       input.history.size(), first.text("case_id"), why);
  }
  return fmt::format(
      "The facts are here, but no criteria were applied to them: gpubench judge does that. {} of "
      "{} cases agree with the reference.",
      cases_where(input, has_passed).size(), input.history.size());
}

Tone tone_of(QualificationVerdict verdict) {
  switch (verdict) {
    case QualificationVerdict::qualified:
      return Tone::good;
    case QualificationVerdict::qualified_with_warnings:
    case QualificationVerdict::inconclusive:
      return Tone::warn;
    case QualificationVerdict::not_qualified:
      return Tone::bad;
  }
  return Tone::plain;
}

Tone tone_of(CheckResult status) {
  if (status == CheckResult::pass) return Tone::good;
  return status == CheckResult::fail || status == CheckResult::error ? Tone::bad : Tone::warn;
}

/// "0.45 to 1 ratio", as far as there are limits.
std::string limits_text(const QualificationCheck& check) {
  const bool low = std::isfinite(check.limit_low), high = std::isfinite(check.limit_high);
  std::string text = low && high ? shortest(check.limit_low) + " to " + shortest(check.limit_high)
                     : low       ? "at least " + shortest(check.limit_low)
                     : high      ? "at most " + shortest(check.limit_high)
                                 : "-";
  return text;
}

PageTable checks_table(std::string id, std::string caption,
                       std::span<const QualificationCheck* const> checks) {
  PageTable table{std::move(id),
                  std::move(caption),
                  {{"Check"},
                   {"Status"},
                   {"Required"},
                   {"Of", CellKind::code},
                   {"Found", CellKind::number},
                   {"Limit"},
                   {"Unit"},
                   {"From"},
                   {"What happened", CellKind::name},
                   {"Do"}},
                  {}};
  for (const QualificationCheck* check : checks) {
    const std::string_view of = check->case_id.empty() ? check->run_id : check->case_id;
    const double found = check->observed;
    table.rows.push_back({std::string(check->check),
                          {std::string(to_string(check->status)), tone_of(check->status)},
                          check->required ? "yes" : "no",
                          of.empty() ? "-" : std::string(of),
                          std::isfinite(found) ? shortest(found) : "-",
                          limits_text(*check),
                          check->unit.empty() ? "-" : std::string(check->unit),
                          check->limit_source.empty() ? "-" : std::string(check->limit_source),
                          check->message,
                          std::string(to_string(check->action))});
  }
  return table;
}

/// How many checks of each stage came out how.
PageTable stages_table(std::span<const QualificationCheck> checks) {
  PageTable table{
      "stages", "Checks by stage, in the order in which they are judged.", {{"Stage"}}, {}};
  for (const std::string_view word : check_result_words()) {
    table.columns.push_back({std::string(word), CellKind::number});
  }
  for (std::size_t kind = 0; kind < check_kind_words().size(); ++kind) {
    std::vector<PageCell> row = {std::string(check_kind_words()[kind])};
    for (std::size_t status = 0; status < check_result_words().size(); ++status) {
      const auto count = std::count_if(checks.begin(), checks.end(), [&](const auto& check) {
        return check.kind == static_cast<CheckKind>(kind) &&
               check.status == static_cast<CheckResult>(status);
      });
      const Tone tone = tone_of(static_cast<CheckResult>(status));
      row.emplace_back(std::to_string(count), count > 0 ? tone : Tone::muted);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The one that weighs most, in words; nothing when all passed.
std::string deciding_sentence(std::span<const QualificationCheck> checks) {
  const auto worst = worst_checks(checks, 1);
  // Its word stands above already.
  const std::string whole = verdict_line(verdict_of(checks), checks);
  const std::string line = whole.substr(whole.find(": ") + 2);
  if (worst.empty()) return line;
  const QualificationCheck& check = *worst.front();
  const std::string_view of = check.case_id.empty() ? check.run_id : check.case_id;
  return fmt::format("{}. First {}{}{}: {}", line, check.check, of.empty() ? "" : " of ", of,
                     check.message);
}

/// "budget: predicted 40 s" → "budget".
std::string code_of(const std::string& reason) {
  return reason.substr(0, reason.find(':'));
}

}  // namespace

void add_verdict(PageDocument& document, const ReportInput& input) {
  const std::size_t accused = cases_where(input, is_accused).size();
  document.verdict = "NOT JUDGED";
  document.verdict_tone = accused > 0 ? Tone::bad : Tone::plain;
  document.sentence = sentence_of(input);
  if (!input.checks.empty()) {
    const QualificationVerdict verdict = verdict_of(input.checks);
    document.verdict = to_string(verdict);
    std::replace(document.verdict.begin(), document.verdict.end(), '_', ' ');
    document.verdict_tone = tone_of(verdict);
    document.sentence = deciding_sentence(input.checks);
  }
  document.highlights = {
      {"Cases", std::to_string(input.history.size())},
      {"Agree with the reference", std::to_string(cases_where(input, has_passed).size())},
      {"Failed", count_cell(cases_where(input, has_failed).size(), Tone::bad)},
      {"Prove nothing", count_cell(cases_where(input, is_mistrusted).size(), Tone::warn)},
      {"Downgraded", count_cell(cases_where(input, is_downgraded).size(), Tone::bad)},
      {"Left out", count_cell(cases_where(input, was_left_out).size(), Tone::warn)}};
}

PageSection decided_section(const ReportInput& input) {
  PageSection section{"decided", "What decided it", "Which checks made the verdict?", {}};
  if (!input.checks.empty()) {
    section.blocks.push_back(stages_table(input.checks));
    const auto worst = worst_checks(input.checks, kMostChecks);
    if (worst.empty()) {
      section.blocks.push_back(PageText{"Every check passed."});
    } else {
      section.blocks.push_back(checks_table(
          "checks", fmt::format("Checks that did not pass, worst first; at most {}.", kMostChecks),
          worst));
    }
    return section;
  }
  section.blocks.push_back(
      PageText{"These runs were not judged, so no check decided anything. What the facts alone say "
               "against a case is listed here."});
  const auto accused = cases_where(input, is_accused);
  if (accused.empty()) {
    section.blocks.push_back(PageText{"Nothing: no case failed, none was found downgraded."});
    return section;
  }
  const std::vector<CaseColumn> columns = {
      word_column("Status", "status"), word_column("Check", "check_status"),
      word_column("Precision", "precision_verdict"), text_column("Reason", "reason")};
  section.blocks.push_back(case_table("accused", "Cases that went wrong.", accused, columns));
  return section;
}

PageSection coverage_section(const ReportInput& input) {
  PageSection section{
      "coverage", "Coverage", "Of what was planned, how much was run, and why not the rest?", {}};
  PageTable runs{"coverage-runs",
                 "What each run planned and did.",
                 {{"Run", CellKind::code},
                  {"Came to its end"},
                  {"Rows", CellKind::number},
                  {"Run", CellKind::number},
                  {"Timed", CellKind::number},
                  {"Left out", CellKind::number},
                  {"Failed", CellKind::number}},
                 {}};
  const auto all = all_cases(input.history);
  for (std::size_t i = 0; i < input.runs.size(); ++i) {
    const HistoryRun& run = input.history.runs()[i];
    const std::span<const CaseFacts> own = std::span(all).subspan(run.first_row, run.rows);
    const auto count = [&](auto holds) {
      return static_cast<std::size_t>(std::count_if(own.begin(), own.end(), holds));
    };
    const auto& document = input.runs[i].document;
    PageCell ended("not known: no run.json", Tone::muted);
    if (document) {
      ended = document->complete ? PageCell("yes", Tone::good) : PageCell("no", Tone::bad);
    }
    if (run.half_line) ended = PageCell("no: its last row is cut off", Tone::bad);
    runs.rows.push_back({run.run_id, ended, std::to_string(run.rows),
                         std::to_string(count([](const CaseFacts& c) { return c.was_run(); })),
                         std::to_string(count([](const CaseFacts& c) { return c.is_timed(); })),
                         count_cell(count(was_left_out), Tone::warn),
                         count_cell(count(has_failed), Tone::bad)});
  }
  section.blocks.push_back(std::move(runs));
  const auto left_out = cases_where(input, was_left_out);
  if (left_out.empty()) {
    section.blocks.push_back(PageText{"No case was left out."});
    return section;
  }
  std::map<std::string, std::size_t> reasons;
  for (const CaseFacts& facts : left_out) ++reasons[code_of(facts.text("reason"))];
  PageFacts by_reason;
  for (const auto& [reason, count] : reasons) {
    by_reason.facts.emplace_back(reason, fmt::format("{} case{}", count, count == 1 ? "" : "s"));
  }
  section.blocks.push_back(std::move(by_reason));
  const std::vector<CaseColumn> columns = {word_column("Status", "status"),
                                           text_column("Reason", "reason")};
  section.blocks.push_back(case_table("left-out", "Cases that were left out.", left_out, columns));
  return section;
}

PageSection waivers_section(const ReportInput& input) {
  PageSection section{
      "waivers", "Waivers", "Which findings were set aside, by whom, until when?", {}};
  if (input.checks.empty()) {
    section.blocks.push_back(PageText{"None: waivers belong to criteria, and none were applied."});
    return section;
  }
  std::vector<const QualificationCheck*> waived;
  for (const QualificationCheck& check : input.checks) {
    if (check.status == CheckResult::waived) waived.push_back(&check);
  }
  if (waived.empty()) {
    section.blocks.push_back(PageText{"None."});
  } else {
    section.blocks.push_back(checks_table("waived", "Findings that were set aside.", waived));
  }
  return section;
}

}  // namespace gpubench
