// transfer_bench.cpp — how fast a matrix of n x n FP32 numbers reaches the device and comes back,
// on the device that the kernels run on.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/bench_device.h"

namespace {

using namespace gpubench;
using namespace gpubench::bench;

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
