#include "record/run_id.h"

#include <fmt/chrono.h>

#include <random>

namespace gpubench {
namespace {

// Leaves room for the rest of the path in a name that people paste into commands.
constexpr std::size_t kLongestName = 40;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name.substr(0, kLongestName)) plain += is_plain(c) ? c : '-';
  return plain.empty() ? "run" : plain;
}

std::tm utc(RunClock::time_point time) {
  return fmt::gmtime(RunClock::to_time_t(time));
}

}  // namespace

std::string utc_timestamp(RunClock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc(time));
}

std::string make_run_id(RunClock::time_point time, std::string_view scenario, std::uint16_t salt) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{:04x}", utc(time), plain_name(scenario), salt);
}

std::uint16_t random_salt() {
  std::random_device device;
  return static_cast<std::uint16_t>(device());
}

}  // namespace gpubench
