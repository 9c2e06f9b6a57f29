// run_document.h — run.json: what was run, on what, and whether it came to its end.
// Knows how it is written and read back for --resume; not how its parts are found out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "record/row.h"

namespace gpubench {

struct DeviceDocument {
  std::string uuid;
  std::string env_id;
  std::string json;  ///< Every fact about the device, as the device room describes it.
};

/// One process that worked on the run: the first, and each that resumed it.
struct RunSession {
  std::string started_at;  ///< ISO 8601 UTC with Z.
  std::string ended_at;    ///< Empty while it runs, or when it was killed.
  std::string ended =
      "running";  ///< "running", "finished", "interrupted", "killed" or "failed: …".
  std::vector<std::string> command_line;
};

struct RunDocument {
  RunFacts facts;
  std::vector<RunSession> sessions;
  bool complete = false;  ///< Every planned case has a row.
  std::string scenario_file;
  std::string resolved_scenario;  ///< YAML, with defaults and --set applied.
  std::string selection;          ///< "--case ID --full", as far as given: cases left out, or not.
  std::string environment_json;   ///< From environment_json(); empty: left out.
  std::vector<DeviceDocument> devices;
  std::vector<std::pair<std::string, std::string>> notes;  ///< Anything else, name → text.
};

std::string run_document_json(const RunDocument& document);
/// `file` is for messages only. Fails with `input`.
Result<RunDocument> parse_run_document(std::string_view json, const std::string& file);

}  // namespace gpubench
