#include "report/builds.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/kernel.h"
#include "report/case_label.h"
#include "report/numbers.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

struct Pair {
  const Row* as_is = nullptr;
  const Row* strict = nullptr;
  [[nodiscard]] bool differs() const {
    return as_is->check->output_hash != strict->check->output_hash;
  }
};

bool has_output(const Row& row) {
  return !is_failure(row) && row.check && !row.check->output_hash.empty();
}

bool is_built(const Row& row, Build build) {
  return row.planned.kernel.build == to_string(build);
}

/// Alike but for the build, and run by the same kernel.
bool is_counterpart(const Row& as_is, const Row& strict) {
  KernelChoiceSpec kernel = strict.planned.kernel;
  kernel.build = as_is.planned.kernel.build;
  return as_is.planned.problem == strict.planned.problem &&
         as_is.device.uuid == strict.device.uuid &&
         as_is.planned.precision == strict.planned.precision && as_is.planned.kernel == kernel &&
         as_is.kernel == strict.kernel;
}

std::vector<Pair> pairs_of(std::span<const Row> rows) {
  std::vector<Pair> pairs;
  for (const Row& strict : rows) {
    if (!is_built(strict, Build::strict) || !has_output(strict)) continue;
    const auto as_is = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return is_built(row, Build::as_is) && has_output(row) && is_counterpart(row, strict);
    });
    if (as_is != rows.end()) pairs.push_back({&*as_is, &strict});
  }
  return pairs;
}

/// "computes fp32 fma as it is, fp32 mul+add strict" where probes said so.
std::string difference_text(const Pair& pair) {
  const std::string& as_is = pair.as_is->observed_precision;
  const std::string& strict = pair.strict->observed_precision;
  if (!as_is.empty() && !strict.empty() && as_is != strict) {
    return fmt::format("computes {} as it is, {} strict", as_is, strict);
  }
  return fmt::format("other bits; relative error {} as it is, {} strict",
                     error_text(pair.as_is->check->metrics.rel_fro_err),
                     error_text(pair.strict->check->metrics.rel_fro_err));
}

}  // namespace

std::string builds_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<Pair> pairs = pairs_of(rows);
  if (pairs.empty()) return "";
  const auto differing =
      std::count_if(pairs.begin(), pairs.end(), [](const Pair& pair) { return pair.differs(); });
  const std::string head = fmt::format("Strict build: {} of {} outputs differ from the default's",
                                       differing, pairs.size());
  std::string text = paint(head, differing > 0 ? Tint::caution : Tint::plain, style.colour) + '\n';
  for (const Pair& pair : pairs) {
    if (!pair.differs()) continue;
    const std::string line = row_label(*pair.as_is) + ": " + difference_text(pair);
    text += "  " + wrap(printable(line), {style.width, 2, 6}) + '\n';
  }
  return text;
}

}  // namespace gpubench
