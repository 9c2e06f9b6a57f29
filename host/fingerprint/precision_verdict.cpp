#include "fingerprint/precision_verdict.h"

#include <array>

namespace gpubench {

std::string_view to_string(PrecisionVerdict verdict) {
  constexpr std::array<std::string_view, 6> kNames = {
      "wrong", "nondeterministic", "downgraded", "unresolved", "confirmed", "better"};
  return kNames[static_cast<std::size_t>(verdict)];
}

}  // namespace gpubench
