#include "report/comparison_json.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "compare/words.h"
#include "report/comparison_text.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

// Version of this document; members are added, never renamed.
constexpr int kSchemaVersion = 1;
constexpr int kIndent = 2;

std::string_view word_of(ComparisonOutcome outcome) {
  constexpr std::array<std::string_view, 3> kWords = {"nothing_worse", "worse", "inconclusive"};
  return kWords.at(static_cast<std::size_t>(outcome));
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

Json side_json(const SideFacts& side) {
  return {{"runs", side.runs},
          {"sessions", side.sessions},
          {"first_run_id", side.first_run},
          {"last_run_id", side.last_run},
          {"device_names", side.devices},
          {"drivers", side.drivers},
          {"tools", side.tools},
          {"hosts", side.hosts}};
}

Json counts_json(const SetComparison& comparison) {
  Json counts = Json::object();
  for (const SpeedVerdict verdict :
       {SpeedVerdict::regressed, SpeedVerdict::missing, SpeedVerdict::incomparable,
        SpeedVerdict::ambiguous, SpeedVerdict::improved, SpeedVerdict::added, SpeedVerdict::same,
        SpeedVerdict::not_timed}) {
    counts[std::string(to_string(verdict))] = count_of(comparison, verdict);
  }
  return counts;
}

Json outputs_json(const SeriesComparison& series) {
  Json outputs = Json::array();
  for (const OutputFinding& finding : series.outputs) {
    outputs.push_back({{"aspect", to_string(finding.aspect)},
                       {"change", to_string(finding.change)},
                       {"message", finding.message}});
  }
  return outputs;
}

Json series_json(const SeriesComparison& series) {
  const SpeedComparison& speed = series.speed;
  const bool has_interval = speed.shift && speed.shift->has_interval();
  const auto change = [&](bool is_known, double Shift::*end) {
    return is_known ? number(change_of((*speed.shift).*end)) : Json(nullptr);
  };
  return {{"case_id", series.case_id},
          {"device_name", series.device},
          {"device_uuid", series.device_uuid.empty() ? Json(nullptr) : Json(series.device_uuid)},
          {"verdict", to_string(speed.verdict)},
          {"reason", to_string(speed.reason)},
          {"message", reason_text(series)},
          {"next_step", next_step(speed)},
          {"base_median_s", number(speed.base_median_s)},
          {"new_median_s", number(speed.new_median_s)},
          {"delta_rel", change(speed.shift.has_value(), &Shift::estimate)},
          {"ci_low", change(has_interval, &Shift::low)},
          {"ci_high", change(has_interval, &Shift::high)},
          {"minimum_effect", speed.minimum_effect},
          {"p_value", number(speed.p_value)},
          {"adjusted_p_value", number(speed.adjusted_p)},
          {"n_base", speed.n_base},
          {"n_new", speed.n_new},
          {"outputs", outputs_json(series)}};
}

}  // namespace

std::string comparison_json(const SetComparison& comparison) {
  Json json = {{"schema_version", kSchemaVersion},    {"outcome", word_of(comparison.outcome)},
               {"message", outcome_text(comparison)}, {"same_runs", comparison.same_runs},
               {"base", side_json(comparison.base)},  {"new", side_json(comparison.fresh)},
               {"counts", counts_json(comparison)},   {"warnings", comparison.warnings}};
  json["series"] = Json::array();
  for (const SeriesComparison& series : comparison.series) {
    json["series"].push_back(series_json(series));
  }
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gpubench
