#include "app/command_line_audit.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string_view>

#include "app/errors.h"
#include "app/option_checks.h"
#include "base/text.h"

namespace gpubench {
namespace {

// No product of three of them overflows.
constexpr std::uint64_t kMostExtent = 1 << 20;
// Of one operand or output of a probed product.
constexpr std::uint64_t kMostElements = std::uint64_t{16384} * 16384;

// Beyond this, ranking a row costs more than all else together.
constexpr std::uint64_t kMostTopK = 100;

constexpr const char* kKitExamples =
    "Writes matrices, an ONNX model and Python scripts for any runtime that can multiply two\n"
    "matrices; identify says from its outputs in which precision it did.\n"
    "Examples:\n"
    "  ./gpubench audit kit --shape 512x512x512 --out kit\n"
    "  ./gpubench audit kit --shape 64x64x256 --storage fp16 --out kit16";

constexpr const char* kIdentifyExamples =
    "OUTPUT.npy has shape (products, m, n): float32, float16 or float64.\n"
    "Examples:\n"
    "  ./gpubench audit identify kit kit/output.npy\n"
    "  ./gpubench audit identify kit theirs.npy --declared bf16 --json theirs.json";

constexpr const char* kAuditExamples =
    "Arrays are .npy (float16, float32, float64) or CSV. One verdict for each output: confirmed,\n"
    "downgraded, wrong, or unresolved and inconclusive where arrays cannot tell.\n"
    "Examples:\n"
    "  ./gpubench audit --reference cpu.npy --output coreml.npy\n"
    "  ./gpubench audit --reference cpu.npy --output coreml.npy --labels y.npy --threshold 0.5\n"
    "  ./gpubench audit --reference cpu.npy --output a.npy --output b.npy --json audit.json\n"
    "Kernels on a device are probed with inputs that give their arithmetic away, bit for bit:\n"
    "  ./gpubench audit --device 0\n"
    "  ./gpubench audit --device H100 --op gemm --precision fp32 --shape 64x64x4096 --verbose";

std::string check_number(const std::string& text) {
  return parse_double(text) ? std::string() : std::string("expected a number such as 0.5");
}

std::string check_count(const std::string& text) {
  const auto count = parse_unsigned(text);
  return count && *count >= 1 && *count <= kMostTopK
             ? std::string()
             : fmt::format("expected a whole number from 1 to {}", kMostTopK);
}

CLI::App* add_audit_of_arrays(CLI::App& app, AuditOptionValues& values) {
  CLI::App* audit = app.add_subcommand(
      "audit", "Judge another program's outputs, or say what kernels and runtimes compute");
  audit->add_option("--reference", values.arrays.reference, "What is right: FP32 or FP64 results");
  audit->add_option("--output", values.arrays.outputs, "What is judged; may be repeated")
      ->allow_extra_args(false);
  audit->add_option("--declared", values.declared, "What the outputs claim to be")
      ->check(CLI::IsMember(std::vector<std::string>(kDeclaredNames.begin(), kDeclaredNames.end())))
      ->capture_default_str();
  audit->add_option("--labels", values.arrays.labels, "The truth, 0 or 1 for each element");
  audit
      ->add_option("--threshold", values.threshold,
                   "Report decisions that flip at this value; 0.5 with --labels")
      ->check(CLI::Validator(check_number, "NUMBER"));
  audit->add_option("--rule", values.rule, "A decision is yes if the value is >= or > it")
      ->check(CLI::IsMember({">=", ">"}))
      ->capture_default_str();
  audit->add_option("--top-k", values.top_k, "Classes compared in each row of a matrix; default 5")
      ->check(CLI::Validator(check_count, "COUNT"));
  audit->add_option("--json", values.arrays.json_file, "Write every fact to this file");
  audit->footer(kAuditExamples);
  return audit;
}

/// "MxNxK" of whole numbers above zero.
std::optional<MatmulShape> parse_shape(const std::string& text) {
  std::vector<std::size_t> extents;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const auto extent = parse_unsigned(std::string_view(text).substr(at, end - at));
    if (!extent || *extent == 0 || *extent > kMostExtent) return std::nullopt;
    extents.push_back(*extent);
    at = end + 1;
  }
  if (extents.size() != 3) return std::nullopt;
  return MatmulShape{extents[0], extents[1], extents[2]};
}

std::string check_shape(const std::string& text) {
  return parse_shape(text) ? "" : "expected m x n x k such as 512x512x512";
}

void add_audit_kit(CLI::App& audit, AuditOptionValues& values) {
  CLI::App* kit = audit.add_subcommand("kit", "Write products for another runtime to compute");
  kit->add_option("--shape", values.kit_shape, "m, n and k of every product")
      ->check(CLI::Validator(check_shape, "MxNxK"))
      ->default_val("512x512x512");
  kit->add_option("--storage", values.kit_storage, "What the inputs are numbers of")
      ->check(CLI::IsMember({"fp32", "fp16"}))
      ->capture_default_str();
  kit->add_option("--seed", values.kit.settings.seed, "Of the random data")->capture_default_str();
  kit->add_option("-o,--out", values.kit.folder, "Folder of the kit; it must not exist")
      ->required();
  kit->footer(kKitExamples);
}

void add_audit_identify(CLI::App& audit, AuditOptionValues& values) {
  CLI::App* identify =
      audit.add_subcommand("identify", "Say what a runtime did with the products of a kit");
  identify->add_option("kit", values.identify.folder, "Folder of the kit")->required();
  identify->add_option("output", values.identify.output, "What the runtime gave, a .npy")
      ->required();
  identify
      ->add_option("--declared", values.identify_declared,
                   "What the path claims to be; default: the storage of the kit")
      ->check(CLI::IsMember({"fp32", "tf32", "bf16", "fp16", "fp16_acc32"}));
  identify->add_option("--json", values.identify.json_file, "Write every fact to this file");
  identify->footer(kIdentifyExamples);
}

std::string check_device_shape(const std::string& text) {
  const auto shape = parse_shape(text);
  if (!shape) return "expected m x n x k such as 512x512x512";
  if (shape->k < kLeastFingerprintDepth) {
    return fmt::format("k is {}: the probes need {} terms to add", shape->k,
                       kLeastFingerprintDepth);
  }
  for (const std::size_t elements :
       {shape->m * shape->k, shape->k * shape->n, shape->m * shape->n}) {
    if (elements > kMostElements) return "a matrix would be larger than 16384²";
  }
  return "";
}

void add_audit_device(CLI::App& audit, AuditOptionValues& values) {
  DeviceAuditArguments& arguments = values.device_audit;
  const auto add = [&](CLI::Option* option) {
    values.device_options.push_back(option->group("Kernels on a device"));
    return option;
  };
  add(audit.add_option("-d,--device", arguments.device_selector,
                       "Probe kernels on this device: index, part of a name, or UUID"))
      ->check(CLI::Validator(check_not_empty, ""));
  add(audit.add_option("--op", values.device_op, "gemm, linear or softmax; default: all"))
      ->check(CLI::IsMember({"gemm", "linear", "softmax"}));
  add(audit.add_option("--kernel", arguments.kernel, "Only this kernel; default: all"));
  add(audit.add_option("--precision", arguments.precision, "Only this path; default: all"));
  add(audit.add_option("--build", values.device_build,
                       "default, strict or both, compared; default: default"))
      ->check(CLI::IsMember({"default", "strict", "both"}));
  add(audit.add_option("--shape", values.device_shape, "m, n and k; default 512x512x512"))
      ->check(CLI::Validator(check_device_shape, "MxNxK"));
  add(audit.add_option("--size", values.device_size, "m, n and k alike"))
      ->check(CLI::Range(3U, 16384U));
  add(audit.add_option("--seed", arguments.seed, "Of the random data; default 42"));
  add(audit.add_flag("--verbose", values.verbose, "All that the probes found, for each kernel"));
}

AuditArguments finished_audit(const AuditOptionValues& values) {
  AuditArguments arguments = values.arrays;
  const auto declared = std::find(kDeclaredNames.begin(), kDeclaredNames.end(), values.declared);
  arguments.declared = static_cast<Declared>(declared - kDeclaredNames.begin());
  if (!values.threshold.empty() || !arguments.labels.empty()) {
    arguments.decision.emplace();
    arguments.decision->rule = *parse_decision_rule(values.rule);
    if (!values.threshold.empty()) arguments.decision->threshold = *parse_double(values.threshold);
  }
  if (const auto top_k = parse_unsigned(values.top_k)) {
    arguments.top_k = static_cast<std::uint32_t>(*top_k);
  }
  return arguments;
}

DeviceAuditArguments finished_device_audit(const AuditOptionValues& values,
                                           const std::string& cache_dir) {
  DeviceAuditArguments arguments = values.device_audit;
  if (!values.device_op.empty()) arguments.ops = {*parse_op(values.device_op)};
  if (!values.device_shape.empty()) arguments.shape = *parse_shape(values.device_shape);
  if (values.device_size > 0) {
    arguments.shape = {values.device_size, values.device_size, values.device_size};
  }
  if (values.device_build == "both") {
    arguments.builds = {Build::as_is, Build::strict};
  } else if (!values.device_build.empty()) {
    arguments.builds = {*parse_build(values.device_build)};
  }
  if (values.verbose) arguments.detail = FingerprintDetail::everything;
  arguments.json_file = values.arrays.json_file;
  arguments.cache_dir = cache_dir;
  return arguments;
}

/// Options of the audit of arrays that were given; --json belongs to both.
std::vector<std::string> array_options(const CLI::App& audit) {
  std::vector<std::string> given;
  for (const char* name :
       {"--reference", "--output", "--declared", "--labels", "--threshold", "--rule", "--top-k"}) {
    if (audit.count(name) > 0) given.emplace_back(name);
  }
  return given;
}

}  // namespace

