#include "report/comparison_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/text.h"
#include "compare/words.h"
#include "report/width.h"

namespace gpubench {
namespace {

// More rows than a screen holds are for --markdown.
constexpr std::size_t kMostRows = 60;
constexpr std::size_t kMostNames = 3;

/// A change with its sign: "+5.3", "-12", "+0.04".
std::string signed_percent(double change) {
  const double percents = 100 * change, size = std::abs(percents);
  return fmt::format("{:+.{}f}", percents, size < 0.095 ? 2 : size < 9.95 ? 1 : 0);
}

Tint tint_of(SpeedVerdict verdict) {
  switch (verdict) {
    case SpeedVerdict::regressed:
      return Tint::bad;
    case SpeedVerdict::missing:
    case SpeedVerdict::incomparable:
    case SpeedVerdict::ambiguous:
      return Tint::caution;
    case SpeedVerdict::improved:
      return Tint::good;
    default:
      return Tint::plain;
  }
}

Tint tint_of(OutputChange change) {
  if (change == OutputChange::worse) return Tint::bad;
  if (change == OutputChange::unchecked) return Tint::caution;
  return change == OutputChange::better ? Tint::good : Tint::plain;
}

std::string side_text(std::string_view name, const SideFacts& side) {
  const std::string span = side.first_run == side.last_run
                               ? side.first_run
                               : fmt::format("{} … {}", side.first_run, side.last_run);
  return fmt::format("{}  {} run{} in {} session{}: {}", name, side.runs, side.runs == 1 ? "" : "s",
                     side.sessions, side.sessions == 1 ? "" : "s", span);
}

std::string wrapped(const std::string& text, std::size_t indent, const ConsoleStyle& style) {
  return wrap(printable(text), {style.width, 0, indent}) + '\n';
}

std::string head_text(const SetComparison& comparison, const ConsoleStyle& style) {
  std::string text = wrapped(side_text("base", comparison.base), 6, style) +
                     wrapped(side_text("new ", comparison.fresh), 6, style);
  if (comparison.base.devices == comparison.fresh.devices) {
    text += wrapped("on    " + join(comparison.base.devices, ", "), 6, style);
  }
  for (const SideDifference& difference : side_differences(comparison)) {
    text +=
        wrapped(fmt::format("{} was {}, is {}", difference.what, difference.base, difference.fresh),
                6, style);
  }
  if (comparison.floors_used > 0) {
    text += fmt::format("floor of {} of {} series measured\n", comparison.floors_used,
                        comparison.series.size());
  }
  return text + '\n';
}

bool has_several_devices(const SetComparison& comparison) {
  return std::ranges::any_of(comparison.series, [&](const SeriesComparison& series) {
    const SeriesComparison& first = comparison.series.front();
    return series.device != first.device || series.device_uuid != first.device_uuid;
  });
}

bool is_shown(const SeriesComparison& series, ListedSeries listed) {
  if (series.speed.verdict == SpeedVerdict::not_timed) return false;
  return listed == ListedSeries::all || series.speed.verdict != SpeedVerdict::same;
}

std::string device_title(const SeriesComparison& series) {
  const std::string uuid = series.device_uuid.substr(0, 8);
  return fmt::format("{}{}{}", series.device, uuid.empty() ? "" : " ", uuid);
}

Table empty_table() {
  return Table(
      {{"case", Align::left}, {"time", Align::left}, {"change"}, {"95 % interval"}, {"adj. p"}});
}

/// One table for each device, the device with the worst series first.
std::string tables_text(const SetComparison& comparison, ListedSeries listed,
                        const ConsoleStyle& style) {
  std::vector<std::pair<std::string, Table>> tables;
  std::size_t rows = 0;
  for (const SeriesComparison& series : comparison.series) {
    if (!is_shown(series, listed) || ++rows > kMostRows) continue;
    const std::string title = device_title(series);
    auto table = std::ranges::find_if(tables, [&](const auto& one) { return one.first == title; });
    if (table == tables.end()) table = tables.insert(table, {title, empty_table()});
    const SpeedComparison& speed = series.speed;
    table->second.add({{series.case_id},
                       {std::string(to_string(speed.verdict)), tint_of(speed.verdict)},
                       {change_text(speed)},
                       {interval_text(speed)},
                       {p_text(speed)}});
  }
  std::string text;
  for (const auto& [title, table] : tables) {
    if (has_several_devices(comparison)) text += wrapped(title, 0, style);
    text += table.render(style) + '\n';
  }
  if (rows <= kMostRows) return text;
  return text + fmt::format("and {} more; --markdown FILE has all\n\n", rows - kMostRows);
}

std::string names_text(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMostNames);
  std::string text = join({names.data(), shown}, ", ");
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::string reasons_text(const SetComparison& comparison, const ConsoleStyle& style) {
  std::string text;
  for (const ReasonGroup& group : reason_groups(comparison)) {
    text += wrapped(fmt::format("{} ({}): {}", group.verdict, group.reason, group.text), 2, style);
    text += "  " + wrap(printable(names_text(group.names)), {style.width, 2, 2}) + '\n';
    if (!group.next.empty()) text += "  " + wrap("→ " + group.next, {style.width, 2, 4}) + '\n';
  }
  return text.empty() ? text : text + '\n';
}

std::string outputs_text(const SetComparison& comparison, const ConsoleStyle& style) {
  std::string text;
  for (const FindingGroup& group : finding_groups(comparison)) {
    const OutputFinding& finding = group.finding;
    const std::string word =
        fmt::format("{} {}", to_string(finding.change), to_string(finding.aspect));
    const std::string rest = fmt::format("{}: {}", names_text(group.names), finding.message);
    text += paint(word, tint_of(finding.change), style.colour) + "  " +
            wrap(printable(rest), {style.width, word.size() + 2, 2}) + '\n';
  }
  return text.empty() ? text : "Outputs\n" + text + '\n';
}

/// Something that is not better, and that nobody can call worse either; other bits are no news.
bool has_changed_output(const SeriesComparison& series) {
  return std::ranges::any_of(series.outputs, [](const OutputFinding& finding) {
    return finding.change == OutputChange::changed && finding.aspect != OutputAspect::bits;
  });
}

std::string nothing_worse_text(const SetComparison& comparison) {
  const std::size_t ambiguous = count_of(comparison, SpeedVerdict::ambiguous);
  const auto changed = std::ranges::count_if(comparison.series, has_changed_output);
  if (ambiguous > 0) {
    return fmt::format("Nothing is seen to be worse; {} of {} cases cannot tell.", ambiguous,
                       comparison.series.size());
  }
  if (changed == 0) return "Nothing is worse than the base.";
  return fmt::format("Nothing is seen to be worse; outputs changed in {} of {} cases.", changed,
                     comparison.series.size());
}

}  // namespace

std::string change_text(const SpeedComparison& speed) {
  if (!speed.shift) return "-";
  const double change = change_of(speed.shift->estimate);
  return change >= 1 ? fmt::format("{:.1f}x", 1 + change) : signed_percent(change) + " %";
}

std::string interval_text(const SpeedComparison& speed) {
  if (!speed.shift || !speed.shift->has_interval()) return "-";
  const double low = change_of(speed.shift->low), high = change_of(speed.shift->high);
  if (high >= 1) return fmt::format("{:.2f}x…{:.2f}x", 1 + low, 1 + high);
  return fmt::format("{}…{} %", signed_percent(low), signed_percent(high));
}

std::string p_text(const SpeedComparison& speed) {
  if (!speed.adjusted_p) return "-";
  return *speed.adjusted_p < 0.0001 ? "<0.0001" : fmt::format("{:.2g}", *speed.adjusted_p);
}

std::vector<SideDifference> side_differences(const SetComparison& comparison) {
  std::vector<SideDifference> differences;
  const auto add = [&](std::string what, const std::vector<std::string>& base,
                       const std::vector<std::string>& fresh) {
    // A baseline knows neither the hosts of its runs nor their gpubench.
    const bool are_known = !base.empty() && !fresh.empty();
    if (are_known && base != fresh)
      differences.push_back({std::move(what), join(base, ", "), join(fresh, ", ")});
  };
  add("device", comparison.base.devices, comparison.fresh.devices);
  add("driver", comparison.base.drivers, comparison.fresh.drivers);
  add("gpubench", comparison.base.tools, comparison.fresh.tools);
  add("host", comparison.base.hosts, comparison.fresh.hosts);
  return differences;
}

std::string series_name(const SetComparison& comparison, const SeriesComparison& series) {
  if (!has_several_devices(comparison)) return series.case_id;
  return fmt::format("{} on {}", series.case_id, device_title(series));
}

std::vector<ReasonGroup> reason_groups(const SetComparison& comparison) {
  std::vector<ReasonGroup> groups;
  for (const SeriesComparison& series : comparison.series) {
    const SpeedVerdict verdict = series.speed.verdict;
    const std::string text = reason_text(series);
    if (text.empty() || verdict == SpeedVerdict::same || verdict == SpeedVerdict::added) continue;
    const std::string_view word = to_string(verdict);
    auto group = std::ranges::find_if(groups, [&](const ReasonGroup& known) {
      return known.verdict == word && known.text == text;
    });
    if (group == groups.end()) {
      groups.push_back({std::string(word),
                        std::string(to_string(series.speed.reason)),
                        text,
                        next_step(series.speed),
                        {}});
      group = groups.end() - 1;
    }
    group->names.push_back(series_name(comparison, series));
  }
  return groups;
}

std::vector<FindingGroup> finding_groups(const SetComparison& comparison) {
  std::vector<FindingGroup> groups;
  for (const SeriesComparison& series : comparison.series) {
    for (const OutputFinding& finding : series.outputs) {
      auto group = std::ranges::find_if(groups, [&](const FindingGroup& known) {
        return known.finding.aspect == finding.aspect && known.finding.change == finding.change &&
               known.finding.message == finding.message;
      });
      if (group == groups.end()) group = groups.insert(group, {finding, {}});
      group->names.push_back(series_name(comparison, series));
    }
  }
  std::ranges::stable_sort(groups, {},
                           [](const FindingGroup& group) { return group.finding.change; });
  return groups;
}

std::string counts_text(const SetComparison& comparison) {
  std::vector<std::string> parts;
  for (const SpeedVerdict verdict :
       {SpeedVerdict::regressed, SpeedVerdict::missing, SpeedVerdict::incomparable,
        SpeedVerdict::ambiguous, SpeedVerdict::improved, SpeedVerdict::added, SpeedVerdict::same}) {
    const std::size_t count = count_of(comparison, verdict);
    if (count > 0) parts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  }
  std::string text = parts.empty() ? "no case has a time" : join(parts, ", ");
  const auto worse = std::ranges::count_if(comparison.series, has_worse_output);
  const auto unchecked = std::ranges::count_if(comparison.series, has_unchecked_output);
  if (worse > 0) text += fmt::format("; outputs worse in {}", worse);
  if (unchecked > 0) text += fmt::format("; outputs no longer checked in {}", unchecked);
  return text;
}

std::string outcome_text(const SetComparison& comparison) {
  if (comparison.same_runs) return "Both sets are the same runs: nothing can differ.";
  const std::size_t incomparable = count_of(comparison, SpeedVerdict::incomparable);
  switch (comparison.outcome) {
    case ComparisonOutcome::worse:
      return "Worse than the base.";
    case ComparisonOutcome::nothing_worse:
      return nothing_worse_text(comparison);
    case ComparisonOutcome::inconclusive:
      break;
  }
  if (incomparable == 0) {
    return "Inconclusive: what vanished, went unchecked or cannot be told is no pass.";
  }
  return fmt::format("Inconclusive: {} of {} cases are INCOMPARABLE, and that is no pass.",
                     incomparable, comparison.series.size());
}

std::string comparison_text(const SetComparison& comparison, ListedSeries listed,
                            const ConsoleStyle& style) {
  const Tint tint = comparison.outcome == ComparisonOutcome::worse           ? Tint::bad
                    : comparison.outcome == ComparisonOutcome::nothing_worse ? Tint::good
                                                                             : Tint::caution;
  std::string text = head_text(comparison, style) + tables_text(comparison, listed, style) +
                     reasons_text(comparison, style) + outputs_text(comparison, style);
  text += wrap(counts_text(comparison), {style.width, 0, 2}) + '\n';
  return text + paint(outcome_text(comparison), tint, style.colour) + '\n';
}

}  // namespace gpubench
