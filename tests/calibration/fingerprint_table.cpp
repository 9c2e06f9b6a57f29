// fingerprint_table — the ground truth of docs/validating.md: known paths, and what the fingerprint
// said of each, as a Markdown table. Exit code 1 if any was named wrongly.
#include <fmt/format.h>

#include "unit/fingerprint/ground_truth.h"

int main() {
  using namespace gpubench;
  fmt::print("| path | declared | verdict | named as | judged |\n|---|---|---|---|---|\n");
  int wrong = 0;
  for (const KnownPath& path : known_paths()) {
    const auto said = take_fingerprint(path.under_test, path.declared, 1);
    if (!said) return 1;
    wrong += judged(path, *said) == Judged::wrong;
    fmt::print("{}\n", table_line(path, *said));
  }
  return wrong == 0 ? 0 : 1;
}
