// candidate_arena.h — runs the tunings of one kernel on one problem, each verified before it is
// timed. Knows not which of them is fast.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/device.h"
#include "run/checker.h"
#include "run/execution.h"
#include "run/rates.h"
#include "tuning/search.h"

namespace gpubench {

/// A submission that takes longer has hung: it is some tenths of a second, cut into bands.
constexpr double kHungSeconds = 60;

/// A device that can be opened again when it was lost.
class ReopenedDevice {
 public:
  using Open = std::function<Result<std::unique_ptr<Device>>()>;
  static Result<ReopenedDevice> open(Open open);

  [[nodiscard]] Device& get() const { return *device_; }
  /// Fails when the device is not to be had any more; `get` is of no use then.
  Outcome reopen();

 private:
  explicit ReopenedDevice(Open open) : open_(std::move(open)) {}

  Open open_;
  std::unique_ptr<Device> device_;
};

/// What all candidates have in common.
struct TunedCase {
  Case planned;  ///< Its kernel is named.
  const Kernel* kernel = nullptr;
  Rate rate;  ///< Of the kernel's own choice, as far as known.
};

class CandidateArena final : public Arena {
 public:
  /// `checker` must be prepared for the case. The first candidate is the kernel's own choice.
  /// Once two candidates have lost the device, no other is tried.
  CandidateArena(ReopenedDevice& device, Checker& checker, const TunedCase& tuned,
                 std::span<const Tuning> candidates);

  std::optional<Refusal> enter(std::size_t candidate) override;
  Result<double> time(std::size_t candidate) override;
  [[nodiscard]] std::string closed() const override { return closed_; }

 private:
  struct Contestant {
    PreparedKernel kernel;
    double launch_s = 0;  ///< Of the launch that was verified.
  };

  Outcome prepare(std::size_t candidate);
  Outcome use(std::size_t candidate);
  Outcome cut_bands(std::size_t candidate);
  Result<Sample> launch(std::uint32_t launches);
  Result<double> verify(std::size_t candidate, std::string* wrong);
  /// The same error, after the device was opened again if that is what it takes.
  Error recover(Error error);

  ReopenedDevice& device_;
  Checker& checker_;
  const TunedCase& tuned_;
  std::span<const Tuning> candidates_;
  std::vector<std::optional<Contestant>> contestants_;
  std::unique_ptr<Execution> execution_;
  std::optional<std::size_t> in_use_;
  double fastest_s_;  ///< Launch of those that were verified, or as the rate has it; 0: not known.
  int losses_ = 0;
  std::string closed_;
};

}  // namespace gpubench
