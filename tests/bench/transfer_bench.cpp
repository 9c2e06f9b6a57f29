// transfer_bench.cpp — how fast a matrix of n x n FP32 numbers reaches the device and comes back,
// on the device that a run would take. GPUBENCH_TEST_DEVICE chooses another.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "device/device.h"

namespace {

using namespace gpubench;

Result<std::unique_ptr<Device>> open_chosen(HostAccess access) {
  const auto instance = open_instance(ApiValidation::off);
  if (!instance) return instance.error();
  const char* selector = std::getenv("GPUBENCH_TEST_DEVICE");
  const auto chosen = select_devices(list_devices(**instance), selector == nullptr ? "" : selector);
  if (!chosen) return chosen.error();
  DeviceOptions options;
  options.host_access = access;
  return open_device(*instance, chosen->front(), options);
}

enum class Direction : std::uint8_t { upload, download };

void transfer(benchmark::State& state, HostAccess access, Direction direction) {
  const auto device = open_chosen(access);
  if (!device) return state.SkipWithError(device.error().message.c_str());
  const auto n = static_cast<std::uint64_t>(state.range(0));
  std::vector<std::byte> host(n * n * sizeof(float), std::byte{1});
  const auto buffer = (*device)->allocate(host.size());
  if (!buffer) return state.SkipWithError(buffer.error().message.c_str());
  for (auto _ : state) {
    const Outcome done = direction == Direction::upload ? (*device)->upload(**buffer, 0, host)
                                                        : (*device)->download(**buffer, 0, host);
    if (!done) return state.SkipWithError(done.error().message.c_str());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(host.size()));
  state.SetLabel((*device)->traits().name);
}

#define GPUBENCH_TRANSFER(name, access, direction)                            \
  BENCHMARK_CAPTURE(transfer, name, HostAccess::access, Direction::direction) \
      ->Arg(4096)                                                             \
      ->Arg(16384)                                                            \
      ->UseRealTime()                                                         \
      ->Unit(benchmark::kMillisecond)

GPUBENCH_TRANSFER(upload, automatic, upload);
GPUBENCH_TRANSFER(download, automatic, download);
GPUBENCH_TRANSFER(upload_staged, staged, upload);
GPUBENCH_TRANSFER(download_staged, staged, download);

}  // namespace
