#include "tuning/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "base/hash.h"
#include "kernels/contract.h"

namespace gpubench {
namespace {

std::uint32_t log2_floor(std::uint32_t value) {
  return value == 0 ? 0 : static_cast<std::uint32_t>(std::bit_width(value)) - 1;
}

bool is_of(const TuningEntry& entry, const TunedDevice& device, const ProblemClass& problem_class) {
  return entry.device == device && entry.problem_class == problem_class;
}

/// Alike but for the version and the build of the driver.
bool is_of_kind(TunedDevice known, const TunedDevice& device) {
  known.driver_version = device.driver_version;
  known.driver_info = device.driver_info;
  known.pipeline_cache_uuid = device.pipeline_cache_uuid;
  return known == device;
}

/// Of several shipped for one kind, that of this very driver, else the last.
const TuningEntry* find_entry(const TuningTable& table, const TunedDevice& device,
                              const ProblemClass& problem_class) {
  const auto found = std::ranges::find_if(
      table.entries, [&](const TuningEntry& entry) { return is_of(entry, device, problem_class); });
  if (found == table.entries.end() && table.origin == TableOrigin::shipped) {
    const TuningEntry* of_kind = nullptr;
    for (const TuningEntry& entry : table.entries) {
      if (entry.problem_class == problem_class && is_of_kind(entry.device, device)) {
        of_kind = &entry;
      }
    }
    return of_kind;
  }
  return found == table.entries.end() ? nullptr : &*found;
}

/// An entry that would be this one, were it not for the driver.
const TuningEntry* of_another_driver(const TuningTable& table, const TunedDevice& device,
                                     const ProblemClass& problem_class) {
  const auto found = std::ranges::find_if(table.entries, [&](const TuningEntry& entry) {
    return entry.problem_class == problem_class && entry.device.vendor_id == device.vendor_id &&
           entry.device.device_id == device.device_id;
  });
  return found == table.entries.end() ? nullptr : &*found;
}

/// The kernel's own choice gave a wrong output when it was tuned, and so did all others.
bool was_wrong(const TunedKernel& tuned) {
  return tuned.best() == nullptr && tuned.tried.front().trial.ending == Ending::wrong;
}

/// Empty where the tuned kernel may be used.
std::string unusable(const TunedKernel& tuned, TableOrigin origin, const Kernel& kernel,
                     const Problem& problem, Precision precision, const DeviceTraits& device) {
  const TriedTuning* best = tuned.best();
  if (was_wrong(tuned)) {
    return fmt::format("the tuner found {} wrong: {}", tuned.kernel, tuned.tried.front().trial.why);
  }
  if (tuned.is_undecided()) {
    return fmt::format("the budget was too short to tune {}", tuned.kernel);
  }
  if (tuned.is_left_out()) {
    return fmt::format("{} was not tuned: {}", tuned.kernel, tuned.tried.front().trial.why);
  }
  if (best == nullptr) return fmt::format("no tuning of {} could be timed", tuned.kernel);
  const auto launch = kernel.launch(problem, precision, device, best->tuning);
  if (!launch) return fmt::format("tuned {} is refused: {}", tuned.kernel, launch.error().message);
  // Compilers make other SPIR-V of the same shader; a table that is shipped meets them all.
  if (origin == TableOrigin::shipped) return "";
  if (tuned.code_hash != code_hash(kernel, problem, precision, device)) {
    return fmt::format("{} was tuned with other code", tuned.kernel);
  }
  return "";
}

bool failed_in(const TunedKernel& tuned, const Tuning& tuning) {
  const auto failed = [&](const TriedTuning& one) {
    const Ending ending = one.trial.ending;
    return one.tuning == tuning && (ending == Ending::wrong || ending == Ending::lost);
  };
  return std::ranges::any_of(tuned.tried, failed) || std::ranges::any_of(tuned.probed, failed);
}

/// What the comparison of the winner with the own choice rests on: the fewer samples of the two.
std::size_t evidence(const TunedKernel& tuned) {
  const std::size_t best = tuned.best()->trial.samples_s.size();
  const std::size_t own = tuned.tried.front().trial.samples_s.size();
  return own == 0 ? best : std::min(best, own);
}

/// A search in haste does not undo a thorough one.
bool outlives(const TunedKernel& known, const TunedKernel& later) {
  const TriedTuning* best = known.best();
  if (best == nullptr || known.code_hash != later.code_hash) return false;
  if (failed_in(later, best->tuning)) return false;
  return later.best() == nullptr || evidence(known) > evidence(later);
}

/// What the table has on the kernel; null if it has nothing.
const TunedKernel* find_tuned(const TuningTable& table, const Kernel& kernel,
                              const Problem& problem, Precision precision,
                              const DeviceTraits& device) {
  const TuningEntry* entry = find_entry(table, tuned_device(device), class_of(problem, precision));
  if (entry == nullptr) return nullptr;
  const auto tuned = std::ranges::find(entry->kernels, kernel.name, &TunedKernel::kernel);
  return tuned == entry->kernels.end() ? nullptr : &*tuned;
}

std::string_view driver_text(const TunedDevice& device) {
  return device.driver_info.empty() ? device.driver_version : device.driver_info;
}

TunedChoice choice_of(const TunedKernel& tuned, const Kernel& kernel, Problem problem) {
  const TriedTuning& best = *tuned.best();
  const double best_s = best.trial.median_s(), own_s = tuned.tried.front().trial.median_s();
  problem.shape = tuned.shape;
  return {&kernel,    best.tuning, own_s > 0 ? own_s / best_s : 1, flop(problem) / best_s,
          tuned.date, ""};
}

}  // namespace

TunedDevice tuned_device(const DeviceTraits& device) {
  return {device.name,
          device.vendor_id,
          device.device_id,
          device.driver_id,
          device.driver_version,
          device.driver_info,
          device.pipeline_cache_uuid,
          device.subgroup_size,
          device.max_shared_bytes};
}

ProblemClass class_of(const Problem& problem, Precision precision) {
  const Shape& shape = problem.shape;
  return {problem.op,
          precision,
          problem.layout,
          log2_floor(shape.m),
          log2_floor(shape.n),
          log2_floor(problem.op == Op::softmax ? 0 : shape.k),
          log2_floor(shape.batch),
          row_alignment(problem),
          problem.activation};
}

const TriedTuning* TunedKernel::best() const {
  const auto won = std::ranges::find_if(
      tried, [](const TriedTuning& one) { return one.trial.ending == Ending::won; });
  return won == tried.end() ? nullptr : &*won;
}

bool TunedKernel::is_undecided() const {
  return best() == nullptr && std::ranges::any_of(tried, [](const TriedTuning& one) {
           return one.trial.ending == Ending::undecided;
         });
}

bool TunedKernel::is_left_out() const {
  const Trial& own = tried.front().trial;
  return best() == nullptr && own.ending == Ending::not_tried && !own.why.empty();
}

std::vector<std::string> merge(TuningTable& table, TuningEntry entry) {
  const auto same = std::ranges::find_if(table.entries, [&](const TuningEntry& known) {
    return is_of(known, entry.device, entry.problem_class);
  });
  if (same == table.entries.end()) {
    table.entries.push_back(std::move(entry));
    return {};
  }
  std::vector<std::string> stay;
  for (TunedKernel& tuned : entry.kernels) {
    const auto known = std::ranges::find(same->kernels, tuned.kernel, &TunedKernel::kernel);
    if (known != same->kernels.end()) {
      if (outlives(*known, tuned)) {
        stay.push_back(tuned.kernel);
        continue;
      }
      same->kernels.erase(known);
    }
    same->kernels.push_back(std::move(tuned));
  }
  return stay;
}

TunedChoice tuned_choice(const TuningTable& table, const Kernel& kernel, const Problem& problem,
                         Precision precision, const DeviceTraits& device, std::string* why) {
  const TunedDevice here = tuned_device(device);
  const ProblemClass problem_class = class_of(problem, precision);
  const TuningEntry* entry = find_entry(table, here, problem_class);
  if (entry == nullptr) {
    const auto* other = of_another_driver(table, here, problem_class);
    if (other != nullptr && table.origin == TableOrigin::here) {
      *why = fmt::format("not tuned for this driver, only for {} {}", other->device.driver_id,
                         driver_text(other->device));
    }
    return {};
  }
  const auto tuned = std::ranges::find(entry->kernels, kernel.name, &TunedKernel::kernel);
  if (tuned == entry->kernels.end()) return {};
  *why = unusable(*tuned, table.origin, kernel, problem, precision, device);
  if (!why->empty()) return {};
  TunedChoice choice = choice_of(*tuned, kernel, problem);
  if (table.origin == TableOrigin::shipped) choice.driver = driver_text(entry->device);
  return choice;
}

bool found_wrong(const TuningTable& table, const Kernel& kernel, const Problem& problem,
                 Precision precision, const DeviceTraits& device) {
  const TunedKernel* tuned = find_tuned(table, kernel, problem, precision, device);
  return tuned != nullptr && was_wrong(*tuned) &&
         tuned->code_hash == code_hash(kernel, problem, precision, device);
}

bool found_slow(const TuningTable& table, const Kernel& kernel, const Problem& problem,
                Precision precision, const DeviceTraits& device) {
  const TunedKernel* tuned = find_tuned(table, kernel, problem, precision, device);
  if (tuned == nullptr || !tuned->is_left_out()) return false;
  return table.origin == TableOrigin::shipped ||
         tuned->code_hash == code_hash(kernel, problem, precision, device);
}

TunedChoice fastest_choice(const TuningTable& table, const Problem& problem, Precision precision,
                           const DeviceTraits& device) {
  TunedChoice fastest;
  for (const Kernel& kernel : catalogue()) {
    if (kernel.op != problem.op) continue;
    std::string why;
    const auto choice = tuned_choice(table, kernel, problem, precision, device, &why);
    if (choice.kernel != nullptr && choice.flops > fastest.flops) fastest = choice;
  }
  return fastest;
}

std::string code_hash(const Kernel& kernel, const Problem& problem, Precision precision,
                      const DeviceTraits& device) {
  const auto launch = kernel.launch(problem, precision, device);
  if (!launch) return "";
  std::set<std::string> modules;
  for (const Step& step : launch->steps({0, problem.shape.m})) modules.insert(step.pipeline.shader);
  std::string hashes;
  for (const std::string& module : modules) {
    hashes += content_hash(std::as_bytes(shader_code(module)));
  }
  return content_hash(hashes);
}

}  // namespace gpubench
