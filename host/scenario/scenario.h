// scenario.h — a scenario file as structs: every knob, its default and its unit.
// Knows nothing of YAML (reader.h) nor of how lists expand (plan/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gpubench {

/// Where a value stood in the file; for errors found after reading.
struct SourcePlace {
  std::string file;
  int line = 0;    ///< 1-based; 0 when the value came from the command line.
  int column = 0;  ///< 1-based.
};

/// `kernel:` — "auto", a name of the catalogue, or a user's own shader file.
struct KernelChoiceSpec {
  std::string name = "auto";  ///< "user" when a file is given.
  std::string glsl_file;      ///< Compiled at run time with shaderc. Resolved against the scenario.
  std::string spirv_file;
  std::uint32_t tile_m = 1;  ///< Output rows of one workgroup of the user's shader.
  std::uint32_t tile_n = 1;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> constants;  ///< Specialization id → value.
  std::string build = "default";  ///< Or "strict": set from the axis of that name by plan/.
  bool operator==(const KernelChoiceSpec&) const = default;
};

/// k is 0 where the operation has none.
struct ShapeSpec {
  std::uint64_t m = 1, n = 1, k = 1, batch = 1;
};

/// `fill:` — a name, or arrays of the user's own: `{file: x.npy, file_b: w.npy}`, either of which
/// may be missing; the input that no file is named for is then filled with `normal`.
struct FillSpec {
  std::string name = "normal";  ///< "file" when either file is given.
  std::string file;             ///< First input. Resolved against the scenario.
  std::string file_b;           ///< Second input: B, or the weight W.
};

/// `decide: {threshold: 0.5, rule: ">=", labels: drawn}` — outputs are scores of a classifier.
struct DecideSpec {
  double threshold = 0.5;
  std::string rule = ">=";      ///< Or ">".
  std::string labels = "none";  ///< "drawn" from the scores, or "file".
  std::string labels_file{};    ///< Resolved against the scenario.
  bool operator==(const DecideSpec&) const = default;
};

/// One entry of `cases:`. Every vector is an axis; the cases are the product of all axes.
struct CaseBlock {
  SourcePlace place;
  std::string op;
  std::vector<ShapeSpec> shapes;
  std::vector<std::string> precisions{"fp32"};
  std::vector<FillSpec> fills{FillSpec{}};
  std::vector<std::string> activations{"none"};  ///< linear only
  std::vector<bool> biases{false};               ///< linear only
  std::vector<bool> transpose_bs{false};         ///< gemm only
  std::vector<KernelChoiceSpec> kernels{KernelChoiceSpec{}};
  std::vector<std::string> builds{"default"};
  std::vector<std::uint64_t> seeds;  ///< The scenario's seed where the block has none.
  std::optional<double> budget_s;    ///< The same; always set by the reader.
  double hold_s = 0;                 ///< Seconds of sampling whatever the samples say; 0: none.
  std::uint32_t repeats = 0;         ///< Launches more whose output must have the same bits.
  bool probe = false;                ///< Whether the precision of each case is fingerprinted.
  std::optional<DecideSpec> decide;  ///< No axis: it changes what is counted, not what is run.
  std::string level;                 ///< The first one that it belongs to; empty: to all.
};

/// `{where: {precision: fp32}, metric: rel_fro_err, at_most: 2e-6}`, or
/// `{where: {precision: fp16}, check_status: failed}`
struct ExpectRule {
  SourcePlace place;
  std::vector<std::pair<std::string, std::string>> where;  ///< CSV column → value.
  std::string metric;                                      ///< A numeric CSV column, or empty.
  std::string check_status;                                ///< What the check must say, or empty.
  std::optional<double> at_most;
  std::optional<double> at_least;
};

/// `speedup: {of: fp16, over: fp32}`
struct SpeedupTable {
  SourcePlace place;
  std::string of;
  std::string over;
};

/// `outputs: {first: 3}` — the first outputs of every path side by side, the CPU's among them.
struct OutputsTable {
  SourcePlace place;
  std::uint32_t first = 3;
};

/// `growth: {over: k}` — drift along one dimension for each precision, and what theory expects.
struct GrowthTable {
  SourcePlace place;
  std::string over = "k";  ///< m, n or k.
};

/// One entry of `compare:`.
using Comparison = std::variant<SpeedupTable, OutputsTable, GrowthTable>;

/// One entry of `levels:`, from the shortest to the longest.
struct Level {
  std::string name;
  double within_s = 0;  ///< The whole run ends within this.
};

struct Scenario {
  std::string file;
  std::string name;
  std::string description;
  std::uint64_t seed = 42;
  double budget_s = 30;       ///< Per case; a case predicted to need more is skipped.
  bool cache_rotate = false;  ///< `cache: rotate` (true) or `cache: warm` (false, the default).
  std::vector<std::pair<std::string, std::string>> labels;  ///< Copied into every row.
  std::vector<Level> levels;  ///< As in the file; empty: no such thing.
  std::string level;          ///< The one that is run. Blocks of longer ones are not in `cases`.
  std::vector<CaseBlock> cases;
  std::vector<Comparison> comparisons;  ///< In the order of the file.
  std::vector<ExpectRule> expects;
  std::string hash;      ///< Content hash of the resolved scenario.
  std::string resolved;  ///< The scenario as it is run, defaults and --set applied, as YAML.
};

}  // namespace gpubench
