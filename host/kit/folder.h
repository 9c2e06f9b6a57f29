// folder.h — a probe kit on disk: written for somebody else to run, and read again with what came
// back. Knows nothing of what the outputs mean.
#pragma once

#include <memory>
#include <string>

#include "kit/recording.h"

namespace gpubench {

/// Makes the folder and everything in it; it must not exist or be empty.
Outcome write_kit(const KitPlan& plan, const std::string& folder);

/// The plan of a kit's folder, whose files must be as they were written.
Result<std::unique_ptr<KitPlan>> read_kit(const std::string& folder);

/// Outputs of the plan's products, one after the other, from a .npy of shape (products, m, n).
Result<std::vector<float>> read_kit_outputs(const KitPlan& plan, const std::string& path);

}  // namespace gpubench
