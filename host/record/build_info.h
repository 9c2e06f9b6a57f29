// build_info.h — what this program was built from and with; fixed at build time.
#pragma once

#include <string>

namespace gpubench {

struct BuildInfo {
  std::string version;     ///< "0.1.0"
  std::string commit;      ///< 12 hex digits, "-dirty" when files had changed; else "unknown".
  std::string build_type;  ///< "RelWithDebInfo"
  std::string compiler;    ///< "GNU 12.2.0"
  std::string flags;
};

const BuildInfo& build_info();

}  // namespace gpubench
