#include "report/column_listing.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "record/columns.h"
#include "record/side_files.h"
#include "report/width.h"

namespace gpubench {
namespace {

template <class Columns>
std::string file_text(std::string_view file, const Columns& columns, const ConsoleStyle& style) {
  std::string text = paint(file, Tint::strong, style.colour) + '\n';
  for (const auto& column : columns) {
    const std::string name = fmt::format("  {} ({}): ", column.name, column.unit);
    const WrapBox box{.width = style.width, .first_column = display_width(name), .indent = 6};
    text += name + wrap(std::string(column.meaning), box) + '\n';
  }
  return text;
}

template <class Columns>
nlohmann::ordered_json file_json(const Columns& columns) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& column : columns) {
    list.push_back({{"name", column.name}, {"unit", column.unit}, {"meaning", column.meaning}});
  }
  return list;
}

}  // namespace

std::string columns_text(const ConsoleStyle& style) {
  std::string text = file_text("results.csv", result_columns(), style);
  for (const SideFile& file : kSideFiles)
    text += '\n' + file_text(file.name, file.columns(), style);
  return text;
}

std::string columns_json() {
  nlohmann::ordered_json json = {{"schema_version", kSchemaVersion},
                                 {"results.csv", file_json(result_columns())}};
  for (const SideFile& file : kSideFiles) json[file.name] = file_json(file.columns());
  return json.dump(2) + '\n';
}

}  // namespace gpubench
