// device.h — one opened Vulkan device: buffers, pipelines, timed submissions. The only room that
// includes Vulkan; nothing of it shows in this header.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"

namespace gpubench {

/// Turns the Khronos validation layer on; each of its messages then counts as a failure.
enum class ApiValidation : std::uint8_t { off, on };

/// A device that Vulkan lists, usable or not.
struct DeviceCandidate {
  std::uint32_t index = 0;  ///< Stable within a process: the order of the loader.
  DeviceTraits traits;
  std::vector<std::string> refusals;  ///< Every reason why gpubench cannot use it; empty: usable.
};

/// Free and total bytes of the memory that buffers come from.
struct MemoryBudget {
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;
};

/// How long one submission took.
struct SubmitTime {
  double gpu_s = 0;   ///< First to last timestamp; NaN when the queue has none.
  double host_s = 0;  ///< From submit until the wait returned.
};

class Instance;
class Buffer;
class Pipeline;
class Device;

using InstancePtr = std::shared_ptr<Instance>;
/// Fails with no_device when there is no loader or no driver, and says which it was.
Result<InstancePtr> open_instance(ApiValidation validation);
std::vector<DeviceCandidate> list_devices(const Instance& instance);
/// All facts about a device as JSON text, for `devices --json` and run.json.
std::string describe_device(const Instance& instance, std::uint32_t index);

/// `selector`: empty (best GPU; a software device only when there is no GPU), an index, part of a
/// name (case-insensitive), a UUID, or "all". A selector that fits none or, other than "all",
/// several is a usage error that lists the devices with every refusal.
Result<std::vector<std::uint32_t>> select_devices(std::span<const DeviceCandidate> candidates,
                                                  std::string_view selector);

/// Device memory with a device address, surrounded by guard bytes that `guards_intact` checks.
class Buffer {
 public:
  virtual ~Buffer() = default;
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  [[nodiscard]] virtual std::uint64_t address() const = 0;
  /// The payload in host memory when the memory is mappable and cached; else empty.
  [[nodiscard]] virtual std::span<std::byte> mapped() = 0;
};
using BufferPtr = std::unique_ptr<Buffer>;

class Pipeline {
 public:
  virtual ~Pipeline() = default;
};
using PipelinePtr = std::shared_ptr<Pipeline>;

/// One dispatch ready to record: pipeline, push constants as bytes, group counts, and the buffers
/// that the spec of the pipeline names as texels, in that order.
struct Dispatch {
  const Pipeline* pipeline = nullptr;
  std::vector<std::byte> push;
  std::array<std::uint32_t, 3> groups{1, 1, 1};
  std::vector<Buffer*> texels;
};

class Device {
 public:
  virtual ~Device() = default;
  [[nodiscard]] virtual const DeviceTraits& traits() const = 0;
  [[nodiscard]] virtual MemoryBudget memory() const = 0;

  /// `bytes` > 0. Fails with out_of_memory ("needs 3.2 GiB, 2.0 GiB free") before it allocates.
  virtual Result<BufferPtr> allocate(std::uint64_t bytes) = 0;
  /// Offsets and lengths within the payload.
  virtual Outcome upload(Buffer& to, std::uint64_t offset, std::span<const std::byte> from) = 0;
  virtual Outcome download(Buffer& from, std::uint64_t offset, std::span<std::byte> to) = 0;
  /// Fills the whole payload with a 32-bit pattern (the last bytes too when not a multiple of 4).
  virtual Outcome fill(Buffer& to, std::uint32_t pattern) = 0;
  /// False when a kernel wrote before the first or past the last payload byte; `where` says it.
  virtual Result<bool> guards_intact(Buffer& buffer, std::string* where) = 0;

  /// Cached by spec and code. Fails with `input` for SPIR-V that the device cannot take.
  virtual Result<PipelinePtr> pipeline(std::span<const std::uint32_t> spirv,
                                       const PipelineSpec& spec) = 0;
  /// From now on a submission that takes longer fails with `timeout`.
  virtual void set_submit_timeout_s(double seconds) = 0;
  /// One submission: timestamp, each dispatch with a barrier after it, timestamp; waits.
  virtual Result<SubmitTime> submit(std::span<const Dispatch> dispatches) = 0;

  /// The same for a copy of the whole payload of `from` to the start of that of `to`.
  virtual Result<SubmitTime> copy(Buffer& from, Buffer& to) = 0;

  /// Messages of the validation layer since the last call; always empty when it is off.
  virtual std::vector<std::string> take_validation_messages() = 0;
};

/// How payloads reach the host: `automatic` maps memory where that is fast, `staged` always
/// copies, which is what a discrete GPU does (tests use it on any device).
enum class HostAccess : std::uint8_t { automatic, staged };

struct DeviceOptions {
  std::string cache_dir;  ///< Where compiled pipelines are kept between runs; empty: nowhere.
  HostAccess host_access = HostAccess::automatic;
  /// A submission that takes longer counts as hung. Submissions are cut to about 0.25 s, so only
  /// a software device on a loaded machine comes near.
  double submit_timeout_s = 300;
};

/// `index` as in DeviceCandidate.
Result<std::unique_ptr<Device>> open_device(const InstancePtr& instance, std::uint32_t index,
                                            const DeviceOptions& options);

}  // namespace gpubench
