#include "judge/waivers.h"

#include <fmt/format.h>

#include "scenario/source_place.h"

namespace gpubench {
namespace {

void apply(QualificationCheck& check, const WaiverOnRows& on_rows) {
  const Waiver& waiver = *on_rows.waiver;
  if (!on_rows.holds) {
    check.message += fmt::format(" (its waiver expired on {})", waiver.expires);
    return;
  }
  check.status = CheckResult::waived;
  check.message += waived_words(waiver);
}

}  // namespace

std::string waived_words(const Waiver& waiver) {
  return fmt::format(" (waived until {}: {})", waiver.expires, waiver.reason);
}

Result<std::vector<WaiverOnRows>> waivers_on_rows(const Facts& facts, const Criteria& criteria,
                                                  std::string_view today) {
  std::vector<WaiverOnRows> waivers;
  for (const Waiver& waiver : criteria.waivers) {
    RowFilter filter(facts.history, waiver.where);
    bool fits = facts.history.size() == 0;
    for (std::size_t row = 0; !fits && row < facts.history.size(); ++row) fits = filter.fits(row);
    if (!fits) {
      return error_at(waiver.place,
                      fmt::format("the waiver of \"{}\" fits no row of these runs", waiver.check));
    }
    waivers.push_back({&waiver, std::move(filter), today <= waiver.expires});
  }
  return waivers;
}

void apply_waivers(std::span<QualificationCheck> checks, std::span<const WaiverOnRows> waivers,
                   std::size_t row) {
  for (QualificationCheck& check : checks) {
    if (check.status != CheckResult::fail && check.status != CheckResult::warn) continue;
    for (const WaiverOnRows& on_rows : waivers) {
      if (on_rows.waiver->check != check.check || !on_rows.filter.fits(row)) continue;
      apply(check, on_rows);
      break;
    }
  }
}

}  // namespace gpubench