void add_audit(CLI::App& app, AuditOptionValues& values) {
  CLI::App* audit = add_audit_of_arrays(app, values);
  add_audit_device(*audit, values);
  add_audit_kit(*audit, values);
  add_audit_identify(*audit, values);
}

ExitCode run_audit(const CLI::App& audit, AuditOptionValues& values, const std::string& cache_dir) {
  if (audit.got_subcommand("kit")) {
    values.kit.settings.shape = *parse_shape(values.kit_shape);
    values.kit.settings.storage =
        values.kit_storage == "fp16" ? NumberFormat::fp16 : NumberFormat::fp32;
    return audit_kit_command(values.kit);
  }
  if (audit.got_subcommand("identify")) {
    values.identify.declared = parse_precision(values.identify_declared);
    return audit_identify_command(values.identify);
  }
  const std::vector<std::string> of_arrays = array_options(audit);
  const auto of_device =
      std::find_if(values.device_options.begin(), values.device_options.end(),
                   [](const CLI::Option* option) { return option->count() > 0; });
  const auto usage = [](std::string message) {
    return report_error({ErrorKind::usage, std::move(message) + "; see audit --help"});
  };
  if (of_device != values.device_options.end()) {
    const std::string name = (*of_device)->get_name();
    if (!of_arrays.empty()) {
      return usage(
          fmt::format("audit: {} is about kernels on a device and {} about arrays; "
                      "one audit is about one of them",
                      name, of_arrays.front()));
    }
    if (values.device_size > 0 && !values.device_shape.empty()) {
      return usage("audit: --shape and --size say the same; give one");
    }
    return audit_device_command(finished_device_audit(values, cache_dir));
  }
  if (of_arrays.empty()) {
    return usage("audit: give --reference and --output to judge arrays, or --device");
  }
  for (const char* name : {"--reference", "--output"}) {
    if (audit.count(name) == 0) return usage(fmt::format("audit: {} is required", name));
  }
  return audit_command(finished_audit(values));
}

}  // namespace gpubench
