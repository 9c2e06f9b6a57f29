#include "judge/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "base/text.h"
#include "record/columns.h"

namespace gpubench {
namespace {

constexpr std::array<std::string_view, 29> kAlways = {"fill",
                                                      "run_id",
                                                      "host",
                                                      "device_name",
                                                      "device_type",
                                                      "device_uuid",
                                                      "pci_address",
                                                      "env_id",
                                                      "case_id",
                                                      "precision",
                                                      "kernel_hash",
                                                      "status",
                                                      "reason",
                                                      "timer",
                                                      "timing_status",
                                                      "check_status",
                                                      "precision_verdict",
                                                      "precision_reason",
                                                      "observed_precision",
                                                      "declared_evidence",
                                                      "samples",
                                                      "time_median_s",
                                                      "throttle_ratio",
                                                      "temp_c_max",
                                                      "bound_ratio",
                                                      "started_at",
                                                      "api_validation",
                                                      "planned_rows",
                                                      "scenario_hash"};

void add_columns(std::set<std::string_view>& columns, const Where& where) {
  for (const Condition& condition : where) columns.insert(condition.column);
}

}  // namespace

std::vector<std::string_view> columns_for_judging(const Criteria& criteria) {
  std::set<std::string_view> columns(kAlways.begin(), kAlways.end());
  for (const Limit& limit : criteria.limits) {
    columns.insert(limit.metric);
    add_columns(columns, limit.where);
  }
  for (const Waiver& waiver : criteria.waivers) add_columns(columns, waiver.where);
  return {columns.begin(), columns.end()};
}

Facts::Facts(const History& of)
    : history(of),
      run_id(of.text("run_id")),
      host(of.text("host")),
      device_name(of.text("device_name")),
      device_type(of.text("device_type")),
      device_uuid(of.text("device_uuid")),
      pci_address(of.text("pci_address")),
      env_id(of.text("env_id")),
      case_id(of.text("case_id")),
      precision(of.text("precision")),
      kernel_hash(of.text("kernel_hash")),
      fill(of.text("fill")),
      status(of.text("status")),
      reason(of.text("reason")),
      timer(of.text("timer")),
      timing_status(of.text("timing_status")),
      check_status(of.text("check_status")),
      precision_verdict(of.text("precision_verdict")),
      precision_reason(of.text("precision_reason")),
      observed_precision(of.text("observed_precision")),
      declared_evidence(of.text("declared_evidence")),
      api_validation(of.text("api_validation")),
      samples(of.number("samples")),
      time_median_s(of.number("time_median_s")),
      throttle_ratio(of.number("throttle_ratio")),
      temp_c_max(of.number("temp_c_max")),
      bound_ratio(of.number("bound_ratio")),
      planned_rows(of.number("planned_rows")) {}

void Facts::name_device(QualificationCheck& check, std::size_t row) const {
  check.device_name = device_name[row];
  check.device_uuid = device_uuid[row];
  check.pci_address = pci_address[row];
}

QualificationCheck Facts::check(std::size_t row, std::string_view name, CheckKind kind) const {
  QualificationCheck check;
  check.run_id = run_id[row];
  check.case_id = case_id[row];
  name_device(check, row);
  check.check = name;
  check.kind = kind;
  return check;
}

std::string_view Facts::code_of(std::string_view reason) {
  return reason.substr(0, reason.find(':'));
}

std::string Facts::place(std::size_t row) const {
  return fmt::format("{}:{}", history.runs()[history.run_of(row)].file, history.line_of(row));
}

bool Facts::has_device(std::size_t row) const {
  return device_uuid.code(row) != 0 || device_name.code(row) != 0;
}

bool Facts::has_speed(std::size_t row) const {
  return status[row] == "ok" && check_status[row] != "failed" && time_median_s[row] > 0;
}

void set(QualificationCheck& check, CheckResult status, std::string_view reason, Action action,
         std::string message) {
  check.status = status;
  check.reason = reason;
  check.action = action;
  check.message = std::move(message);
}

void set_unknown_word(QualificationCheck& check, const Facts& facts, std::size_t row,
                      std::string_view column) {
  set(check, CheckResult::inconclusive, "unknown_word", Action::fix_config,
      fmt::format("{}: {} is \"{}\", a word that this gpubench does not know", facts.place(row),
                  column, facts.history.text(column)[row]));
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Outcome check_numbers(const Facts& facts) {
  constexpr double kMostCount = 1e15;  // Doubles are whole up to there.
  const auto is_count = [](double value) {
    return value >= 0 && value <= kMostCount && value == std::floor(value);
  };
  const auto refused = [&](std::size_t row, std::string_view column, double value,
                           std::string_view expected) {
    return Error{ErrorKind::input, fmt::format("{}: {} is {}; expected {}", facts.place(row),
                                               column, value, expected)};
  };
  for (std::size_t row = 0; row < facts.history.size(); ++row) {
    for (const auto& [column, numbers] :
         {std::pair("samples", &facts.samples), std::pair("planned_rows", &facts.planned_rows)}) {
      const double value = (*numbers)[row];
      if (!std::isnan(value) && !is_count(value)) {
        return refused(row, column, value, "a whole number that is not negative");
      }
    }
    if (facts.time_median_s[row] < 0) {
      return refused(row, "time_median_s", facts.time_median_s[row], "a time");
    }
    if (facts.bound_ratio[row] < 0) {
      return refused(row, "bound_ratio", facts.bound_ratio[row], "a ratio that is not negative");
    }
    if (facts.throttle_ratio[row] < 0 || facts.throttle_ratio[row] > 1) {
      return refused(row, "throttle_ratio", facts.throttle_ratio[row], "a share from 0 to 1");
    }
  }
  return Done{};
}

RowFilter::RowFilter(const History& history, const Where& where) {
  for (const Condition& condition : where) {
    if (!*is_number_column(condition.column)) {
      texts_.push_back({&history.text(condition.column), &condition.values});
      continue;
    }
    Numbers numbers{&history.number(condition.column), {}};
    for (const std::string& value : condition.values) {
      numbers.values.push_back(parse_double(value).value_or(NAN));
    }
    numbers_.push_back(std::move(numbers));
  }
}

bool RowFilter::fits(std::size_t row) const {
  const auto has = [](const auto& values, const auto& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  return std::all_of(
             texts_.begin(), texts_.end(),
             [&](const Texts& texts) { return has(*texts.values, (*texts.column)[row]); }) &&
         std::all_of(numbers_.begin(), numbers_.end(), [&](const Numbers& numbers) {
           return has(numbers.values, (*numbers.column)[row]);
         });
}

}  // namespace gpubench
