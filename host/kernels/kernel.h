// kernel.h — what a kernel of the catalogue is: needs, launch, and why it cannot run.
// Pure: decides from a problem and device traits; executes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "kernels/parameters.h"
#include "kernels/problem.h"

namespace gpubench {

/// Rows [begin, end) of the output of every batch member. Long launches are cut into bands so
/// that no watchdog fires; a band never splits k, so bands do not change the numbers.
struct RowBand {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// How a kernel computes one problem on one device.
struct Launch {
  std::string params;  ///< Column kernel_params: "tile=64x64x16 threads=8x8".
  /// The parameters in effect, each of them named: the same for all tunings that mean the same.
  /// Empty where the kernel has none.
  Tuning tuning;
  std::string why;  ///< What of its own choice depends on the driver; empty: nothing does.
  std::uint64_t scratch0_bytes = 0;
  std::uint64_t scratch1_bytes = 0;
  std::uint32_t row_granule = 1;  ///< Bands must begin at multiples of this.
  /// The dispatches for one band, in order. Preparation that the whole launch needs once (such as
  /// packing B) comes with the band that begins at row 0.
  std::function<std::vector<Step>(RowBand)> steps;
};

/// Who decides in which order the products of a sum are added.
enum class SumOrder : std::uint8_t {
  source,    ///< The shader, one after the other.
  hardware,  ///< A matrix unit, several at once; no shader can ask for another order.
};

/// Values of the kernel's parameters in their order, each one that it may have or that stands for
/// not being named; empty: its own choice.
using ParameterValues = std::span<const std::uint32_t>;
using LaunchFunction = Result<Launch> (*)(const Problem&, Precision, const DeviceTraits&,
                                          ParameterValues);

struct Kernel {
  std::string_view name;  ///< "naive", "tiled", "direct", "coop", ...
  Op op;
  std::string_view summary;  ///< One line for `gpubench list kernels`.
  LaunchFunction launch_with;
  std::span<const Precision> paths;  ///< Those that it computes.
  SumOrder sum_order = SumOrder::source;
  std::span<const ParameterSpace> (*parameter_spaces)() = nullptr;

  /// What may be tuned; not every combination is legal. Empty: nothing.
  [[nodiscard]] std::span<const ParameterSpace> parameters() const;
  /// An empty tuning leaves the choice to the kernel. Error kind `unsupported` says which feature
  /// or limit the device lacks, or which rule of the kernel a tuning breaks; `input`, why something
  /// is no tuning of this kernel.
  [[nodiscard]] Result<Launch> launch(const Problem& problem, Precision precision,
                                      const DeviceTraits& device, const Tuning& tuning = {}) const;
};

/// Every kernel, in ladder order (naive first).
std::span<const Kernel> catalogue();
std::vector<std::string_view> kernel_names(Op op);
/// Null if there is none.
const Kernel* find_kernel(Op op, std::string_view name);

/// How the code of a kernel is built: as it is, or with its arithmetic pinned so that a driver has
/// no choice left (run/strict_module.h).
enum class Build : std::uint8_t { as_is, strict };
std::string_view to_string(Build value);
std::optional<Build> parse_build(std::string_view text);
std::span<const std::string_view> build_names();

/// A problem of middling size, for asking a kernel what it would launch.
Problem sample_problem(const Kernel& kernel);

/// Why a kernel has no such path or build, whatever the device; empty where it has.
std::string without(const Kernel& kernel, Precision precision, Build build);

struct KernelChoice {
  const Kernel* kernel = nullptr;
  std::string why;  ///< "software device: no shared memory pays there".
};
/// What `kernel: auto` means on this device.
KernelChoice choose_kernel(const Problem& problem, Precision precision, Build build,
                           const DeviceTraits& device);

/// How a user's own shader file is launched; docs/adding-a-kernel.md has the contract.
struct UserKernel {
  std::uint32_t tile_m = 1;  ///< Output rows of one workgroup.
  std::uint32_t tile_n = 1;  ///< Output columns of one workgroup.
  std::vector<SpecConstant> constants;
};
Result<Launch> launch_user_kernel(const UserKernel& kernel, const Problem& problem,
                                  Precision precision, const DeviceTraits& device);

/// SPIR-V words of an embedded shader; empty if there is no such name.
std::span<const std::uint32_t> shader_code(std::string_view name);

/// What device/ puts around each buffer to catch stray writes.
inline constexpr std::uint64_t kGuardBytesPerBuffer = 128 * 1024;

/// Device memory a case needs: inputs, output, scratch and guard words.
std::uint64_t device_bytes(const Problem& problem, Precision precision, const Launch& launch);

}  // namespace gpubench
