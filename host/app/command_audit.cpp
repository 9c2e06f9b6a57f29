#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "arrays/array_file.h"
#include "audit/audit.h"
#include "record/durable_file.h"
#include "report/audit_json.h"
#include "report/audit_text.h"

namespace gpubench {
namespace {

enum class ArrayUse : unsigned char { values, labels };

Result<AuditArray> open_array(const std::string& path, ArrayUse use) {
  auto opened = ArrayFile::open(path);
  if (!opened) return opened.error();
  const NumberType& type = opened->type();
  if (use == ArrayUse::values && type.kind != NumberKind::floating) {
    return Error{ErrorKind::input, fmt::format("{}: expected float16, float32 or float64, found {}",
                                               path, to_string(type))};
  }
  const auto file = std::make_shared<const ArrayFile>(*std::move(opened));
  return AuditArray{
      path, to_string(type), file->shape(),
      [file](std::uint64_t first, std::span<double> out) { return file->read(first, out); }};
}

/// The JSON would replace one of the arrays.
Outcome check_json_file(const AuditArguments& arguments) {
  std::vector<std::string> inputs = arguments.outputs;
  inputs.push_back(arguments.reference);
  if (!arguments.labels.empty()) inputs.push_back(arguments.labels);
  const bool clashes = std::any_of(inputs.begin(), inputs.end(), [&](const std::string& input) {
    std::error_code missing;
    return std::filesystem::equivalent(input, arguments.json_file, missing);
  });
  if (!clashes) return Done{};
  return Error{ErrorKind::usage,
               fmt::format("--json {}: this file is one of the arrays", arguments.json_file)};
}

Result<AuditRequest> request_of(const AuditArguments& arguments) {
  AuditRequest request;
  auto reference = open_array(arguments.reference, ArrayUse::values);
  if (!reference) return reference.error();
  request.reference = *std::move(reference);
  for (const std::string& path : arguments.outputs) {
    auto output = open_array(path, ArrayUse::values);
    if (!output) return output.error();
    request.outputs.push_back(*std::move(output));
  }
  if (!arguments.labels.empty()) {
    auto labels = open_array(arguments.labels, ArrayUse::labels);
    if (!labels) return labels.error();
    request.labels = *std::move(labels);
  }
  request.declared = arguments.declared;
  request.decision = arguments.decision;
  request.top_k = arguments.top_k;
  return request;
}

ExitCode exit_code_of(const Audit& audit) {
  const auto any = [&](AuditVerdict verdict) {
    return std::any_of(audit.outputs.begin(), audit.outputs.end(), [&](const OutputAudit& output) {
      return output.judgement.verdict == verdict;
    });
  };
  if (any(AuditVerdict::wrong) || any(AuditVerdict::downgraded)) return ExitCode::judged_bad;
  if (any(AuditVerdict::unresolved) || any(AuditVerdict::inconclusive)) {
    return ExitCode::inconclusive;
  }
  return ExitCode::good;
}

}  // namespace

ExitCode audit_command(const AuditArguments& arguments) {
  if (!arguments.json_file.empty()) {
    if (auto checked = check_json_file(arguments); !checked) return report_error(checked.error());
  }
  const auto request = request_of(arguments);
  if (!request) return report_error(request.error());
  const auto audit = run_audit(*request);
  if (!audit) return report_error(audit.error());
  if (!arguments.json_file.empty()) {
    const auto written = replace_file(arguments.json_file, audit_json(*audit));
    if (!written) return report_error(written.error());
  }
  fmt::print("{}", audit_text(*audit, console_style()));
  return exit_code_of(*audit);
}

}  // namespace gpubench
