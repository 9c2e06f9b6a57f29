// scenario_fuzz.cpp — libFuzzer target: whatever the bytes, the scenario reader answers, and what
// it takes it takes again from its resolved text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plan/expand.h"
#include "plan/vocabulary.h"
#include "scenario/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const gpubench::Vocabulary kWords = gpubench::catalogue_vocabulary();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto scenario = gpubench::read_scenario_text(text, "fuzz.yaml", {}, kWords);
  if (!scenario.ok()) return 0;
  const auto again = gpubench::read_scenario_text(scenario->resolved, "fuzz.yaml", {}, kWords);
  if (!again.ok() || again->hash != scenario->hash) std::abort();
  if (!gpubench::expand(*scenario).ok()) std::abort();
  return 0;
}
