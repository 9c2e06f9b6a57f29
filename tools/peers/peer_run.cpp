#include "peers/peer_run.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>

#include "base/hash.h"
#include "base/text.h"
#include "plan/expand.h"
#include "record/build_info.h"
#include "record/environment.h"
#include "record/run_folder.h"
#include "record/run_id.h"
#include "run/checker.h"
#include "timing/sampler.h"
#include "timing/statistics.h"

namespace gpubench::peers {
namespace {

/// 32 hexadecimal digits as an identity is written.
std::string uuid_of(const std::string& hash) {
  return hash.substr(0, 8) + '-' + hash.substr(8, 4) + '-' + hash.substr(12, 4) + '-' +
         hash.substr(16, 4) + '-' + hash.substr(20, 12);
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown CPU";
}

/// The CPU as this library uses it. `other`, since it is no Vulkan device.
DeviceTraits device_of(const CpuLibrary& library) {
  DeviceTraits device;
  device.name = cpu_name();
  device.type = DeviceType::other;
  device.driver_id = library.name;
  device.driver_version = library.version();
  device.driver_info = library.params();
  device.uuid = uuid_of(content_hash("cpu " + device.name));
  return device;
}

std::string environment_of(const DeviceTraits& device) {
  return content_hash(device.name + '\n' + device.driver_id + '\n' + device.driver_version + '\n' +
                      device.driver_info);
}

std::string resolved_scenario(const PeerRequest& request) {
  return fmt::format(
      "name: peer_{}\nseed: {}\nbudget: {}s\ncases:\n"
      "  - {{op: gemm, size: [{}], precision: fp32, kernel: {}}}\n",
      request.library.name, request.seed, shortest(request.budget_s),
      fmt::join(request.sizes, ", "), request.library.name);
}

std::string json_of(const DeviceTraits& device) {
  const nlohmann::ordered_json facts = {{"name", device.name},
                                        {"library", device.driver_id},
                                        {"version", device.driver_version},
                                        {"params", device.driver_info}};
  return facts.dump();
}

RunDocument document_of(const PeerRequest& request, const DeviceTraits& device) {
  const auto now = RunClock::now();
  const std::string name = fmt::format("peer_{}", request.library.name);
  RunDocument document;
  document.facts.run_id = make_run_id(now, name, random_salt());
  document.facts.started_at = utc_timestamp(now);
  document.facts.tool_version = build_info().version;
  document.facts.tool_commit = build_info().commit;
  document.facts.host = host_name();
  document.facts.scenario = name;
  document.facts.labels = fmt::format("peer={}", request.library.name);
  document.resolved_scenario = resolved_scenario(request);
  document.facts.scenario_hash = content_hash(document.resolved_scenario);
  document.scenario_file = "gpubench_cpu_peer";
  document.sessions.push_back({document.facts.started_at, "", "running", request.command_line});
  const std::pair<std::string, std::string> library{request.library.name, device.driver_version};
  document.environment_json = environment_json(std::span(&library, 1));
  document.devices.push_back({device.uuid, environment_of(device), json_of(device)});
  return document;
}

Case case_of(const PeerRequest& request, std::uint32_t size) {
  Case planned;
  planned.problem.shape = {.m = size, .n = size, .k = size};
  planned.problem.seed = request.seed;
  planned.kernel.name = std::string(request.library.name);
  planned.budget_s = request.budget_s;
  planned.id = case_id(planned);
  return planned;
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// One size, from its inputs to its row.
class PeerCase {
 public:
  PeerCase(const PeerRequest& request, Case planned, Row blank)
      : library_(request.library), row_(std::move(blank)) {
    row_.planned = std::move(planned);
    row_.kernel = library_.name;
    row_.kernel_params = library_.params();
    row_.kernel_hash = content_hash(row_.kernel + library_.version() + row_.kernel_params);
  }

  Result<Row> run() {
    auto inputs = make_inputs(row_.planned.problem, Format::f32);
    if (!inputs) return inputs.error();
    inputs_ = std::move(inputs).value();
    if (auto ready = checker_.prepare(row_.planned); !ready) return ready.error();
    output_ = FloatArray(row_.planned.problem.c_elements());
    const double first_s = multiply(1);
    if (!judge()) return std::move(row_);
    if (auto timed = time(first_s); !timed) return timed.error();
    if (!judge()) row_.series.reset();
    return std::move(row_);
  }

 private:
  /// Seconds; into an output that was NaN before.
  double multiply(std::uint32_t times) {
    std::ranges::fill(output_.span(), std::numeric_limits<float>::quiet_NaN());
    const double begin = steady_seconds();
    for (std::uint32_t i = 0; i < times; ++i) {
      library_.multiply(row_.planned.problem.shape, inputs_, output_.data());
    }
    return steady_seconds() - begin;
  }

  bool judge() {
    const OutputView view{{output_.data(), output_.span().size()}, {}};
    judgement_ = checker_.judge(view, judgement_ ? &*judgement_ : nullptr);
    row_.check = judgement_->facts;
    row_.end_to_end = judgement_->end_to_end;
    row_.reason = judgement_->reason;
    const bool right = judgement_->check.status != CheckStatus::failed;
    row_.status = right ? RowStatus::ok : RowStatus::failed;
    return right;
  }

  Outcome time(double first_s) {
    SamplerOptions options;
    options.timer = TimerKind::host;
    options.known_launch_s = first_s;
    options.stopping.budget_s = row_.planned.budget_s;
    const auto measure = [&](std::uint32_t times) {
      return Result<Sample>(Sample{kNoTime, multiply(times)});
    };
    const auto series = sample(options, measure, steady_seconds, [] { return false; });
    if (!series) return series.error();
    row_.series = *series;
    row_.timing = summarise(*series);
    return Done{};
  }

  const CpuLibrary& library_;
  Row row_;
  Inputs inputs_;
  FloatArray output_;
  Checker checker_;
  std::optional<Judgement> judgement_;  ///< Of the output judged last.
};

}  // namespace

Result<PeerSummary> run_peer(const PeerRequest& request) {
  const DeviceTraits device = device_of(request.library);
  auto folder = RunFolder::create(request.results_dir, document_of(request, device));
  if (!folder) return folder.error();
  Row blank;
  blank.run = &folder->facts();
  blank.device = device;
  blank.env_id = environment_of(device);
  PeerSummary summary{folder->path()};
  for (const std::uint32_t size : request.sizes) {
    auto row = PeerCase(request, case_of(request, size), blank).run();
    const Outcome kept = row ? folder->append(*row) : Outcome(row.error());
    if (!kept) {
      [[maybe_unused]] const Outcome noted =
          folder->abandon(kept.error().message, utc_timestamp(RunClock::now()));
      return kept.error();
    }
    ++(row->status == RowStatus::ok ? summary.good : summary.wrong);
  }
  if (auto closed = folder->finish(RunEnd::finished, utc_timestamp(RunClock::now())); !closed) {
    return closed.error();
  }
  return summary;
}

}  // namespace gpubench::peers
