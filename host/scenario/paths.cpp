#include "scenario/paths.h"

#include <fmt/format.h>

#include <filesystem>

#include "scenario/source_place.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const std::string& scenario_file) {
  return fs::path(scenario_file).lexically_normal().parent_path();
}

}  // namespace

std::string resolve_path(const std::string& scenario_file, const std::string& written) {
  return (folder_of(scenario_file) / written).lexically_normal().string();
}

std::string path_as_written(const std::string& scenario_file, const std::string& resolved) {
  const fs::path relative = fs::path(resolved).lexically_relative(folder_of(scenario_file));
  return relative.empty() ? resolved : relative.string();
}

std::string read_file(const YamlNode& node, std::string_view what, const std::string& scenario_file,
                      Issues& issues) {
  const std::string written = read_text(node, what, issues);
  if (node.kind != YamlNode::Kind::scalar) return {};
  const std::string path = resolve_path(scenario_file, written);
  std::error_code failure;
  if (written.empty() || !fs::is_regular_file(path, failure)) {
    issues.add(node.place, fmt::format("{} {} is not a file (looked for {})", what,
                                       in_quotes(written), in_quotes(path)));
  }
  return path;
}

}  // namespace gpubench
