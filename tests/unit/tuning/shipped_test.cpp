#include "tuning/shipped.h"

#include <gmock/gmock.h>

#include "embedded.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

TuningEntry entry_of(std::uint32_t vendor_id, std::string kernel, std::string_view tuning) {
  TuningEntry entry;
  entry.device = tuned_device(desktop_gpu());
  entry.device.vendor_id = vendor_id;
  entry.kernels.push_back({std::move(kernel),
                           "",
                           "",
                           "",
                           {},
                           {{{}, {Ending::slower, "", {2.0}}},
                            {parse_tuning(tuning).value(), {Ending::won, "", {1.0}}}}});
  return entry;
}

TEST(ShippedTunings, EveryTableIsWholeAndNamesTilesThatExist) {
  for (const EmbeddedTable& embedded : embedded_tables()) {
    SCOPED_TRACE(embedded.name);
    const auto table = parse_table(std::string(embedded.json), std::string(embedded.name));
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_FALSE(table->entries.empty());
    for (const TuningEntry& entry : table->entries) {
      for (const TunedKernel& tuned : entry.kernels) {
        const Kernel* kernel = find_kernel(entry.problem_class.op, tuned.kernel);
        ASSERT_NE(kernel, nullptr) << tuned.kernel;
        const TriedTuning* best = tuned.best();
        if (best == nullptr || best->tuning.empty()) continue;
        const auto values = values_of(best->tuning, kernel->parameters());
        EXPECT_TRUE(values) << values.error().message;
      }
    }
  }
}

TEST(ShippedTunings, AllTablesAreOneThatSaysItWasShipped) {
  const TuningTable all = shipped_table();
  EXPECT_EQ(all.origin, TableOrigin::shipped);
  EXPECT_EQ(all.entries.empty(), embedded_tables().empty());
}

TEST(ShippedTunings, WinnersAreThoseOfDevicesOfTheVendorOnce) {
  TuningTable table;
  table.entries = {entry_of(1, "tiled", "tile_m=64"),  entry_of(1, "tiled", "tile_m=64"),
                   entry_of(1, "tiled", "tile_m=128"), entry_of(1, "direct", "tile_m=32"),
                   entry_of(2, "tiled", "tile_m=256"), entry_of(1, "tiled", "")};

  const std::vector<Tuning> winners = shipped_winners(table, "tiled", 1);

  ASSERT_EQ(winners.size(), 2U);
  EXPECT_EQ(to_string(winners[0]), "tile_m=64");
  EXPECT_EQ(to_string(winners[1]), "tile_m=128");
}

}  // namespace
}  // namespace gpubench
