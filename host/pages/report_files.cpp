// The files that a report was made from, so that a reader can tell whether he has the same.
#include <fmt/format.h>

#include "pages/report_sections.h"

namespace gpubench {

PageSection files_section(const ReportInput& input) {
  PageSection section{"files", "Files", "What was this report made from?", {}};
  PageTable table{
      "digests",
      "Files and their SHA-256, as sha256sum prints it.",
      {{"File", CellKind::code}, {"Bytes", CellKind::number}, {"SHA-256", CellKind::code}},
      {}};
  for (std::size_t i = 0; i < input.runs.size(); ++i) {
    const std::string& run_id = input.history.runs()[i].run_id;
    for (const auto& [name, digest] : input.runs[i].files) {
      table.rows.push_back(
          {fmt::format("{}/{}", run_id, name), std::to_string(digest.bytes), digest.sha256});
    }
  }
  for (const auto& [name, digest] : input.judged.digests) {
    table.rows.push_back({name, std::to_string(digest.bytes), digest.sha256});
  }
  section.blocks.push_back(std::move(table));
  return section;
}

}  // namespace gpubench
