// What was measured on, how, and how to do it again.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "pages/case_table.h"
#include "pages/report_sections.h"
#include "report/shell.h"

namespace gpubench {
namespace {

using Json = nlohmann::json;

/// The texts that rows have in this column, each once; "-" where there is none.
std::string texts_of(std::span<const CaseFacts> cases, std::string_view column) {
  std::vector<std::string> texts;
  for (const CaseFacts& facts : cases) {
    const std::string text = facts.text(column);
    if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) {
      texts.push_back(text);
    }
  }
  return texts.empty() ? "-" : join(texts, ", ");
}

/// A member of run.json's environment as text; empty where it is not there or is no simple value.
std::string member(const Json& json, std::initializer_list<const char*> path) {
  const Json* at = &json;
  for (const char* name : path) {
    if (!at->is_object() || !at->contains(name)) return "";
    at = &(*at)[name];
  }
  if (at->is_string()) return at->get<std::string>();
  return at->is_number() || at->is_boolean() ? at->dump() : "";
}

PageTable devices_table(std::span<const CaseFacts> cases) {
  PageTable table{"devices",
                  "Devices. env_id stays the same until a driver or a setting changes.",
                  {{"Device"},
                   {"Type"},
                   {"Driver"},
                   {"Vulkan"},
                   {"UUID", CellKind::code},
                   {"PCI", CellKind::code},
                   {"env_id", CellKind::code}},
                  {}};
  std::map<std::pair<std::string, std::string>, CaseFacts> devices;
  for (const CaseFacts& facts : cases) {
    devices.try_emplace({facts.text("device_uuid"), facts.text("env_id")}, facts);
  }
  for (const auto& [key, facts] : devices) {
    const std::string driver = fmt::format("{} {} {}", facts.text("driver_id"),
                                           facts.text("driver_version"), facts.text("driver_info"));
    const bool software = facts.is("device_type", "software");
    table.rows.push_back({facts.text("device_name"),
                          {facts.text("device_type"), software ? Tone::warn : Tone::plain},
                          driver,
                          facts.text("api_version"),
                          facts.text("device_uuid"),
                          facts.text("pci_address").empty() ? "-" : facts.text("pci_address"),
                          facts.text("env_id")});
  }
  return table;
}

void add_fact(PageFacts& facts, std::string name, std::string value) {
  if (!value.empty()) facts.facts.emplace_back(std::move(name), std::move(value));
}

PageFacts environment_facts(const RunDocument& document) {
  const Json json = Json::parse(document.environment_json, nullptr, false);
  PageFacts facts;
  add_fact(facts, "System", member(json, {"system", "os"}));
  add_fact(facts, "Kernel", member(json, {"system", "kernel"}));
  add_fact(facts, "CPU", member(json, {"cpu", "model"}));
  add_fact(facts, "Cores", member(json, {"cpu", "online_cores"}));
  const auto bytes = parse_unsigned(member(json, {"memory", "total_bytes"}));
  add_fact(facts, "Memory", bytes ? format_bytes(*bytes) : "");
  add_fact(facts, "Container", member(json, {"container", "kind"}));
  add_fact(facts, "Compiler", member(json, {"build", "compiler"}));
  add_fact(facts, "oneDNN", member(json, {"libraries", "onednn"}));
  if (json.is_object() && json.contains("variables") && json["variables"].is_object()) {
    for (const auto& [name, value] : json["variables"].items()) {
      add_fact(facts, name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return facts;
}

std::string command_of(const RunDocument& document) {
  std::string command;
  if (document.sessions.empty()) return command;
  for (const std::string& word : document.sessions.front().command_line) {
    command += (command.empty() ? "./" : " ") + shell_word(word);
  }
  return command;
}

}  // namespace

PageSection system_section(const ReportInput& input) {
  PageSection section{"system", "System", "On what was this measured?", {}};
  const auto all = all_cases(input.history);
  section.blocks.push_back(devices_table(all));
  PageFacts facts;
  for (const auto& [name, column] :
       std::initializer_list<std::pair<const char*, const char*>>{{"Host", "host"},
                                                                  {"gpubench", "tool_version"},
                                                                  {"Commit", "tool_commit"},
                                                                  {"Labels", "labels"}}) {
    facts.facts.emplace_back(name, texts_of(all, column));
  }
  for (const ReportRun& run : input.runs) {
    if (!run.document || run.document->environment_json.empty()) continue;
    const PageFacts more = environment_facts(*run.document);
    for (const auto& fact : more.facts) {
      const bool known = std::any_of(facts.facts.begin(), facts.facts.end(), [&](const auto& old) {
        return old.first == fact.first && old.second.text == fact.second.text;
      });
      if (!known) facts.facts.push_back(fact);
    }
  }
  section.blocks.push_back(std::move(facts));
  return section;
}

PageSection method_section(const ReportInput& input) {
  PageSection section{"method", "Method", "How was it measured, and how is it done again?", {}};
  section.blocks.push_back(
      PageText{"Each case ran once into a poisoned output, which was compared with an FP32 result "
               "of the CPU; a wrong answer is never timed. Then the same pipeline and buffers were "
               "timed until the median was known, and the last timed output was compared again. "
               "Times are the device's own for one launch, with a barrier after each. Inputs are "
               "made from fill and seed, so that a case repeats bit for bit."});
  PageFacts facts;
  const auto all = all_cases(input.history);
  for (const auto& [name, column] : std::initializer_list<std::pair<const char*, const char*>>{
           {"Timer", "timer"},
           {"Reference", "reference"},
           {"Compared", "check_coverage"},
           {"Fill", "fill"},
           {"Scenario hash", "scenario_hash"}}) {
    facts.facts.emplace_back(name, texts_of(all, column));
  }
  section.blocks.push_back(std::move(facts));
  std::set<std::string> scenarios;
  for (std::size_t i = 0; i < input.runs.size(); ++i) {
    const auto& document = input.runs[i].document;
    const std::string& run_id = input.history.runs()[i].run_id;
    const std::string command = document ? command_of(*document) : "";
    if (command.empty()) {
      section.blocks.push_back(
          PageText{fmt::format("Run {} has no run.json, so its command is not known.", run_id)});
      continue;
    }
    section.blocks.push_back(
        PageCommand{fmt::format("Run {} again; --case with a case of the tables runs that one "
                                "alone:",
                                run_id),
                    command});
    if (scenarios.insert(document->facts.scenario_hash).second) {
      section.blocks.push_back(
          PageSource{fmt::format("Scenario {} as it was resolved", document->facts.scenario),
                     document->resolved_scenario});
    }
  }
  return section;
}

}  // namespace gpubench
