#include "record/build_info.h"

namespace gpubench {

// Made by build_info.cmake, alone in its file: a commit recompiles nothing else.
extern const char* const kBuildCommit;

const BuildInfo& build_info() {
  static const BuildInfo info = {GPUBENCH_VERSION, kBuildCommit, GPUBENCH_BUILD_TYPE,
                                 GPUBENCH_COMPILER, GPUBENCH_FLAGS};
  return info;
}

}  // namespace gpubench
