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
    const Judged result = judged(path, *said);
    wrong += result == Judged::wrong;
    const char* word = result == Judged::right
                           ? "right"
                           : (result == Judged::unresolved ? "unresolved" : "**wrong**");
    const std::string name = said_name(*said);
    fmt::print("| {} | {} | {} | {} | {} |\n", path.name, to_string(path.declared),
               to_string(said->verdict), name.empty() ? "–" : name, word);
  }
  return wrong == 0 ? 0 : 1;
}
