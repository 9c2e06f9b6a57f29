// The verdict and what it rests on: what was judged, what was run and what was not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "judge/check.h"
#include "pages/case_table.h"
#include "pages/check_table.h"
#include "pages/report_sections.h"
#include "record/row.h"

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
  return facts.computes_less();
}
/// Something of the facts alone speaks against it.
bool is_accused(const CaseFacts& facts) {
  return facts.has_failed() || is_downgraded(facts);
}

std::string precision_fault(const CaseFacts& facts) {
  const bool by_probes = accuses(facts.text("precision_verdict"), facts.text("precision"));
  return by_probes ? "precision " + facts.text("precision_verdict")
                   : "its shader declares " + facts.text("declared_evidence");
}

/// Of the table of checks.
constexpr std::size_t kMostChecks = 40;
/// Of the runs that were judged with other rows.
constexpr std::size_t kMostOutdated = 10;

PageCell count_cell(std::size_t count, Tone when_any) {
  return {std::to_string(count), count > 0 ? when_any : Tone::plain};
}

std::string sentence_of(const ReportInput& input) {
  const auto accused = cases_where(input, is_accused);
  if (!accused.empty()) {
    const CaseFacts& first = accused.front();
    const std::string why = first.has_failed() ? first.text("reason") : precision_fault(first);
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

/// The one that weighs most, in words; nothing when all passed.
std::string deciding_sentence(std::span<const QualificationCheck> checks) {
  const auto worst = worst_checks(checks, 1);
  // Its word stands above already.
  const CheckTally tally = tally_of(checks);
  const std::string whole = verdict_line(verdict_of(tally), tally);
  const std::string line = whole.substr(whole.find(": ") + 2);
  if (worst.empty()) return line;
  const QualificationCheck& check = *worst.front();
  const std::string_view of = check.case_id.empty() ? check.run_id : check.case_id;
  return fmt::format("{}. First {}{}{}: {}", line, check.check, of.empty() ? "" : " of ", of,
                     check.message);
}

/// Of checks that were made of other rows than those that are here.
std::string outdated_sentence(const ReportChecks& judged, const std::string& verdict) {
  const std::size_t others = judged.outdated.size() - 1;
  return fmt::format("The checks are not of these rows: {}{}. They said {}.",
                     judged.outdated.front(),
                     others == 0 ? "" : fmt::format("; {} more runs", others), verdict);
}

std::vector<std::pair<std::string, PageCell>> highlights_of(const ReportInput& input) {
  return {{"Cases", std::to_string(input.history.size())},
          {"Agree with the reference", std::to_string(cases_where(input, has_passed).size())},
          {"Failed", count_cell(cases_where(input, has_failed).size(), Tone::bad)},
          {"Prove nothing", count_cell(cases_where(input, is_mistrusted).size(), Tone::warn)},
          {"Downgraded", count_cell(cases_where(input, is_downgraded).size(), Tone::bad)},
          {"Left out", count_cell(cases_where(input, was_left_out).size(), Tone::warn)}};
}

std::string not_judged_text(const ReportChecks& judged) {
  constexpr const char* kNone = "These runs were not judged, so no check decided anything.";
  if (judged.files.empty()) return kNone;
  return fmt::format("Run {} was not judged{}, so no check decides anything of them together.",
                     judged.not_judged.front(),
                     judged.not_judged.size() == 1
                         ? ""
                         : fmt::format(" and {} more were not", judged.not_judged.size() - 1));
}

void add_outdated(PageSection& section, const ReportChecks& judged) {
  const std::size_t shown = std::min(judged.outdated.size(), kMostOutdated);
  for (const std::string& sentence : std::span(judged.outdated).first(shown)) {
    section.blocks.push_back(PageText{"Not what was judged: " + sentence + '.', Tone::warn});
  }
  section.blocks.push_back(PageCommand{
      "To judge them anew, with the criteria, the baseline and the hosts of the first time:",
      judged.command});
}

/// Rows that the run was to have; NaN of a table before schema_version 4, which does not say.
double planned_rows(const History& history, const HistoryRun& run) {
  return run.rows == 0 ? NAN : history.number("planned_rows")[run.first_row];
}

PageCell expected_cell(const History& history, const HistoryRun& run) {
  const double planned = planned_rows(history, run);
  if (std::isnan(planned)) return PageCell("not known", Tone::muted);
  return fmt::format("{:.0f}", planned);
}

PageCell rows_cell(const History& history, const HistoryRun& run) {
  const double planned = planned_rows(history, run);
  const bool as_planned = std::isnan(planned) || planned == static_cast<double>(run.rows);
  return {std::to_string(run.rows), as_planned && run.rows > 0 ? Tone::plain : Tone::bad};
}

/// Nothing where every run has the rows that it was to have.
std::optional<PageText> missing_rows_text(const History& history) {
  double missing = 0, planned = 0;
  for (const HistoryRun& run : history.runs()) {
    const double own = planned_rows(history, run);
    if (std::isnan(own)) continue;
    planned += own;
    missing += std::max(0.0, own - static_cast<double>(run.rows));
  }
  if (missing == 0) return std::nullopt;
  return PageText{fmt::format("{:.0f} of {:.0f} expected rows are missing: nothing is known of "
                              "those cases, not even why.",
                              missing, planned),
                  Tone::bad};
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
  const auto& checks = input.judged.checks;
  if (!checks.empty()) {
    const QualificationVerdict verdict = verdict_of(tally_of(checks));
    document.verdict = to_string(verdict);
    std::replace(document.verdict.begin(), document.verdict.end(), '_', ' ');
    document.verdict_tone = tone_of(verdict);
    document.sentence = deciding_sentence(checks);
  }
  if (!input.judged.outdated.empty()) {
    document.sentence = outdated_sentence(input.judged, document.verdict);
    document.verdict = "OUTDATED";
    document.verdict_tone = std::max(accused > 0 ? Tone::bad : Tone::warn, document.verdict_tone);
  }
  document.highlights = highlights_of(input);
}

PageSection decided_section(const ReportInput& input) {
  PageSection section{"decided", "What decided it", "Which checks made the verdict?", {}};
  if (!input.judged.outdated.empty()) add_outdated(section, input.judged);
  if (!input.judged.checks.empty()) {
    section.blocks.push_back(stages_table(input.judged.checks));
    const auto worst = worst_checks(input.judged.checks, kMostChecks);
    if (worst.empty()) {
      section.blocks.push_back(PageText{"Every check passed."});
    } else {
      section.blocks.push_back(check_table(
          "checks", fmt::format("Checks that did not pass, worst first; at most {}.", kMostChecks),
          worst));
    }
    return section;
  }
  section.blocks.push_back(PageText{not_judged_text(input.judged) +
                                    " What the facts alone say against a case is listed here."});
  section.blocks.push_back(PageCommand{"To judge them:", input.judged.command});
  const auto accused = cases_where(input, is_accused);
  if (accused.empty()) {
    section.blocks.push_back(
        PageText{"Nothing: no case failed, none was found to compute in less than it declares."});
    return section;
  }
  const std::vector<CaseColumn> columns = {
      word_column("Status", "status"), word_column("Check", "check_status"),
      word_column("Precision", "precision_verdict"),
      word_column("SPIR-V says", "declared_evidence"), text_column("Reason", "reason")};
  section.blocks.push_back(case_table("accused", "Cases that went wrong.", accused, columns));
  return section;
}

PageSection coverage_section(const ReportInput& input) {
  PageSection section{
      "coverage", "Coverage", "Of what was planned, how much was run, and why not the rest?", {}};
  PageTable runs{"coverage-runs",
                 "What each run was to do and did. Expected: rows that it planned, those left out "
                 "among them.",
                 {{"Run", CellKind::code},
                  {"Came to its end"},
                  {"Expected", CellKind::number},
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
    runs.rows.push_back(
        {run.run_id, ended, expected_cell(input.history, run), rows_cell(input.history, run),
         std::to_string(count([](const CaseFacts& c) { return c.was_run(); })),
         std::to_string(count([](const CaseFacts& c) { return c.is_timed(); })),
         count_cell(count(was_left_out), Tone::warn), count_cell(count(has_failed), Tone::bad)});
  }
  section.blocks.push_back(std::move(runs));
  if (auto missing = missing_rows_text(input.history)) section.blocks.push_back(*missing);
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
      "waivers", "Waivers", "Which findings were set aside, why, and until when?", {}};
  if (input.judged.checks.empty()) {
    section.blocks.push_back(PageText{"None: waivers belong to criteria, and none were applied."});
    return section;
  }
  std::vector<const QualificationCheck*> waived;
  for (const QualificationCheck& check : input.judged.checks) {
    if (check.status == CheckResult::waived) waived.push_back(&check);
  }
  if (waived.empty()) {
    section.blocks.push_back(PageText{"None."});
  } else {
    section.blocks.push_back(check_table("waived", "Findings that were set aside.", waived));
  }
  return section;
}

}  // namespace gpubench
