#include "tuning/shipped.h"

#include <embedded.h>

#include <algorithm>
#include <cassert>

namespace gpubench {

TuningTable shipped_table() {
  TuningTable all;
  all.origin = TableOrigin::shipped;
  for (const EmbeddedTable& embedded : embedded_tables()) {
    auto table = parse_table(std::string(embedded.json), std::string(embedded.name));
    assert(table.ok() && "a shipped table, which a test reads as well");
    if (!table) continue;
    for (TuningEntry& entry : table->entries) merge(all, std::move(entry));
  }
  return all;
}

std::vector<Tuning> shipped_winners(const TuningTable& shipped, std::string_view kernel,
                                    std::uint32_t vendor_id) {
  std::vector<Tuning> winners;
  for (const TuningEntry& entry : shipped.entries) {
    if (entry.device.vendor_id != vendor_id) continue;
    for (const TunedKernel& tuned : entry.kernels) {
      const TriedTuning* best = tuned.kernel == kernel ? tuned.best() : nullptr;
      if (best == nullptr || best->tuning.empty()) continue;
      if (std::ranges::find(winners, best->tuning) == winners.end())
        winners.push_back(best->tuning);
    }
  }
  return winners;
}

}  // namespace gpubench
