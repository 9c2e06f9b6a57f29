// waivers.h — failures that somebody stands for until a day.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "judge/facts.h"

namespace gpubench {

/// A waiver and the rows that it fits; found once for all runs.
struct WaiverOnRows {
  const Waiver* waiver;
  RowFilter filter;
  bool holds;  ///< It has not expired.
};

/// Fails with `input` where a waiver fits no row at all.
Result<std::vector<WaiverOnRows>> waivers_on_rows(const Facts& facts, const Criteria& criteria,
                                                  std::string_view today);

/// What the message of a waived check ends with.
std::string waived_words(const Waiver& waiver);

/// Turns failures and warnings among `checks`, which are of this row, into waived ones. Of an
/// expired waiver the check says so, and stays what it is.
void apply_waivers(std::span<QualificationCheck> checks, std::span<const WaiverOnRows> waivers,
                   std::size_t row);

}  // namespace gpubench
