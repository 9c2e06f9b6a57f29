#include "judge/peers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/telemetry.h"
#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

/// The fifth device is the only one that anything is said against.
const QualificationCheck& only_run4(const Judged& judged) {
  const auto worst = worst_checks(judged.runs.qualification.checks, 9);
  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  EXPECT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst.at(0)->reason, "slower_than_peers");
  EXPECT_EQ(worst.at(0)->run_id, "run4");
  return *worst.at(0);
}

TEST(Judge, ADeviceThatIsSlowerThanItsPeersIsFound) {
  const WrittenRuns runs;
  fleet(runs, "1.05");

  const Judged judged(request_of(runs));

  // The others: median 1.0005, MAD 0.001, so 1.05 is z = 0.6745 * 0.0495 / 0.001 = 33.
  EXPECT_NEAR(only_run4(judged).against->delta_rel, 0.0495, 1e-4);
}

/// As the program names the settings of device `number` of a rack.
std::string env_id_of(int number) {
  DeviceTraits device;
  device.name = "GPU";
  device.uuid = fmt::format("{:032x}", number);
  device.pci_address = fmt::format("0000:{:02x}:00.0", number);
  device.vendor_id = 0x10de;
  device.device_id = 0x2330;
  device.driver_version = "550.1";
  return env_id(device, {700, true});
}

TEST(Judge, DevicesOfOneModelArePeersByTheEnvIdOfTheProgram) {
  const WrittenRuns runs;
  for (int i = 0; i < 6; ++i) {
    runs.add_run(fmt::format("run{}", i),
                 {good_row({{"device_uuid", fmt::format("{:032x}", i)},
                            {"env_id", env_id_of(i)},
                            {"time_median_s", fmt::format("{}", i == 4 ? 1.3 : 1 + 0.001 * i)}})});
  }

  only_run4(Judged(request_of(runs)));
}

TEST(Judge, PeersThatDifferByLessThanAnybodyCaresForPass) {
  const WrittenRuns runs;
  fleet(runs, "1.015");

  EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::qualified);
}

/// The definition, device by device, beside what is computed for all of them at once.
TEST(Judge, PeersAreHeldToTheMedianOfTheOthers) {
  const WrittenRuns runs;
  std::vector<double> times;
  for (int i = 0; i < 24; ++i) times.push_back(1 + 0.001 * (i * 7 % 11));
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string name = std::to_string(100 + i);
    runs.add_run(name,
                 {good_row({{"host", name}, {"time_median_s", fmt::format("{}", times[i])}})});
  }

  const Judged judged(request_of(runs));

  for (std::size_t i = 0; i < times.size(); ++i) {
    std::vector<double> others = times;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    std::sort(others.begin(), others.end());
    const auto& checks = judged.runs.qualification.checks;
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const auto& check) {
      return check.check == "peers" && check.run_id == std::to_string(100 + i);
    });
    ASSERT_NE(found, checks.end());
    EXPECT_DOUBLE_EQ(found->against->value, others[11]) << i;
  }
}

TEST(Judge, OtherSettingsAreNoPeers) {
  const WrittenRuns runs;
  fleet(runs, "1.05");
  runs.add_run("run4", {good_row({{"host", "n4"}, {"time_median_s", "1.05"}, {"env_id", "e2"}})});

  EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::qualified);
}

}  // namespace
}  // namespace gpubench
