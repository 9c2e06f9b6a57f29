#include "compare/calibration.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <random>

#include "compare/distributions.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

constexpr std::size_t kMostSplits = 200;

using LogTimes = std::vector<double>;

double shift_size(const LogTimes& first, const LogTimes& second) {
  return change_of(std::abs(shift_between(first, second).estimate));
}

/// Between every two sessions.
std::vector<double> session_shifts(const std::map<std::size_t, LogTimes>& by_session) {
  std::vector<double> shifts;
  for (auto one = by_session.begin(); one != by_session.end(); ++one) {
    for (auto other = std::next(one); other != by_session.end(); ++other) {
      shifts.push_back(shift_size(one->second, other->second));
    }
  }
  return shifts;
}

/// Which times belong to the first half.
using Split = std::vector<bool>;

double split_shift(const LogTimes& times, const Split& split) {
  LogTimes first, second;
  for (std::size_t i = 0; i < times.size(); ++i) (split[i] ? first : second).push_back(times[i]);
  return shift_size(first, second);
}

Split split_in_time(std::size_t times) {
  Split split(times, false);
  std::fill_n(split.begin(), times / 2, true);
  return split;
}

std::vector<Split> all_splits(std::size_t times) {
  std::vector<Split> splits;
  Split split = split_in_time(times);
  do {
    splits.push_back(split);
  } while (std::prev_permutation(split.begin(), split.end()));
  return splits;
}

/// std::shuffle would give other splits with another standard library.
std::vector<Split> drawn_splits(std::size_t times) {
  std::mt19937_64 random(times);
  std::vector<Split> splits = {split_in_time(times)};
  while (splits.size() < kMostSplits) {
    Split split = splits.back();
    for (std::size_t i = times - 1; i > 0; --i) {
      const std::size_t other = random() % (i + 1);
      const bool kept = split[i];
      split[i] = split[other];
      split[other] = kept;
    }
    splits.push_back(std::move(split));
  }
  return splits;
}

/// Between halves of the times of one session, which are in the order of time; that split first.
std::vector<double> half_shifts(const LogTimes& times) {
  const double ways = binomial(times.size(), times.size() / 2);
  const std::vector<Split> splits = ways <= static_cast<double>(kMostSplits)
                                        ? all_splits(times.size())
                                        : drawn_splits(times.size());
  std::vector<double> shifts;
  for (const Split& split : splits) shifts.push_back(split_shift(times, split));
  return shifts;
}

/// Of the sessions' medians, each counting once.
double session_deviation(const std::map<std::size_t, LogTimes>& by_session) {
  std::vector<double> medians;
  for (const auto& [session, times] : by_session) medians.push_back(median(times));
  return medians.size() < 2 ? 0 : standard_deviation(medians);
}

CalibratedSeries calibrate_series(const SeriesSide& side,
                                  const std::vector<std::size_t>& sessions) {
  std::map<std::size_t, LogTimes> by_session;
  std::vector<double> seconds;
  for (const RunTime& time : side.times) {
    by_session[sessions[time.run]].push_back(time.log_median);
    seconds.push_back(time.median_s);
  }
  const bool several = by_session.size() >= 2;
  std::vector<double> shifts =
      several ? session_shifts(by_session) : half_shifts(by_session.begin()->second);
  const double in_time = several ? 0 : shifts.front();
  std::ranges::sort(shifts);
  CalibratedSeries series{side.case_id,  side.device_name, {},
                          shifts.size(), median(seconds),  spread_of(seconds)};
  series.floor = {std::max(in_time, quantile(shifts, 0.95)), side.times.size(), by_session.size(),
                  session_deviation(by_session)};
  return series;
}

bool is_mixed(const SeriesSide& side) {
  return side.kernel_hash.mixed || side.fill.mixed || side.timer.mixed;
}

}  // namespace

double spread_of(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  return (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / 1.349 / quantile(seconds, 0.5);
}

Calibration calibrate(const RunSet& set) {
  const std::vector<std::size_t> sessions = session_numbers(set.runs);
  std::map<std::pair<std::string, std::string>, SeriesSide> by_name;
  for (const SeriesSide& side : set.series) {
    const auto [found, is_new] = by_name.try_emplace({side.case_id, side.device_name}, side);
    if (!is_new) merge(found->second, side);
  }
  Calibration calibration;
  for (const auto& [key, side] : by_name) {
    if (side.times.empty()) continue;
    if (is_mixed(side)) {
      ++calibration.mixed;
    } else if (side.times.size() < kFewestToCalibrate) {
      ++calibration.too_few;
    } else {
      calibration.series.push_back(calibrate_series(side, sessions));
    }
  }
  return calibration;
}

}  // namespace gpubench
