#include "report/comparison_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "compare/words.h"
#include "report/comparison_text.h"
#include "report/numbers.h"
#include "report/width.h"

namespace gpubench {
namespace {

constexpr const char* kTableHead =
    "| case | time | base | new | change | 95 % interval | adjusted p | runs |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|\n";

std::string seconds_text(double seconds) {
  return std::isfinite(seconds) ? format_seconds(seconds) : "-";
}

std::string row_text(const SetComparison& comparison, const SeriesComparison& series) {
  const SpeedComparison& speed = series.speed;
  const std::string runs =
      speed.n_base == 0 ? "-" : fmt::format("{} / {}", speed.n_base, speed.n_new);
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n",
                     markdown_text(series_name(comparison, series)),
                     markdown_text(to_string(speed.verdict)), seconds_text(speed.base_median_s),
                     seconds_text(speed.new_median_s), change_text(speed), interval_text(speed),
                     markdown_text(p_text(speed)), runs);
}

std::string rows_text(const SetComparison& comparison, bool (*is_wanted)(SpeedVerdict)) {
  std::string rows;
  for (const SeriesComparison& series : comparison.series) {
    if (is_wanted(series.speed.verdict)) rows += row_text(comparison, series);
  }
  return rows.empty() ? rows : kTableHead + rows + '\n';
}

std::string reasons_text(const SetComparison& comparison) {
  std::string text;
  for (const ReasonGroup& group : reason_groups(comparison)) {
    text += fmt::format("- **{}** ({}), {} case{}: {}", markdown_text(group.verdict),
                        markdown_text(group.reason), group.names.size(),
                        group.names.size() == 1 ? "" : "s", markdown_text(group.text));
    if (!group.next.empty()) text += fmt::format("; {}", markdown_text(group.next));
    text += '\n';
  }
  return text.empty() ? text : text + '\n';
}

std::string outputs_text(const SetComparison& comparison) {
  std::string text;
  for (const FindingGroup& group : finding_groups(comparison)) {
    text += fmt::format("- **{} {}**, {} case{}: {} ({})\n", to_string(group.finding.change),
                        to_string(group.finding.aspect), group.names.size(),
                        group.names.size() == 1 ? "" : "s", markdown_text(group.finding.message),
                        markdown_text(join(group.names, ", ")));
  }
  return text.empty() ? text : "#### Outputs\n\n" + text + '\n';
}

std::string warnings_text(const SetComparison& comparison) {
  std::string text;
  for (const std::string& warning : comparison.warnings) {
    text += fmt::format("- {}\n", markdown_text(warning));
  }
  return text.empty() ? text : "#### Warnings\n\n" + text + '\n';
}

std::string sides_text(const SetComparison& comparison) {
  const auto runs_of = [](const SideFacts& side) {
    return fmt::format("{} in {} session{}, {} to {}", side.runs, side.sessions,
                       side.sessions == 1 ? "" : "s", markdown_text(side.first_run),
                       markdown_text(side.last_run));
  };
  std::string text = fmt::format("| | base | new |\n|---|---|---|\n| runs | {} | {} |\n",
                                 runs_of(comparison.base), runs_of(comparison.fresh));
  const std::vector<SideDifference> differences = side_differences(comparison);
  const bool same_device = std::ranges::none_of(
      differences, [](const SideDifference& one) { return one.what == "device"; });
  if (same_device) {
    const std::string devices = markdown_text(join(comparison.base.devices, ", "));
    text += fmt::format("| device | {} | the same |\n", devices);
  }
  for (const SideDifference& one : differences) {
    text += fmt::format("| {} | {} | {} |\n", one.what, markdown_text(one.base),
                        markdown_text(one.fresh));
  }
  return text + '\n';
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '@':  // Would call a user of that name.
        escaped += "&#64;";
        break;
      default:
        if (std::string_view(R"(\`*_{}[]()#!|~$)").find(c) != std::string_view::npos) {
          escaped += '\\';
        }
        escaped += c;
    }
  }
  return escaped;
}

std::string comparison_markdown(const SetComparison& comparison) {
  const std::string notable = rows_text(comparison, [](SpeedVerdict verdict) {
    return verdict != SpeedVerdict::same && verdict != SpeedVerdict::not_timed;
  });
  const std::string same =
      rows_text(comparison, [](SpeedVerdict verdict) { return verdict == SpeedVerdict::same; });
  std::string text = fmt::format("### {}\n\n{}\n\n", outcome_text(comparison),
                                 markdown_text(counts_text(comparison)));
  text += notable + reasons_text(comparison) + outputs_text(comparison) +
          warnings_text(comparison) + sides_text(comparison);
  if (!same.empty()) {
    text += fmt::format("<details><summary>{} SAME</summary>\n\n{}</details>\n",
                        count_of(comparison, SpeedVerdict::same), same);
  }
  return text;
}

}  // namespace gpubench
