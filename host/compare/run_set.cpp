#include "compare/run_set.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>

#include "base/text.h"
#include "record/words.h"

namespace gpubench {

void Common::add(std::string_view other) {
  if (other.empty() || other == text) return;
  if (text.empty()) {
    text = other;
  } else {
    mixed = true;
  }
}

std::string_view to_string(PrecisionRank rank) {
  const auto at = static_cast<std::size_t>(rank);
  // The words have `better` between `confirmed` and `not_probed`.
  return precision_verdict_words()[rank == PrecisionRank::not_probed ? at + 1 : at];
}

double larger(double a, double b) {
  return std::isnan(a) || b > a ? b : a;
}

void add_precision(SeriesSide& side, PrecisionRank rank, std::string_view observed) {
  if (rank >= side.precision) return;
  side.precision = rank;
  side.observed_precision = observed;
}

void merge(SeriesSide& into, const SeriesSide& more) {
  const auto join_common = [](Common& a, const Common& b) {
    a.add(b.text);
    a.mixed = a.mixed || b.mixed;
  };
  into.times.insert(into.times.end(), more.times.begin(), more.times.end());
  std::ranges::stable_sort(into.times, {}, &RunTime::run);
  into.rows += more.rows;
  join_common(into.kernel_hash, more.kernel_hash);
  join_common(into.fill, more.fill);
  join_common(into.timer, more.timer);
  join_common(into.output_hash, more.output_hash);
  if (into.bad_rows == 0) into.bad_status = more.bad_status;
  if (into.not_run_rows == 0) into.not_run_status = more.not_run_status;
  into.bad_rows += more.bad_rows;
  into.not_run_rows += more.not_run_rows;
  into.checked_rows += more.checked_rows;
  into.mistrusted_rows += more.mistrusted_rows;
  into.check_failed_rows += more.check_failed_rows;
  into.accused_rows += more.accused_rows;
  if (into.declares_less_rows == 0) into.declared_evidence = more.declared_evidence;
  into.declared_rows += more.declared_rows;
  into.declares_less_rows += more.declares_less_rows;
  add_precision(into, more.precision, more.observed_precision);
  into.rel_fro_err = larger(into.rel_fro_err, more.rel_fro_err);
  into.distinct_outputs = larger(into.distinct_outputs, more.distinct_outputs);
}

std::optional<double> parse_utc(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t length) {
    return static_cast<unsigned>(*parse_unsigned(text.substr(at, length)));
  };
  using namespace std::chrono;
  const year_month_day day{year(static_cast<int>(number(0, 4))), month(number(5, 2)),
                           std::chrono::day(number(8, 2))};
  if (!day.ok()) return std::nullopt;
  const auto days = sys_days(day).time_since_epoch().count();
  return static_cast<double>(days) * 86400 + number(11, 2) * 3600 + number(14, 2) * 60 +
         number(17, 2);
}

std::vector<std::size_t> session_numbers(std::span<const SetRun> runs) {
  constexpr double kLongestGap_s = 3600;
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t at) { return runs[at].started_s; });
  struct Last {
    double started_s;
    std::size_t session;
  };
  std::map<std::string_view, Last> last_of_host;
  std::vector<std::size_t> sessions(runs.size());
  std::size_t count = 0;
  for (const std::size_t at : order) {
    const SetRun& run = runs[at];
    const auto [last, is_new] = last_of_host.try_emplace(run.host, Last{run.started_s, count});
    const bool goes_on = !is_new && run.started_s - last->second.started_s <= kLongestGap_s;
    if (!goes_on) last->second.session = count++;
    last->second.started_s = run.started_s;
    sessions[at] = last->second.session;
  }
  return sessions;
}

}  // namespace gpubench
