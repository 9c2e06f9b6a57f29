// prepare.h — settles which kernel a case runs, and with which code. Executes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/device_traits.h"
#include "base/result.h"
#include "plan/case.h"
#include "run/execution.h"
#include "tuning/table.h"

namespace gpubench {

/// Users' shaders by "glsl:" or "spirv:" and path, compiled once for a whole run.
using UserCode = std::map<std::string, std::vector<std::uint32_t>>;

/// Compiles every user shader of the cases; fails with `input` at the first that is no good, so
/// that nothing is written for a run that cannot be what was asked for.
Result<UserCode> load_user_code(const std::vector<Case>& cases);

/// The user's shader that the choice names; empty where there is none or it was not loaded.
std::span<const std::uint32_t> user_code_of(const KernelChoiceSpec& spec,
                                            const UserCode& user_code);

/// What kernels are made of beside the catalogue, for a whole run.
struct KernelSources {
  UserCode user_code{};
  TuningTable tuned{};    ///< What was found on this machine.
  TuningTable shipped{};  ///< Asked where that knows nothing.
};

/// Fails with `unsupported` when the device lacks what the kernel needs. A tuning that cannot be
/// used is left, and `why` of the kernel says so.
Result<PreparedKernel> prepare_kernel(const KernelChoiceSpec& spec, const Problem& problem,
                                      Precision precision, const DeviceTraits& device,
                                      const KernelSources& sources);

}  // namespace gpubench
