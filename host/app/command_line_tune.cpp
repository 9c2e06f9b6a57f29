#include "app/command_line_tune.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "app/option_checks.h"
#include "base/text.h"

namespace gpubench {
namespace {

constexpr const char* kExamples =
    "Times the tiles that each kernel may have on this device, verifies every one of them first,\n"
    "and keeps the fastest: run takes them from then on and says so in column kernel_params.\n"
    "Each timing is kept in the table, too.\n"
    "Examples:\n"
    "  ./gpubench tune\n"
    "  ./gpubench tune --op gemm --size 4096 --precision fp16_acc32 --budget 60s\n"
    "  ./gpubench tune --op gemm --transpose-b --shape 512x4096x1024\n"
    "  ./gpubench tune --op linear --activation gelu --size 4096 --budget 5min\n"
    "  ./gpubench tune --device H100 --op gemm --size 16384 --kernel coop,coop2 --budget 5min\n"
    "  ./gpubench tune --device H100 --size 4096,16384 --budget 10min --table h100.json\n"
    "  ./gpubench run scenarios/matmul.yaml --tuned h100.json";

// An operand of so many FP32 elements to a side is 4 GiB.
constexpr std::uint32_t kMostSide = 32768;
// A row of a softmax may be long; what counts is how many elements there are.
constexpr std::uint32_t kMostExtent = 1U << 20;
constexpr std::uint64_t kMostElements = (std::uint64_t{1} << 31) - 1;

// Less is not one sample of most kernels; more than a day is a slip of the unit.
constexpr double kLeastBudgetSeconds = 1e-3, kMostBudgetSeconds = 24 * 3600;

std::string check_time(const std::string& text) {
  const auto seconds = parse_seconds(text);
  if (seconds && *seconds >= kLeastBudgetSeconds && *seconds <= kMostBudgetSeconds) return "";
  return "expected a time from 1ms to 24h such as 30s or 5min";
}

/// A number that is negative would be read as one near 2^64.
std::string check_seed(const std::string& text) {
  return parse_unsigned(text) ? "" : "expected a whole number from 0 to 2^64 - 1";
}

/// "MxNxK" or, with a batch, "MxNxKxB"; of a softmax "MxN" will do.
std::optional<Shape> parse_extents(std::string_view text) {
  std::vector<std::uint32_t> extents;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const auto extent = parse_unsigned(text.substr(at, end - at));
    if (!extent || *extent == 0 || *extent > kMostExtent) return std::nullopt;
    extents.push_back(static_cast<std::uint32_t>(*extent));
    at = end + 1;
  }
  if (extents.size() < 2 || extents.size() > 4) return std::nullopt;
  extents.resize(4, extents.size() == 2 ? 0 : 1);
  if (extents[2] == 0) extents[3] = 1;
  return Shape{extents[0], extents[1], extents[2], extents[3]};
}

std::string check_extents(const std::string& text) {
  const auto shape = parse_extents(text);
  if (!shape) {
    return fmt::format(
        "expected m x n x k such as 512x4096x1024, of a softmax m x n such as 8x100000, each at "
        "most {}",
        kMostExtent);
  }
  const std::uint64_t m = shape->m, n = shape->n, k = shape->k;
  for (const std::uint64_t elements : {m * n, m * k, n * k}) {
    if (elements * shape->batch > kMostElements) {
      return fmt::format("a matrix would have {} elements; expected at most {}",
                         elements * shape->batch, kMostElements);
    }
  }
  return "";
}

/// A kernel that no operation has would otherwise tune nothing.
Outcome check_kernel(const TuneArguments& arguments) {
  std::vector<std::string_view> names;
  for (const Op op : arguments.ops) {
    for (const std::string_view name : kernel_names(op)) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& kernel : arguments.kernels) {
    if (std::ranges::find(names, kernel) != names.end()) continue;
    return Error{ErrorKind::usage, fmt::format("tune: kernel \"{}\" is unknown{}", kernel,
                                               suggestion(kernel, names))};
  }
  return Done{};
}

Outcome check_shape(const TuneArguments& arguments) {
  if (!arguments.shape || arguments.shape->k > 0) return Done{};
  for (const Op op : arguments.ops) {
    if (op == Op::softmax) continue;
    return Error{ErrorKind::usage,
                 fmt::format("tune: a shape of {} needs k, as in 512x4096x1024", to_string(op))};
  }
  return Done{};
}

/// No other operation has a choice of layout.
Outcome check_layout(const TuneArguments& arguments) {
  if (arguments.layout == Layout::nn) return Done{};
  for (const Op op : arguments.ops) {
    if (op == Op::gemm) continue;
    const std::string_view why =
        op == Op::linear ? "the weight of a linear is always n x k" : "a softmax has no B";
    return Error{ErrorKind::usage,
                 fmt::format("tune: --transpose-b is for gemm alone: {}; say --op gemm", why)};
  }
  return Done{};
}

Outcome check_activation(const TuneArguments& arguments) {
  const bool has_linear = std::ranges::find(arguments.ops, Op::linear) != arguments.ops.end();
  if (arguments.activation == Activation::none || has_linear) return Done{};
  return Error{ErrorKind::usage, "tune: --activation is for linear alone; say --op linear"};
}

}  // namespace

