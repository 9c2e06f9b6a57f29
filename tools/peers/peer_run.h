// peer_run.h — a CPU library measured as a kernel would be: verified, timed by the same rules, and
// written into the folder of a run like any other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "peers/cpu_library.h"

namespace gpubench::peers {

struct PeerRequest {
  CpuLibrary library;
  std::vector<std::uint32_t> sizes;
  std::uint64_t seed = 42;
  double budget_s = 5;  ///< Of one size.
  std::string results_dir = "results";
  std::vector<std::string> command_line;
};

struct PeerSummary {
  std::string folder;
  std::size_t good = 0;
  std::size_t wrong = 0;  ///< Rows whose result was wrong: without a time.
};

/// Fails where no row can be written; a wrong result is a row.
Result<PeerSummary> run_peer(const PeerRequest& request);

}  // namespace gpubench::peers
