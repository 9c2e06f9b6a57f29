// peers.h — one device against the others of its kind: same case, same settings, same kernel.
#pragma once

#include <memory>
#include <vector>

#include "judge/facts.h"

namespace gpubench {

/// For each row: its time against its peers'; null where there are too few. Iglewicz and
/// Hoaglin's modified z, against the median of the *other* devices, so that an outlier does not
/// hide itself.
RowChecks check_peers(const Facts& facts);

}  // namespace gpubench
