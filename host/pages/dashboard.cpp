#include "pages/dashboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/parallel.h"
#include "compare/baseline_file.h"
#include "history/run_files.h"
#include "pages/dashboard_data.h"
#include "pages/files.h"
#include "pages/packed.h"
#include "pages/script_json.h"
#include "pages/template.h"
#include "report/shell.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

/// The run's command without --case, to which the page adds one of its own.
std::string command_of(const RunDocument& document) {
  std::string command;
  if (document.sessions.empty()) return command;
  const std::vector<std::string>& words = document.sessions.front().command_line;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--case") {
      ++i;
    } else if (!words[i].starts_with("--case=")) {
      command += (command.empty() ? "./" : " ") + shell_word(words[i]);
    }
  }
  return command;
}

Result<std::vector<std::string>> commands_of(const History& history) {
  const auto runs = history.runs();
  std::vector<std::string> commands(runs.size());
  std::vector<Outcome> outcomes(runs.size(), Outcome(Done{}));
  parallel_for(runs.size(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto document = read_run_document(runs[i]);
      if (!document) {
        outcomes[i] = document.error();
      } else if (*document) {
        commands[i] = command_of(**document);
      }
    }
  });
  for (const Outcome& outcome : outcomes) {
    if (!outcome) return outcome.error();
  }
  return commands;
}

Result<std::vector<Annotation>> annotations_of(const std::vector<std::string>& paths,
                                               const std::string& file) {
  if (!file.empty()) return read_annotations(file);
  const auto beside = std::filesystem::path(paths.front()) / "annotations.csv";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(beside, ignored)) return std::vector<Annotation>();
  return read_annotations(beside.string());
}

/// Texts by number: most runs share a command, most series a device.
class TextList {
 public:
  std::uint32_t code(const std::string& text) {
    const auto [found, is_new] =
        codes_.try_emplace(text, static_cast<std::uint32_t>(codes_.size()));
    if (is_new) texts_.push_back(text);
    return found->second;
  }
  [[nodiscard]] const Json& json() const { return texts_; }

 private:
  std::map<std::string, std::uint32_t> codes_;
  Json texts_ = Json::array();
};

Json series_json(const DashboardInput& input, const DashboardData& data, TextList& texts) {
  Json all = Json::array();
  for (const DashboardSeries& one : data.series) {
    Json json = {texts.code(one.case_id),
                 texts.code(one.device),
                 texts.code(one.host),
                 texts.code(one.pci_address),
                 texts.code(one.op),
                 texts.code(one.precision),
                 texts.code(one.shape),
                 one.size,
                 one.flop,
                 one.first,
                 one.count};
    const BaselineSeries* known =
        input.baseline ? input.baseline->find(one.case_id, one.device) : nullptr;
    if (known != nullptr) {
      json.push_back(known->median_s);
      json.push_back(std::max(kMinimumEffect, known->floor_rel));
    }
    all.push_back(std::move(json));
  }
  return all;
}

Json combinations_json(const std::vector<std::vector<std::string>>& combinations, TextList& texts) {
  Json all = Json::array();
  for (const auto& combination : combinations) {
    Json codes = Json::array();
    for (const std::string& text : combination) codes.push_back(texts.code(text));
    all.push_back(std::move(codes));
  }
  return all;
}

Json facts_json(const DashboardInput& input, const DashboardData& data) {
  TextList texts;
  Json json;
  json["series"] = series_json(input, data, texts);
  json["facts"] = combinations_json(data.facts_texts, texts);
  json["states"] = combinations_json(data.state_texts, texts);
  json["computes_less"] = data.state_computes_less;
  json["runs"] = Json::array();
  for (std::size_t i = 0; i < data.run_at_s.size(); ++i) {
    json["runs"].push_back(
        {input.history.runs()[i].run_id, data.run_at_s[i], texts.code(input.commands[i])});
  }
  json["changes"] = Json::array();
  for (const DashboardChange& change : data.changes) {
    json["changes"].push_back({change.row, static_cast<int>(change.kind)});
  }
  json["annotations"] = Json::array();
  for (const Annotation& one : input.annotations) {
    json["annotations"].push_back({one.at_s, one.text});
  }
  json["texts"] = texts.json();
  return json;
}

void add_column(TemplateValues::Part page, std::string_view name, const std::string& bytes) {
  TemplateValues::Part column = page.add("COLUMN");
  column.set("NAME", name);
  column.set("BYTES", bytes);
}

}  // namespace

Result<DashboardInput> read_dashboard_input(const DashboardFiles& files) {
  auto annotations = annotations_of(files.paths, files.annotations);
  if (!annotations) return annotations.error();
  std::optional<Baseline> baseline;
  if (!files.baseline.empty()) {
    auto read = read_baseline(files.baseline);
    if (!read) return read.error();
    baseline = std::move(*read);
  }
  auto history = read_history(files.paths, dashboard_columns());
  if (!history) return history.error();
  auto commands = commands_of(*history);
  if (!commands) return commands.error();
  return DashboardInput{std::move(*history), std::move(*commands), std::move(*annotations),
                        std::move(baseline)};
}

std::string dashboard_page(const DashboardInput& input) {
  const DashboardData data = dashboard_data(input.history);
  const TemplateValues values;
  TemplateValues::Part page = values.root();
  page.set("STYLE", page_file("page.css"));
  page.set("DASHBOARD_STYLE", page_file("dashboard.css"));
  page.set("CHART_JS", page_file("chart.min.js"));
  page.set("CHARTS_JS", page_file("charts.js"));
  page.set("PAGE_JS", page_file("page.js"));
  page.set("DATA_JS", page_file("dashboard_data.js"));
  page.set("DASHBOARD_JS", page_file("dashboard.js"));
  page.set("SUBTITLE", fmt::format("{} runs, {} series, {} rows", input.history.runs().size(),
                                   data.series.size(), input.history.size()));
  page.set("FACTS", script_json(facts_json(input, data)));
  add_column(page, "run", packed(std::span<const std::uint32_t>(data.run)));
  add_column(page, "facts", packed(std::span<const std::uint32_t>(data.facts)));
  add_column(page, "state", packed(std::span<const std::uint32_t>(data.state)));
  add_column(page, "seconds", packed(std::span<const float>(data.seconds)));
  add_column(page, "error", packed(std::span<const float>(data.error)));
  add_column(page, "share", packed(std::span<const float>(data.share)));
  return filled_template("dashboard.html", values);
}

}  // namespace gpubench
