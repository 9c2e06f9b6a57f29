// command_line_tune.h — the options of `gpubench tune`: how they are given and what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace gpubench {

/// As they are parsed.
struct TuneOptionValues {
  std::string device, budget = "60s", tuning_file, shape, activation;
  std::vector<std::string> ops, precisions, kernels;
  std::vector<std::uint32_t> sizes;
  bool transpose_b = false;
  std::uint64_t seed = 42;
};

void add_tune(CLI::App& app, TuneOptionValues& values);

/// Fails with `usage` where the options say nothing that can be tuned.
Result<TuneArguments> finished_tune(const TuneOptionValues& values, const std::string& cache_dir);

/// Where `tune` keeps what it finds and `run` looks for it.
std::string kept_tuning_file(const std::string& cache_dir);

}  // namespace gpubench
