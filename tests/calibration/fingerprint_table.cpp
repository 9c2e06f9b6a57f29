// fingerprint_table — the ground truth of docs/validating.md: known paths, and what the fingerprint
// and a probe kit said of each, as a Markdown table. Exit code 1 if any was named wrongly.
#include <fmt/format.h>

#include "unit/kit/known_path_kit.h"

int main() {
  using namespace gpubench;
  fmt::print(
      "| path | declared | verdict | named as | judged | a kit says "
      "|\n|---|---|---|---|---|---|\n");
  int wrong = 0;
  for (const KnownPath& path : known_paths()) {
    const auto said = take_fingerprint(path.under_test, path.declared, 1);
    const auto kit_said = identify_through_kit(path, 1);
    if (!said || !kit_said) return 1;
    wrong += judged(path, *said) == Judged::wrong ||
             judged(path, kit_said->fingerprint) == Judged::wrong;
    fmt::print("{} {} |\n", table_line(path, *said), kit_cell(path, *said, kit_said->fingerprint));
  }
  return wrong == 0 ? 0 : 1;
}
