#include "report/console.h"

#include <fmt/format.h>

#include <set>
#include <variant>

#include "report/answers.h"
#include "report/builds.h"
#include "report/choices.h"
#include "report/decisions.h"
#include "report/grouped.h"
#include "report/growth.h"
#include "report/out_of_range.h"
#include "report/outputs.h"
#include "report/precision.h"
#include "report/results_table.h"
#include "report/speedup.h"
#include "report/width.h"

namespace gpubench {
namespace {

std::vector<std::vector<const Row*>> by_device(std::span<const Row> rows) {
  std::vector<const Row*> all;
  for (const Row& row : rows) all.push_back(&row);
  return grouped(all, [](const Row& a, const Row& b) {
    return a.device.uuid == b.device.uuid && a.device.name == b.device.name;
  });
}

std::string broken_text(const std::vector<BrokenExpectation>& broken, const ConsoleStyle& style) {
  if (broken.empty()) return "";
  std::string text =
      paint(fmt::format("EXPECTATIONS BROKEN: {}", broken.size()), Tint::bad, style.colour) + '\n';
  for (const BrokenExpectation& each : broken) {
    const std::string line =
        fmt::format("{}: {} was expected, {} was observed", each.case_id, each.rule, each.observed);
    text += "  " + wrap(printable(line), {style.width, 2, 6}) + '\n';
  }
  return text;
}

std::string files_text(const std::vector<std::string>& files) {
  if (files.empty()) return "";
  std::string text = "Files\n";
  for (const std::string& file : files) text += "  " + printable(file) + '\n';
  return text;
}

/// Rows that ended as the scenario expects, and the others.
struct SplitRows {
  std::vector<Row> expected, unexpected;
};
SplitRows split(const RunReport& report) {
  const std::set<std::string> ids(report.expected_cases.begin(), report.expected_cases.end());
  SplitRows rows;
  for (const Row& row : report.rows) {
    (ids.contains(row.planned.id) ? rows.expected : rows.unexpected).push_back(row);
  }
  return rows;
}

std::string repeat_text(const RunReport& report, const ConsoleStyle& style) {
  const Row* worst = worst_row(report.rows);
  if (worst == nullptr || report.command.empty()) return "";
  return "Repeat the worst case\n" + repeat_command(report.command, *worst, style);
}

std::string comparison_text(const Comparison& asked, std::span<const Row> rows,
                            const ConsoleStyle& style) {
  if (const auto* speedup = std::get_if<SpeedupTable>(&asked)) {
    return speedup_table(*speedup, rows, style);
  }
  if (const auto* outputs = std::get_if<OutputsTable>(&asked)) {
    return outputs_tables(*outputs, rows, style);
  }
  return growth_tables(std::get<GrowthTable>(asked), rows, style);
}

/// Non-empty sections with an empty line between them.
std::string sections(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += '\n';
    text += part;
  }
  return text;
}

}  // namespace

std::string device_line(const DeviceTraits& device, const ConsoleStyle& style) {
  if (device.name.empty()) return "No device\n";
  const std::string driver =
      device.driver_info.empty() ? device.driver_version : device.driver_info;
  const std::string tail =
      fmt::format(" · {} · {}", clip_end(printable(driver), style.width / 3),
                  device.is_software() ? "SOFTWARE, runs on the CPU" : to_string(device.type));
  const std::size_t taken = std::min(style.width, display_width(tail));
  const Tint tint = device.is_software() ? Tint::caution : Tint::strong;
  return paint(clip_end(printable(device.name), style.width - taken) + tail, tint, style.colour) +
         '\n';
}

std::string results_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const auto devices = by_device(rows);
  std::vector<std::string> parts;
  for (const auto& device : devices) {
    if (devices.size() > 1) parts.push_back(device_line(device.front()->device, style));
    const auto by_op = grouped(device, [](const Row& a, const Row& b) {
      return a.planned.problem.op == b.planned.problem.op;
    });
    for (const auto& op : by_op) parts.push_back(results_table(op, style));
  }
  return sections(parts);
}

std::string run_text(const RunReport& report, const ConsoleStyle& style) {
  if (report.rows.empty()) return "Nothing was run.\n";
  std::vector<std::string> parts = {results_text(report.rows, style)};
  parts.push_back(choices_text(report.rows, style));
  for (const Comparison& asked : report.comparisons) {
    parts.push_back(comparison_text(asked, report.rows, style));
  }
  parts.push_back(precision_text(report.rows, style));
  parts.push_back(builds_text(report.rows, style));
  parts.push_back(decision_tables(report.rows, style));
  parts.push_back(out_of_range_tables(report.rows, style));
  const auto [expected, unexpected] = split(report);
  parts.push_back(failures_text(unexpected, style));
  parts.push_back(contradictions_text(report.rows, style));
  parts.push_back(above_peak_text(report.rows, style));
  parts.push_back(mistrusted_text(unexpected, style));
  parts.push_back(expected_text(expected, report.rows.size(), style));
  parts.push_back(doubtful_times_text(report.rows, style));
  parts.push_back(broken_text(report.broken_expectations, style));
  parts.push_back(worst_drift_text(report.rows, style));
  parts.push_back(left_out_text(report.rows, style));
  parts.push_back(files_text(report.files));
  parts.push_back(repeat_text(report, style));
  return sections(parts);
}

}  // namespace gpubench
