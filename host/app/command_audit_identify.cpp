#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/fingerprint_text.h"
#include "kit/folder.h"
#include "kit/identify.h"
#include "plan/vocabulary.h"
#include "record/durable_file.h"
#include "report/width.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

// Version of the JSON; members are added, never renamed.
constexpr int kSchema = 1;

std::string verdict_word(const Identification& said) {
  return said.inconclusive.empty() ? std::string(to_string(said.fingerprint.verdict))
                                   : "inconclusive";
}

const std::string& reason_of(const Identification& said) {
  return said.inconclusive.empty() ? said.fingerprint.reason : said.inconclusive;
}

struct Question {
  const IdentifyArguments& arguments;
  Precision declared;
  const KitPlan& plan;
};

std::string identification_json(const Identification& said, const Question& asked) {
  const auto [m, n, k] = asked.plan.settings().shape;
  Json json = {{"schema", kSchema},
               {"verdict", verdict_word(said)},
               {"reason", reason_of(said)},
               {"output", asked.arguments.output},
               {"declared", to_string(asked.declared)},
               {"kit", asked.plan.id()},
               {"m", m},
               {"n", n},
               {"k", k},
               {"seed", asked.plan.settings().seed},
               {"regions", Json::array()}};
  for (const RegionFingerprint& found : said.fingerprint.regions) {
    json["regions"].push_back(region_json(found));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

ExitCode exit_code_of(const Identification& said) {
  if (!said.inconclusive.empty()) return ExitCode::inconclusive;
  switch (said.fingerprint.verdict) {
    case PrecisionVerdict::wrong:
    case PrecisionVerdict::nondeterministic:
    case PrecisionVerdict::downgraded:
      return ExitCode::judged_bad;
    case PrecisionVerdict::unresolved:
      return ExitCode::inconclusive;
    case PrecisionVerdict::confirmed:
    case PrecisionVerdict::better:
      break;
  }
  return ExitCode::good;
}

/// Each name once, with the share of the outputs that it holds for; nothing where there is one.
void print_parts(const Fingerprint& found, const WrapBox& box) {
  double all = 0;
  std::vector<std::pair<std::string, double>> parts;
  for (const RegionFingerprint& region : found.regions) {
    const auto outputs =
        static_cast<double>(region.region.rows.size() * region.region.columns.size());
    all += outputs;
    const std::string words =
        region.verdict == PrecisionVerdict::unresolved ? "unresolved" : region.name;
    const auto same = std::ranges::find(parts, words, &std::pair<std::string, double>::first);
    if (same == parts.end()) {
      parts.emplace_back(words, outputs);
    } else {
      same->second += outputs;
    }
  }
  if (parts.size() < 2) return;
  for (const auto& [words, outputs] : parts) {
    fmt::print("{}\n",
               wrap(fmt::format("  {:.3g} % of the outputs: {}", 100 * outputs / all, words), box));
  }
}

}  // namespace

ExitCode audit_identify_command(const IdentifyArguments& arguments) {
  std::error_code missing;
  if (!arguments.json_file.empty() &&
      std::filesystem::equivalent(arguments.output, arguments.json_file, missing)) {
    return report_error(
        {ErrorKind::usage, fmt::format("--json {}: this file is the output", arguments.json_file)});
  }
  const auto plan = read_kit(arguments.folder);
  if (!plan) return report_error(plan.error());
  auto outputs = read_kit_outputs(**plan, arguments.output);
  if (!outputs) return report_error(outputs.error());
  const KitRecording recording(**plan, *std::move(outputs));
  const NumberFormat storage = (*plan)->settings().storage;
  const Precision declared = arguments.declared.value_or(
      storage == NumberFormat::fp16 ? Precision::fp16 : Precision::fp32);
  const auto said = identify(recording, declared_for_kit(declared, storage));
  if (!said) {
    return report_error(
        {said.error().kind, fmt::format("{}: {}", arguments.output, said.error().message)});
  }
  if (!arguments.json_file.empty()) {
    const auto written = replace_file(arguments.json_file,
                                      identification_json(*said, {arguments, declared, **plan}));
    if (!written) return report_error(written.error());
  }
  const ConsoleStyle style = console_style();
  const std::string head = fmt::format("{}  declared {}: {}", printable(arguments.output),
                                       to_string(declared), verdict_word(*said));
  const WrapBox box{.width = style.width, .first_column = 2, .indent = 2};
  fmt::print("{}\n  {}\n", head, wrap(reason_of(*said), box));
  print_parts(said->fingerprint, {.width = style.width, .first_column = 0, .indent = 4});
  return exit_code_of(*said);
}

}  // namespace gpubench
