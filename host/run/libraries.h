// libraries.h — the libraries this program was built with, for run.json.
#pragma once

#include <vector>

#include "record/environment.h"

namespace gpubench {

std::vector<LibraryVersion> library_versions();

}  // namespace gpubench