std::string kept_tuning_file(const std::string& cache_dir) {
  return cache_dir.empty() ? "" : cache_dir + "/tuned.json";
}

void add_tune(CLI::App& app, TuneOptionValues& values) {
  CLI::App* tune = app.add_subcommand("tune", "Find the fastest tiles of each kernel here");
  tune->add_option("-d,--device", values.device,
                   "Index, part of a name, or UUID; default: the best GPU")
      ->check(CLI::Validator(check_not_empty, ""));
  tune->add_option("--op", values.ops, "gemm, linear or softmax; default: all")
      ->delimiter(',')
      ->check(CLI::IsMember({"gemm", "linear", "softmax"}));
  CLI::Option* size =
      tune->add_option("--size", values.sizes,
                       "m, n and k alike; default: 4096 on a GPU, 512 on a software device")
          ->delimiter(',')
          ->check(CLI::Range(1U, kMostSide));
  tune->add_option("--shape", values.shape, "m, n and k, and a batch if there is one")
      ->check(CLI::Validator(check_extents, "MxNxK"))
      ->excludes(size);
  tune->add_flag("--transpose-b", values.transpose_b,
                 "B is n x k, as with a scenario's transpose_b; gemm only");
  tune->add_option("--activation", values.activation,
                   "Of a linear, which has a bias, too; default: none")
      ->check(CLI::IsMember(
          std::vector<std::string>(activation_names().begin(), activation_names().end())));
  tune->add_option("--precision", values.precisions, "Paths; default: fp32, fp16, fp16_acc32")
      ->delimiter(',')
      ->check(CLI::IsMember(
          {"fp32", "fp16", "fp16_acc32", "fp32_via_fp16", "fp32_relaxed", "tf32", "bf16"}));
  tune->add_option("--kernel", values.kernels, "Only these kernels; default: every one")
      ->delimiter(',');
  tune->add_option("--budget", values.budget, "Time for all of it, references not counted")
      ->check(CLI::Validator(check_time, "TIME"))
      ->capture_default_str();
  tune->add_option("--seed", values.seed, "Of the random data")
      ->check(CLI::Validator(check_seed, "UINT"))
      ->capture_default_str();
  tune->add_option("--table", values.tuning_file,
                   "Keep what is found in this file, instead of the user's cache");
  tune->footer(kExamples);
}

Result<TuneArguments> finished_tune(const TuneOptionValues& values, const std::string& cache_dir) {
  TuneArguments arguments;
  arguments.device_selector = values.device;
  arguments.kernels = values.kernels;
  arguments.sizes = values.sizes;
  if (values.transpose_b) arguments.layout = Layout::nt;
  if (!values.activation.empty()) arguments.activation = *parse_activation(values.activation);
  arguments.budget_s = *parse_seconds(values.budget);
  arguments.seed = values.seed;
  arguments.cache_dir = cache_dir;
  arguments.tuning_file =
      values.tuning_file.empty() ? kept_tuning_file(cache_dir) : values.tuning_file;
  if (!values.shape.empty()) arguments.shape = parse_extents(values.shape);
  if (!values.ops.empty()) arguments.ops.clear();
  for (const std::string& op : values.ops) arguments.ops.push_back(*parse_op(op));
  if (!values.precisions.empty()) arguments.precisions.clear();
  for (const std::string& path : values.precisions) {
    arguments.precisions.push_back(*parse_precision(path));
  }
  if (arguments.tuning_file.empty()) {
    return Error{ErrorKind::usage,
                 "tune: neither XDG_CACHE_HOME nor HOME is set; say with --table where to keep it"};
  }
  for (const auto& checked : {check_kernel(arguments), check_shape(arguments),
                              check_layout(arguments), check_activation(arguments)}) {
    if (!checked) return checked.error();
  }
  return arguments;
}

}  // namespace gpubench
