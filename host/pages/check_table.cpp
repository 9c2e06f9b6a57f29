#include "pages/check_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "report/numbers.h"

namespace gpubench {
namespace {

/// As many of a baseline's hash as tell it from others.
constexpr std::size_t kHashDigits = 12;

Tone tone_of(CheckResult status) {
  if (status == CheckResult::pass) return Tone::good;
  return status == CheckResult::fail || status == CheckResult::error ? Tone::bad : Tone::warn;
}

/// "61.2 ms", "0.0874 ratio", "18"; "-" when it is missing.
std::string quantity(double value, std::string_view unit) {
  if (!std::isfinite(value)) return "-";
  if (unit == "s") return format_seconds(value);
  const std::string digits =
      std::trunc(value) == value ? shortest(value) : fmt::format("{:.4g}", value);
  return unit.empty() || unit == "count" ? digits : fmt::format("{} {}", digits, unit);
}

/// "0.45 to 1 ratio", as far as there are limits.
std::string limits_text(const QualificationCheck& check) {
  const bool low = std::isfinite(check.limit_low), high = std::isfinite(check.limit_high);
  const std::string at_least = quantity(check.limit_low, check.unit);
  const std::string at_most = quantity(check.limit_high, check.unit);
  if (low && high) return at_least + " to " + at_most;
  return low ? "at least " + at_least : high ? "at most " + at_most : "-";
}

/// "baseline 3fa9c1d2e4b5", so that a reader can tell which.
std::string source_text(const QualificationCheck& check) {
  std::string text(check.limit_source);
  if (!check.against || check.against->baseline_id == "peers") return text;
  return text + ' ' + std::string(check.against->baseline_id.substr(0, kHashDigits));
}

/// With its interval below, where it has one.
PageCell change_cell(const Against& against) {
  if (!std::isfinite(against.delta_rel)) return "-";
  PageCell cell(fmt::format("{:+.1f} %", 100 * against.delta_rel));
  if (std::isfinite(against.ci_low) && std::isfinite(against.ci_high)) {
    cell.note = fmt::format("{:+.1f}…{:+.1f} %", 100 * against.ci_low, 100 * against.ci_high);
  }
  return cell;
}

PageCell base_cell(const QualificationCheck& check) {
  PageCell cell(quantity(check.against->value, check.unit));
  if (check.against->n_base > 0) cell.note = fmt::format("of {}", check.against->n_base);
  return cell;
}

/// Whether the checks are of more than one device, so that each must say which.
bool is_of_several_devices(std::span<const QualificationCheck* const> checks) {
  std::set<std::string_view> devices;
  for (const QualificationCheck* check : checks) {
    if (!check->device_uuid.empty()) devices.insert(check->device_uuid);
  }
  return devices.size() > 1;
}

/// "on GPU, 0000:81:00.0": which of the devices of one name.
std::string device_text(const QualificationCheck& check) {
  if (check.device_name.empty()) return "";
  const std::string_view own = check.pci_address.empty() ? check.device_uuid : check.pci_address;
  return fmt::format("on {}{}{}", check.device_name, own.empty() ? "" : ", ", own);
}

/// What a table shows of its checks, beyond what all have.
struct Shown {
  bool base, device;
};

std::vector<PageCell> check_row(const QualificationCheck& check, Shown shown) {
  const std::string_view of = check.case_id.empty() ? check.run_id : check.case_id;
  std::vector<PageCell> row = {std::string(check.check),
                               {std::string(to_string(check.status)), tone_of(check.status)},
                               of.empty() ? "-" : std::string(of),
                               quantity(check.observed, check.unit),
                               limits_text(check)};
  if (!check.required) row[1].note = "not required";
  if (!check.case_id.empty()) row[2].note = check.run_id;
  if (shown.device) row[2].note += (row[2].note.empty() ? "" : " ") + device_text(check);
  row[4].note = source_text(check);
  if (shown.base) {
    row.push_back(check.against ? base_cell(check) : "-");
    row.push_back(check.against ? change_cell(*check.against) : "-");
  }
  row.emplace_back(check.message);
  if (check.action != Action::none) row.back().note = fmt::format("→ {}", to_string(check.action));
  return row;
}

}  // namespace

PageTable check_table(std::string id, std::string caption,
                      std::span<const QualificationCheck* const> checks) {
  const bool with_base = std::any_of(checks.begin(), checks.end(),
                                     [](const auto* check) { return check->against != nullptr; });
  const Shown shown{with_base, is_of_several_devices(checks)};
  PageTable table{std::move(id),
                  std::move(caption),
                  {{"Check"},
                   {"Status"},
                   {"Of", CellKind::code},
                   {"Found", CellKind::number},
                   {"Limit, and whence"}},
                  {}};
  if (with_base) {
    table.caption +=
        " Base: the median of the baseline's or the peers' times, and of how many; "
        "change: from there, and its 95 % interval.";
    table.columns.push_back({"Base", CellKind::number});
    table.columns.push_back({"Change", CellKind::number});
  }
  table.columns.push_back({"What happened → what to do", CellKind::name});
  for (const QualificationCheck* check : checks) table.rows.push_back(check_row(*check, shown));
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

}  // namespace gpubench
