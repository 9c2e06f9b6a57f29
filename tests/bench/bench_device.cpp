#include "bench/bench_device.h"

#include <utility>

namespace gpubench::bench {
namespace {

struct Chosen {
  std::string selector;
  std::unique_ptr<Device> device;
  std::optional<Error> error;
};

Chosen& chosen() {
  static Chosen state;
  return state;
}

}  // namespace

void choose_device(std::string selector) {
  chosen().selector = std::move(selector);
}

Result<std::unique_ptr<Device>> open_chosen(HostAccess access) {
  const auto instance = open_instance(ApiValidation::off);
  if (!instance) return instance.error();
  const auto indices = select_devices(list_devices(**instance), chosen().selector);
  if (!indices) return indices.error();
  DeviceOptions options;
  options.host_access = access;
  return open_device(*instance, indices->front(), options);
}

Result<Device*> shared_device() {
  Chosen& state = chosen();
  if (state.device == nullptr && !state.error) {
    auto opened = open_chosen(HostAccess::automatic);
    if (opened) {
      state.device = std::move(opened).value();
    } else {
      state.error = opened.error();
    }
  }
  if (state.error) return *state.error;
  return state.device.get();
}

const std::optional<Error>& device_error() {
  return chosen().error;
}

}  // namespace gpubench::bench
