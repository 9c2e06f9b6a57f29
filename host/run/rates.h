// rates.h — how fast a kernel runs on the device at hand: from the cases that ran already, or from
// a probe. Used to predict times and to cut bands; never reported as a result.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "base/result.h"
#include "device/device.h"
#include "plan/estimate.h"
#include "run/prepare.h"
#include "timing/batching.h"

namespace gpubench {

struct Rate {
  double flops = 0;  ///< FLOP/s; 0: nothing is known.
  RateEvidence evidence = RateEvidence::none;
};

/// So little work that no device needs a prediction: at 1 GFLOP/s a launch ends within a second.
bool is_short(const Problem& problem);

/// What the case costs if its kernel runs at this rate; no times without one.
Estimate estimate_at(const Case& planned, const Rate& rate);

class RateBook {
 public:
  RateBook(Device& device, const KernelSources& sources) : device_(device), sources_(sources) {}

  /// Known from an earlier case or probe of this kernel and precision; else runs smaller versions
  /// of the problem, growing until one takes long enough to tell.
  Result<Rate> rate_for(const Case& planned);
  /// As far as known without a probe; `none` if not.
  [[nodiscard]] Rate known(const Case& planned) const;
  /// Remembers what a finished case showed.
  void learn(const Case& planned, double launch_s);

 private:
  using Key = std::tuple<Op, Precision, std::string, Layout>;
  static Key key_of(const Case& planned);
  Result<double> probe(const Case& planned);
  Result<double> time_launch(const Case& smaller, const PreparedKernel& kernel);

  Device& device_;
  const KernelSources& sources_;
  std::map<Key, double> flops_;
};

}  // namespace gpubench
