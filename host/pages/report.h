// report.h — what a qualification report says of some runs, as a document. Knows the facts of the
// runs' files; not how a page looks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "history/run_files.h"
#include "pages/case_facts.h"
#include "pages/document.h"
#include "pages/report_checks.h"
#include "pages/sha256.h"
#include "record/results_table.h"
#include "record/run_document.h"

namespace gpubench {

/// What lies beside the table of one run.
struct ReportRun {
  std::optional<RunDocument> document;
  std::vector<std::vector<SampleTimes>> samples;  ///< For each row of the run.
  std::vector<TelemetrySeries> telemetry;
  std::vector<ErrorMap> error_maps;
  std::vector<std::pair<std::string, FileDigest>> files;
};

/// What a report is made from.
struct ReportInput {
  History history;
  std::vector<ReportRun> runs;  ///< In the order of history.runs().
  ReportChecks judged;
};

/// Reads all of it. Fails with `input`, as read_history(), read_report_checks() and those of
/// history/run_files.h do. `checks_file`: of gpubench judge --out; may be empty.
Result<ReportInput> read_report_input(const std::vector<std::string>& paths,
                                      const std::string& checks_file = "");

/// Of one row of the history; none without a samples.csv.
std::span<const SampleTimes> samples_of(const ReportInput& input, const CaseFacts& facts);
/// By the clock that counts.
std::vector<double> seconds_of(std::span<const SampleTimes> samples);

/// The same for the same files: no clock is read.
PageDocument report_document(const ReportInput& input);

}  // namespace gpubench
