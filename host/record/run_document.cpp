#include "record/run_document.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "record/columns.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;

/// Text that should be JSON but is not is kept as text rather than lost.
Json embedded(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

Json session_json(const RunSession& session) {
  return {{"started_at", session.started_at},
          {"ended_at", session.ended_at},
          {"ended", session.ended},
          {"command_line", session.command_line}};
}

Json device_json(const DeviceDocument& device) {
  return {{"uuid", device.uuid}, {"env_id", device.env_id}, {"facts", embedded(device.json)}};
}

RunSession parse_session(const Json& json) {
  return {json.at("started_at"), json.at("ended_at"), json.at("ended"),
          json.at("command_line").get<std::vector<std::string>>()};
}

RunDocument parse_members(const Json& json) {
  RunDocument document;
  RunFacts& facts = document.facts;
  facts.run_id = json.at("run_id");
  facts.started_at = json.at("started_at");
  document.complete = json.at("complete");
  facts.planned_rows = json.value("planned_rows", std::uint64_t{0});
  facts.api_validation = json.value("api_validation", false);
  for (const Json& session : json.at("sessions")) {
    document.sessions.push_back(parse_session(session));
  }
  facts.tool_version = json.at("tool").at("version");
  facts.tool_commit = json.at("tool").at("commit");
  facts.host = json.at("host");
  facts.labels = json.at("labels");
  const Json& scenario = json.at("scenario");
  facts.scenario = scenario.at("name");
  facts.scenario_hash = scenario.at("hash");
  document.scenario_file = scenario.at("file");
  document.resolved_scenario = scenario.at("resolved");
  document.selection = scenario.value("selection", "");
  for (const Json& device : json.at("devices")) {
    document.devices.push_back(
        {device.at("uuid"), device.at("env_id"), device.at("facts").dump(kIndent)});
  }
  if (json.contains("environment")) document.environment_json = json["environment"].dump(kIndent);
  for (const auto& [name, text] : json.at("notes").items()) {
    document.notes.emplace_back(name, text);
  }
  return document;
}

}  // namespace

std::string run_document_json(const RunDocument& document) {
  const RunFacts& facts = document.facts;
  Json json = {{"schema_version", kSchemaVersion},
               {"run_id", facts.run_id},
               {"started_at", facts.started_at},
               {"complete", document.complete},
               {"planned_rows", facts.planned_rows},
               {"api_validation", facts.api_validation},
               {"sessions", Json::array()},
               {"tool", {{"version", facts.tool_version}, {"commit", facts.tool_commit}}},
               {"host", facts.host},
               {"labels", facts.labels},
               {"scenario",
                {{"name", facts.scenario},
                 {"file", document.scenario_file},
                 {"hash", facts.scenario_hash},
                 {"resolved", document.resolved_scenario},
                 {"selection", document.selection}}},
               {"devices", Json::array()}};
  for (const RunSession& session : document.sessions) {
    json["sessions"].push_back(session_json(session));
  }
  for (const DeviceDocument& device : document.devices) {
    json["devices"].push_back(device_json(device));
  }
  if (!document.environment_json.empty()) {
    json["environment"] = embedded(document.environment_json);
  }
  json["notes"] = Json::object();
  for (const auto& [name, text] : document.notes) json["notes"][name] = text;
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<RunDocument> parse_run_document(std::string_view json, const std::string& file) {
  try {
    return parse_members(Json::parse(json));
  } catch (const nlohmann::json::exception& problem) {
    return Error{ErrorKind::input,
                 fmt::format("{}: not a run.json of gpubench: {}", file, problem.what())};
  }
}

}  // namespace gpubench
