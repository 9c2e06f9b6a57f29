// verified_kernel.h — one case on one device, made ready as `gpubench run` makes it: the kernel
// that would run, in its bands, on its real inputs, verified before anyone may time it. Knows
// nothing of Google Benchmark, nor of rows and files.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "run/checker.h"
#include "run/execution.h"
#include "run/prepare.h"
#include "run/rates.h"

namespace gpubench::bench {

class VerifiedKernel {
 public:
  /// Launches once into a poisoned output, judges that, and warms up. Fails where the case cannot
  /// run; a wrong output is no error but a `fault`.
  static Result<std::unique_ptr<VerifiedKernel>> make(Device& device, const Case& planned,
                                                      const KernelSources& sources);

  /// Why the output of the last `verify` is wrong; then nothing may be timed.
  [[nodiscard]] const std::optional<Reason>& fault() const { return fault_; }
  /// One more launch into a poisoned output, judged as the first was.
  Outcome verify();

  /// Times are for all launches together.
  Result<Sample> launch(std::uint32_t launches) { return execution_->launch(launches); }
  /// So many make one sample: 1 unless they are tiny.
  [[nodiscard]] std::uint32_t launches_per_sample() const { return launches_per_sample_; }
  [[nodiscard]] const std::string& params() const { return kernel_.launch.params; }

 private:
  VerifiedKernel(Device& device, Case planned, PreparedKernel kernel);
  Outcome fill(const KernelSources& sources);
  Outcome warm_up();
  Outcome cut(const Rate& rate);

  Device& device_;
  Case planned_;
  PreparedKernel kernel_;
  Checker checker_;
  std::unique_ptr<Execution> execution_;
  std::optional<Judgement> judgement_;  ///< Of the output judged last.
  std::optional<Reason> fault_;
  double launch_s_ = 0;
  std::uint32_t launches_per_sample_ = 1;
};

}  // namespace gpubench::bench
