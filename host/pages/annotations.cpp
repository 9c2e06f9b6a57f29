#include "pages/annotations.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "compare/run_set.h"
#include "record/csv.h"

namespace gpubench {
namespace {

/// A day stands for its first second.
std::optional<double> parse_date(const std::string& text) {
  constexpr std::size_t kDayLength = 10;
  return parse_utc(text.size() == kDayLength ? text + "T00:00:00Z" : text);
}

}  // namespace

Result<std::vector<Annotation>> read_annotations(const std::string& path) {
  auto table = read_csv(path);
  if (!table) return table.error();
  const auto date = table->column("date"), text = table->column("text");
  if (!date || !text) {
    return Error{ErrorKind::input, fmt::format("{}:1: expected the columns date and text", path)};
  }
  std::vector<Annotation> annotations;
  for (CsvRecord& record : table->records) {
    const auto at_s = parse_date(record.fields[*date]);
    if (!at_s) {
      return Error{ErrorKind::input,
                   fmt::format("{}:{}: \"{}\" is no date; expected one such as 2026-11-21 or "
                               "2026-11-21T15:30:20Z",
                               path, record.line, record.fields[*date])};
    }
    annotations.push_back({*at_s, std::move(record.fields[*text])});
  }
  return annotations;
}

}  // namespace gpubench
