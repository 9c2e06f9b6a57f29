#include "judge/peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "base/parallel.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

constexpr std::size_t kFewestDevices = 4;
// Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers": |z| above 3.5.
constexpr double kOutlierZ = 3.5;
// 0.6745 is the 0.75 quantile of the normal distribution: MAD / 0.6745 estimates sigma.
constexpr double kNormalMad = 0.6745;
// Devices whose times agree to a part in a thousand have a tiny MAD; below this nobody cares.
constexpr double kLeastEffect = 0.02;

/// A device's rows of one case are one value: the median over its runs.
struct DeviceTime {
  double median_s = 0;
  std::vector<std::size_t> rows;
};

auto device_of(const Facts& facts, std::size_t row) {
  return std::tuple(facts.host.code(row), facts.device_uuid.code(row));
}

/// What rows of one case share with their peers.
auto peers_of(const Facts& facts, std::size_t row) {
  return std::tuple(facts.env_id.code(row), facts.kernel_hash.code(row), facts.timer.code(row));
}

/// Rows with a time, case by case: a million rows are sorted case by case on all cores.
std::vector<std::vector<std::size_t>> timed_rows_by_case(const Facts& facts) {
  std::vector<std::vector<std::size_t>> cases;
  std::unordered_map<std::uint32_t, std::size_t> place_of;
  for (std::size_t row = 0; row < facts.history.size(); ++row) {
    if (!facts.has_speed(row) || facts.env_id.code(row) == 0) continue;
    const auto [place, is_new] = place_of.emplace(facts.case_id.code(row), cases.size());
    if (is_new) cases.emplace_back();
    cases[place->second].push_back(row);
  }
  return cases;
}

void sort_by_peers_and_device(std::vector<std::size_t>& rows, const Facts& facts) {
  std::ranges::stable_sort(rows, {}, [&](std::size_t row) {
    return std::tuple(peers_of(facts, row), device_of(facts, row));
  });
}

/// `rows` are of one group, device after device.
std::vector<DeviceTime> device_times(const Facts& facts, std::span<const std::size_t> rows) {
  std::vector<DeviceTime> devices;
  for (const std::size_t row : rows) {
    const bool same =
        !devices.empty() && device_of(facts, devices.back().rows[0]) == device_of(facts, row);
    if (!same) devices.emplace_back();
    devices.back().rows.push_back(row);
  }
  for (DeviceTime& device : devices) {
    std::vector<double> times;
    for (const std::size_t row : device.rows) times.push_back(facts.time_median_s[row]);
    device.median_s = median(std::move(times));
  }
  return devices;
}

struct Others {
  double median_s = 0;
  double mad_s = 0;
};

/// Median of the sorted values without one that is equal to `left_out`.
double median_without(const std::vector<double>& sorted, double left_out) {
  const auto place = static_cast<std::size_t>(
      std::lower_bound(sorted.begin(), sorted.end(), left_out) - sorted.begin());
  const auto at = [&](std::size_t i) { return sorted[i < place ? i : i + 1]; };
  const std::size_t count = sorted.size() - 1;
  const std::size_t middle = count / 2;
  return count % 2 == 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}

/// The others of any device of a group. Leaving one out moves the median to one of three places, so
/// that the deviations are sorted three times at most, however many devices there are.
class Peers {
 public:
  explicit Peers(std::span<const DeviceTime> devices) {
    for (const DeviceTime& device : devices) sorted_s_.push_back(device.median_s);
    std::sort(sorted_s_.begin(), sorted_s_.end());
  }

  [[nodiscard]] Others others_of(const DeviceTime& device) {
    const double median_s = median_without(sorted_s_, device.median_s);
    return {median_s,
            median_without(deviations_from(median_s), std::abs(device.median_s - median_s))};
  }

 private:
  const std::vector<double>& deviations_from(double median_s) {
    std::vector<double>& deviations = deviations_[median_s];
    if (!deviations.empty()) return deviations;
    for (const double time_s : sorted_s_) deviations.push_back(std::abs(time_s - median_s));
    std::sort(deviations.begin(), deviations.end());
    return deviations;
  }

  std::vector<double> sorted_s_;
  std::map<double, std::vector<double>> deviations_;
};

QualificationCheck peer_check(const Facts& facts, std::size_t row, const DeviceTime& device,
                              const Others& others, std::size_t devices) {
  QualificationCheck check = facts.check(row, "peers", CheckKind::peer);
  const double delta = device.median_s / others.median_s - 1;
  const double distance_s = device.median_s - others.median_s;
  const double z = others.mad_s > 0 ? kNormalMad * distance_s / others.mad_s
                                    : std::copysign(INFINITY, distance_s);
  check.observed = device.median_s;
  check.unit = "s";
  // The smallest time that would be an outlier.
  check.limit_high = others.median_s + std::max(kOutlierZ * others.mad_s / kNormalMad,
                                                kLeastEffect * others.median_s);
  check.limit_source = "median of the other devices, modified z 3.5";
  check.against = std::make_shared<const Against>(Against{.baseline_id = "peers",
                                                          .value = others.median_s,
                                                          .delta_rel = delta,
                                                          .n_base = devices - 1,
                                                          .n_new = device.rows.size()});
  if (device.median_s > check.limit_high) {
    set(check, CheckResult::fail, "slower_than_peers", Action::isolate,
        fmt::format("{:.1f} % slower than the median of {} other devices (modified z {:.1f})",
                    100 * delta, devices - 1, std::min(z, 999.9)));
  }
  return check;
}

void check_group(RowChecks& checks, const Facts& facts, std::span<const std::size_t> rows) {
  const std::vector<DeviceTime> devices = device_times(facts, rows);
  if (devices.size() < kFewestDevices) return;
  Peers peers(devices);
  for (const DeviceTime& device : devices) {
    const Others others = peers.others_of(device);
    for (const std::size_t row : device.rows) {
      checks[row] = std::make_unique<const QualificationCheck>(
          peer_check(facts, row, device, others, devices.size()));
    }
  }
}

void check_case(RowChecks& checks, const Facts& facts, std::vector<std::size_t>& rows) {
  sort_by_peers_and_device(rows, facts);
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end = std::find_if(begin, rows.end(), [&](std::size_t row) {
      return peers_of(facts, row) != peers_of(facts, *begin);
    });
    check_group(checks, facts, {begin, end});
    begin = end;
  }
}

}  // namespace

RowChecks check_peers(const Facts& facts) {
  RowChecks checks(facts.history.size());
  std::vector<std::vector<std::size_t>> cases = timed_rows_by_case(facts);
  parallel_for(cases.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) check_case(checks, facts, cases[i]);
  });
  return checks;
}

}  // namespace gpubench
