#include "run/tuning_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "record/durable_file.h"

namespace gpubench {

Result<TuningTable> read_tuning_file(const std::string& path) {
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return TuningTable{};
  const auto text = read_file(path);
  if (!text) return text.error();
  auto table = parse_table(*text, path);
  if (table) return table;
  return Error{table.error().kind, table.error().message + "; delete the file, and tune again"};
}

Outcome write_tuning_file(const std::string& path, const TuningTable& table) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    return Error{ErrorKind::io, fmt::format("{}: {}", folder.string(), error.message())};
  }
  return replace_file(path, table_json(table));
}

}  // namespace gpubench
