// table.h — what the tuner found: which kernel and which tuning is fastest for a class of problems
// on a device with a driver. Knows not how it was found, nor where it is kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/device_traits.h"
#include "kernels/kernel.h"
#include "tuning/search.h"

namespace gpubench {

/// Whatever of a device and its driver may move the fastest tuning.
struct TunedDevice {
  std::string name;
  std::uint32_t vendor_id = 0;
  std::uint32_t device_id = 0;
  std::string driver_id;
  std::string driver_version;
  std::string driver_info;          ///< Mesa's software drivers tell their version here alone.
  std::string pipeline_cache_uuid;  ///< Changes with the build of a driver.
  std::uint32_t subgroup_size = 0;
  std::uint32_t max_shared_bytes = 0;
  bool operator==(const TunedDevice&) const = default;
};
TunedDevice tuned_device(const DeviceTraits& device);

/// Problems that share a tuning: extents within the same powers of two, rows that are aligned
/// alike. A bias makes no difference.
struct ProblemClass {
  Op op = Op::gemm;
  Precision precision = Precision::fp32;
  Layout layout = Layout::nn;
  std::uint32_t log2_m = 0, log2_n = 0, log2_k = 0, log2_batch = 0;  ///< Rounded down; k 0: 0.
  std::uint32_t alignment = 1;  ///< Elements on whose multiples rows begin, as row_alignment.
  Activation activation = Activation::none;
  bool operator==(const ProblemClass&) const = default;
};
ProblemClass class_of(const Problem& problem, Precision precision);

struct TriedTuning {
  Tuning tuning;  ///< Empty: the kernel's own choice.
  Trial trial;
};

/// A kernel's candidates for one problem class.
struct TunedKernel {
  std::string kernel;
  std::string code_hash;           ///< Of the SPIR-V; other code may like other tiles.
  std::string date;                ///< ISO 8601, UTC.
  std::string tool;                ///< Version of gpubench.
  Shape shape;                     ///< What was measured.
  std::vector<TriedTuning> tried;  ///< The first is the kernel's own choice.
  /// Where a launch takes long: the smaller shape at which candidates had to qualify, and how.
  Shape probe_shape{};
  std::vector<TriedTuning> probed{};

  /// The candidate that won; null when none did.
  [[nodiscard]] const TriedTuning* best() const;
  /// The budget was too short for any to win.
  [[nodiscard]] bool is_undecided() const;
  /// Another kernel was so much faster that this one was not searched.
  [[nodiscard]] bool is_left_out() const;
};

struct TuningEntry {
  TunedDevice device;
  ProblemClass problem_class;
  std::vector<TunedKernel> kernels;
};

/// Where a table was made, and so how alike a device must be for it to hold.
enum class TableOrigin : std::uint8_t {
  here,     ///< This very device, driver, build of it, and SPIR-V.
  shipped,  ///< A device of this name, ids and limits with the same kind of driver.
};

struct TuningTable {
  std::vector<TuningEntry> entries{};  ///< At most one for each device and problem class.
  TableOrigin origin = TableOrigin::here;
};

/// Its kernels take the place of those in an entry of the same device and class. But of the same
/// code, what won stays where the later search has no winner, or has fewer samples of its winner
/// and the own choice; not where that very tuning was wrong or lost the device now. Returns the
/// names of kernels whose earlier result stays.
std::vector<std::string> merge(TuningTable& table, TuningEntry entry);

/// What the table says about a problem on a device.
struct TunedChoice {
  const Kernel* kernel = nullptr;
  Tuning tuning;     ///< Empty: the kernel's own choice was the fastest.
  double gain = 1;   ///< Time of the kernel's own choice, divided by this one's.
  double flops = 0;  ///< FLOP/s when it was tuned.
  std::string date;
  std::string driver;  ///< Of the measurement, when the table was shipped; empty: this one.
};
/// About one kernel. A null kernel in the answer: nothing can be used, and `why` says so if there
/// is something for another driver, for other code, or that the kernel refuses.
TunedChoice tuned_choice(const TuningTable& table, const Kernel& kernel, const Problem& problem,
                         Precision precision, const DeviceTraits& device, std::string* why);
/// Whether this very code of the kernel gave nothing but wrong outputs when it was tuned.
bool found_wrong(const TuningTable& table, const Kernel& kernel, const Problem& problem,
                 Precision precision, const DeviceTraits& device);
/// Whether this very code of the kernel was left out when it was tuned, as another was far faster.
bool found_slow(const TuningTable& table, const Kernel& kernel, const Problem& problem,
                Precision precision, const DeviceTraits& device);
/// The fastest kernel, by its FLOP/s, of those that the table says something about.
TunedChoice fastest_choice(const TuningTable& table, const Problem& problem, Precision precision,
                           const DeviceTraits& device);

/// Content hash of all SPIR-V that a launch of the kernel uses; tunings do not change it.
std::string code_hash(const Kernel& kernel, const Problem& problem, Precision precision,
                      const DeviceTraits& device);

/// Fails with `input`, naming `file` and what is wrong, where the text is no table of this form.
Result<TuningTable> parse_table(const std::string& text, const std::string& file);
std::string table_json(const TuningTable& table);

}  // namespace gpubench
