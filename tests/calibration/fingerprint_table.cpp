// fingerprint_table — the ground truth of docs/validating.md: known paths, and what the fingerprint
// and a probe kit said of each, as Markdown tables: products, then softmaxes. Exit code 1 if any
// was named wrongly.
#include <fmt/format.h>

#include "unit/fingerprint/softmax_ground_truth.h"
#include "unit/kit/known_path_kit.h"

namespace gpubench {
namespace {

/// How many are wrong.
Result<int> print_products() {
  fmt::print(
      "| path | declared | verdict | named as | judged | a kit says "
      "|\n|---|---|---|---|---|---|\n");
  int wrong = 0;
  for (const KnownPath& path : known_paths()) {
    const auto said = take_fingerprint(path.under_test, path.declared, 1);
    if (!said) return said.error();
    const auto kit_said = identify_through_kit(path, 1);
    if (!kit_said) return kit_said.error();
    wrong += judged(path, *said) == Judged::wrong ||
             judged(path, kit_said->fingerprint) == Judged::wrong;
    fmt::print("{} {} |\n", table_line(path, *said), kit_cell(path, *said, kit_said->fingerprint));
  }
  return wrong;
}

Result<int> print_softmaxes() {
  fmt::print("| path | declared | verdict | named as | judged |\n|---|---|---|---|---|\n");
  int wrong = 0;
  for (const KnownSoftmax& known : known_softmaxes()) {
    const auto said = take_softmax_fingerprint(known.under_test, known.declared, 1);
    if (!said) return said.error();
    wrong += !judged_right(known, *said);
    fmt::print("{}\n", table_line(known, *said));
  }
  return wrong;
}

}  // namespace
}  // namespace gpubench

int main() {
  const auto products = gpubench::print_products();
  fmt::print("\n");
  const auto softmaxes = gpubench::print_softmaxes();
  return products && softmaxes && *products + *softmaxes == 0 ? 0 : 1;
}
