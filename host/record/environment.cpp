#include "record/environment.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/text.h"
#include "record/build_info.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;

constexpr std::array<std::string_view, 24> kVariablePrefixes = {
    "LP_",  "LVP_",  "MESA_", "GALLIUM_",  "VK_",     "LIBGL_", "RADV_",   "ANV_",
    "AMD_", "NVK_",  "TU_",   "PAN_",      "INTEL_",  "__GL",   "NVIDIA_", "CUDA_",
    "OMP_", "GOMP_", "KMP_",  "OPENBLAS_", "ONEDNN_", "DNNL_",  "MKL_",    "GPUBENCH_"};

// Values of these would not belong in a file that people share.
constexpr std::array<std::string_view, 5> kSecretWords = {"TOKEN", "KEY", "PASSWORD", "SECRET",
                                                          "CREDENTIAL"};

std::optional<std::string> text_of(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return std::nullopt;
  return *content;
}

std::string trimmed(std::string text) {
  const auto space = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), space).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), space));
  return text;
}

/// The value of the first line "name <separator> value", quotes taken off.
std::string value_in(const std::string& text, std::string_view name, char separator) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(separator);
    if (at == std::string::npos || trimmed(line.substr(0, at)) != name) continue;
    std::string value = trimmed(line.substr(at + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

void put_text(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}

void put_file(Json& json, const char* name, const std::string& path) {
  if (const auto content = text_of(path)) put_text(json, name, trimmed(*content));
}

Json system_json(const std::string& root) {
  Json json = Json::object();
  put_text(json, "os",
           value_in(text_of(root + "/etc/os-release").value_or(""), "PRETTY_NAME", '='));
  utsname names{};
  if (::uname(&names) == 0) {
    json["kernel"] = std::string(names.sysname) + ' ' + names.release;
    json["kernel_build"] = names.version;
    json["machine"] = names.machine;
  }
  put_text(json, "host", host_name());
  return json;
}

/// The cores that this process may run on.
std::vector<int> affinity() {
  std::vector<int> cores;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

Json cpu_json(const std::string& root) {
  Json json = Json::object();
  const std::string facts = text_of(root + "/proc/cpuinfo").value_or("");
  put_text(json, "model", value_in(facts, "model name", ':'));
  put_text(json, "microcode", value_in(facts, "microcode", ':'));
  put_text(json, "features", value_in(facts, "flags", ':'));
  json["online_cores"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  json["affinity"] = affinity();
  const std::string cpu = root + "/sys/devices/system/cpu/";
  put_file(json, "governor", cpu + "cpu0/cpufreq/scaling_governor");
  put_file(json, "driver", cpu + "cpu0/cpufreq/scaling_driver");
  put_file(json, "boost", cpu + "cpufreq/boost");
  put_file(json, "smt", cpu + "smt/active");
  return json;
}

Json memory_json(const std::string& root) {
  Json json = Json::object();
  const std::string facts = text_of(root + "/proc/meminfo").value_or("");
  const auto put_kib = [&](const char* name, std::string_view key) {
    const std::string value = value_in(facts, key, ':');
    // "16384 kB": the kernel's kB are KiB.
    if (const auto kib = parse_unsigned(value.substr(0, value.find(' ')))) {
      json[name] = *kib * 1024;
    }
  };
  put_kib("total_bytes", "MemTotal");
  put_kib("available_bytes", "MemAvailable");
  put_kib("swap_total_bytes", "SwapTotal");
  return json;
}

Json container_json(const std::string& root) {
  Json json = Json::object();
  std::error_code ignored;
  if (std::filesystem::exists(root + "/.dockerenv", ignored)) json["kind"] = "docker";
  if (std::filesystem::exists(root + "/run/.containerenv", ignored)) json["kind"] = "podman";
  put_file(json, "cpu_max", root + "/sys/fs/cgroup/cpu.max");
  put_file(json, "memory_max", root + "/sys/fs/cgroup/memory.max");
  return json;
}

Json build_json() {
  const BuildInfo& build = build_info();
  return {{"version", build.version},
          {"commit", build.commit},
          {"build_type", build.build_type},
          {"compiler", build.compiler},
          {"flags", build.flags}};
}

Json named_json(std::span<const std::pair<std::string, std::string>> pairs) {
  Json json = Json::object();
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

std::vector<std::string_view> process_environment() {
  std::vector<std::string_view> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

bool changes_results(std::string_view name) {
  const bool known = std::any_of(kVariablePrefixes.begin(), kVariablePrefixes.end(),
                                 [&](std::string_view prefix) { return name.starts_with(prefix); });
  return known &&
         std::none_of(kSecretWords.begin(), kSecretWords.end(), [&](std::string_view word) {
           return name.find(word) != std::string_view::npos;
         });
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::vector<std::pair<std::string, std::string>> result_variables(
    std::span<const std::string_view> environment) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const std::string_view entry : environment) {
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || !changes_results(entry.substr(0, equals))) continue;
    variables.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  std::sort(variables.begin(), variables.end());
  return variables;
}

std::string environment_json(std::span<const LibraryVersion> libraries, const std::string& root) {
  const Json json = {{"system", system_json(root)},
                     {"cpu", cpu_json(root)},
                     {"memory", memory_json(root)},
                     {"container", container_json(root)},
                     {"build", build_json()},
                     {"libraries", named_json(libraries)},
                     {"variables", named_json(result_variables(process_environment()))}};
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gpubench
