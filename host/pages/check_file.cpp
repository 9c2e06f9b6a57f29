#include "pages/check_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "judge/checks_csv.h"

namespace gpubench {
namespace {

/// Cells of one record by column. Remembers the first that makes no sense.
class Cells {
 public:
  Cells(const CsvTable& table, const CsvRecord& record) : table_(table), record_(record) {}

  std::string_view text(std::string_view column) const {
    const auto place = table_.column(column);
    return place ? record_.fields[*place] : std::string_view();  // Of a table before the column.
  }

  template <class Enum>
  Enum word(std::string_view column, std::span<const std::string_view> words) {
    const auto found = std::find(words.begin(), words.end(), text(column));
    if (found == words.end()) return refuse<Enum>(column);
    return static_cast<Enum>(found - words.begin());
  }

  double number(std::string_view column) {
    if (text(column).empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto value = parse_double(text(column));
    return value ? *value : refuse<double>(column);
  }

  std::size_t count(std::string_view column) {
    const auto value = parse_unsigned(text(column));
    return value ? static_cast<std::size_t>(*value) : refuse<std::size_t>(column);
  }

  bool flag(std::string_view column) {
    if (text(column) != "true" && text(column) != "false") return refuse<bool>(column);
    return text(column) == "true";
  }

  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  template <class T>
  T refuse(std::string_view column) {
    problem_ =
        Error{ErrorKind::input, fmt::format("{}:{}: {} is \"{}\", which it cannot be", table_.file,
                                            record_.line, column, text(column))};
    return T{};
  }

  const CsvTable& table_;
  const CsvRecord& record_;
  std::optional<Error> problem_;
};

Against parse_against(Cells& cells) {
  return {.baseline_id = cells.text("baseline_id"),
          .value = cells.number("baseline_value"),
          .delta_rel = cells.number("delta_rel"),
          .ci_low = cells.number("ci_low"),
          .ci_high = cells.number("ci_high"),
          .p_value = cells.number("p_value"),
          .n_base = cells.count("n_base"),
          .n_new = cells.count("n_new")};
}

Result<QualificationCheck> parse_check(const CsvTable& table, const CsvRecord& record) {
  Cells cells(table, record);
  QualificationCheck check;
  if (cells.number("schema_version") > kChecksSchemaVersion) {
    return Error{
        ErrorKind::input,
        fmt::format("{}:{}: schema_version is {}; this gpubench reads up to {}", table.file,
                    record.line, cells.text("schema_version"), kChecksSchemaVersion)};
  }
  check.run_id = cells.text("run_id");
  check.case_id = cells.text("case_id");
  check.device_name = cells.text("device_name");
  check.device_uuid = cells.text("device_uuid");
  check.pci_address = cells.text("pci_address");
  check.check = cells.text("check");
  check.kind = cells.word<CheckKind>("kind", check_kind_words());
  check.required = cells.flag("required");
  check.status = cells.word<CheckResult>("status", check_result_words());
  check.reason = cells.text("reason");
  check.action = cells.word<Action>("action", action_words());
  check.observed = cells.number("observed");
  check.limit_low = cells.number("limit_low");
  check.limit_high = cells.number("limit_high");
  check.unit = cells.text("unit");
  check.limit_source = cells.text("limit_source");
  check.message = cells.text("message");
  if (!cells.text("baseline_id").empty()) {
    check.against = std::make_shared<const Against>(parse_against(cells));
  }
  if (cells.problem()) return *cells.problem();
  return check;
}

}  // namespace

Result<CheckFile> read_check_file(const std::string& path) {
  auto table = read_csv(path);
  if (!table) return table.error();
  for (const LineColumn& column : check_columns().first(oldest_check_column_count())) {
    if (table->column(column.name)) continue;
    return Error{ErrorKind::input, fmt::format("{}:1: no column \"{}\"; expected a checks.csv of "
                                               "gpubench judge",
                                               path, column.name)};
  }
  CheckFile file;
  file.table = std::make_unique<const CsvTable>(std::move(*table));
  for (const CsvRecord& record : file.table->records) {
    auto check = parse_check(*file.table, record);
    if (!check) return check.error();
    file.checks.push_back(std::move(*check));
  }
  return file;
}

}  // namespace gpubench
