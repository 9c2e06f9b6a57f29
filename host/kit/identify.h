// identify.h — from what a kit's products came back as to the arithmetic that gave it, with the
// inference and the verdicts of the fingerprint. Knows nothing of files.
#pragma once

#include <string>

#include "fingerprint/fingerprint.h"
#include "kit/recording.h"

namespace gpubench {

struct Identification {
  std::string inconclusive;  ///< Why the outputs prove nothing; "" where they do.
  Fingerprint fingerprint;   ///< Empty when inconclusive. Its launches are the kit's products.
};

/// Fails where the outputs are those of another kit.
Result<Identification> identify(const KitRecording& recording, const WorkingBits& declared);

/// What a path that is declared in this precision must hold at least, with operands from a kit of
/// this storage: short ones show nothing of what wide ones would lose.
WorkingBits declared_for_kit(Precision declared, NumberFormat storage);

}  // namespace gpubench
