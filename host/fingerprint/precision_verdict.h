// precision_verdict.h — what probes may say of the precision that a path declares.
#pragma once

#include <cstdint>
#include <string_view>

namespace gpubench {

/// From worst to best.
enum class PrecisionVerdict : std::uint8_t {
  wrong,             ///< Results that are exact in every precision come out wrong.
  nondeterministic,  ///< The same inputs gave other bits.
  downgraded,        ///< Named, with fewer bits than declared somewhere.
  unresolved,        ///< No known arithmetic fits.
  confirmed,         ///< Named, with the declared bits.
  better,            ///< Named, with the declared bits or more everywhere.
};
std::string_view to_string(PrecisionVerdict verdict);

}  // namespace gpubench
