// fake_nvml.cpp — a library with the entry points of NVML, for telemetry_test.cpp. It knows one
// device, at 0000:17:00.0, which answers with fixed numbers and is held down by its power cap.
namespace {
int users = 0;
int device = 0;
}  // namespace

extern "C" {
int nvmlInit_v2() {
  ++users;
  return 0;
}
int nvmlShutdown() {
  --users;
  return 0;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** handle) {
  for (const char* wanted = "0000:17:00.0"; *wanted != 0 || *address != 0; ++wanted, ++address) {
    if (*wanted != *address) return 6;  // NVML_ERROR_NOT_FOUND
  }
  *handle = &device;
  return 0;
}
int nvmlDeviceGetClockInfo(void* handle, int type, unsigned* mhz) {
  // Only the SM clock is asked for; any other would be a mistake of the caller.
  if (handle != &device || type != 1) return 2;
  *mhz = 1980;
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 698500;
  return 0;
}
int nvmlDeviceGetTemperature(void*, int sensor, unsigned* celsius) {
  if (sensor != 0) return 2;
  *celsius = 61;
  return 0;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = 0x4;
  return 0;
}
int nvmlDeviceGetPowerManagementLimit(void*, unsigned* milliwatts) {
  *milliwatts = 700000;
  return 0;
}
int nvmlDeviceGetEccMode(void*, int* current, int* pending) {
  *current = 1;
  *pending = 0;
  return 0;
}
/// How many times the library was opened and not closed again; for the test alone.
int fake_nvml_users() {
  return users;
}
}
