// comparison_text.h — two sets of runs side by side, as the console shows them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "report/table.h"

namespace gpubench {

enum class ListedSeries : std::uint8_t { notable, all };

std::string comparison_text(const SetComparison& comparison, ListedSeries listed,
                            const ConsoleStyle& style);

/// "1 REGRESSED, 3 AMBIGUOUS, 40 SAME; outputs of 2 series are worse": what there is, worst first.
std::string counts_text(const SetComparison& comparison);
/// The comparison in one sentence.
std::string outcome_text(const SetComparison& comparison);

/// "+5.3 %", "-0.4 %", "2.1x" from double on; "-" without a shift.
std::string change_text(const SpeedComparison& speed);
/// "+4.1…+6.6 %"; "-" without an interval.
std::string interval_text(const SpeedComparison& speed);
/// Of the adjusted p; "-" where there was no test.
std::string p_text(const SpeedComparison& speed);

/// What differs between the sides beside the runs: "driver" and both texts.
struct SideDifference {
  std::string what, base, fresh;
};
std::vector<SideDifference> side_differences(const SetComparison& comparison);

/// One case's name, with its device where the comparison has several.
std::string series_name(const SetComparison& comparison, const SeriesComparison& series);

/// Series with the same verdict for the same reason.
struct ReasonGroup {
  std::string verdict, reason, text, next;
  std::vector<std::string> names;
};
/// Of all series whose verdict has a reason that wants a word, in their order.
std::vector<ReasonGroup> reason_groups(const SetComparison& comparison);

/// Series of which the same is found about their outputs.
struct FindingGroup {
  OutputFinding finding;
  std::vector<std::string> names;
};
/// Worst first.
std::vector<FindingGroup> finding_groups(const SetComparison& comparison);

}  // namespace gpubench
