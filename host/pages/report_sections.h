// report_sections.h — the sections of a report, one function each, in the order in which they
// stand.
#pragma once

#include "pages/case_facts.h"
#include "pages/document.h"
#include "pages/report.h"

namespace gpubench {

/// The verdict, its sentence and the figures beside it.
void add_verdict(PageDocument& document, const ReportInput& input);
PageSection decided_section(const ReportInput& input);
PageSection coverage_section(const ReportInput& input);
PageSection system_section(const ReportInput& input);
PageSection drift_section(const ReportInput& input);
PageSection precision_section(const ReportInput& input);
PageSection performance_section(const ReportInput& input);
PageSection sustained_section(const ReportInput& input);
PageSection peers_section(const ReportInput& input);
PageSection waivers_section(const ReportInput& input);
PageSection method_section(const ReportInput& input);
PageSection files_section(const ReportInput& input);

}  // namespace gpubench
