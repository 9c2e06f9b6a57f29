#include "report/listings.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "report/case_label.h"
#include "report/numbers.h"
#include "report/width.h"

namespace gpubench {
namespace {

/// "    driver      text", the text wrapped under itself.
std::string fact(std::string_view name, std::string_view text, const ConsoleStyle& style) {
  constexpr std::size_t kColumn = 16;
  const WrapBox box{.width = style.width, .first_column = kColumn, .indent = kColumn};
  return pad_right("    " + std::string(name), kColumn) + wrap(printable(text), box) + '\n';
}

std::string type_text(const DeviceTraits& traits) {
  return traits.is_software() ? "software: runs on the CPU, not on a GPU" : to_string(traits.type);
}

std::string fp16_text(const DeviceTraits& traits) {
  if (traits.shader_float16 && traits.storage_16bit) return "arithmetic and storage";
  if (traits.shader_float16) return "arithmetic only, no 16-bit storage";
  return traits.storage_16bit ? "storage only, no arithmetic" : "no";
}

std::string subgroup_text(const DeviceTraits& traits) {
  if (!traits.subgroup_size_control) return fmt::format("{}", traits.subgroup_size);
  return fmt::format("{}, can be set from {} to {}", traits.subgroup_size, traits.min_subgroup_size,
                     traits.max_subgroup_size);
}

std::string memory_text(const DeviceTraits& traits) {
  return fmt::format("{} device-local, {} largest buffer, {} shared by a workgroup",
                     format_bytes(traits.device_local_bytes), format_bytes(traits.max_buffer_bytes),
                     format_bytes(traits.max_shared_bytes));
}

std::string matrices_text(const DeviceTraits& traits) {
  if (traits.cooperative_matrices.empty()) return "none";
  std::vector<std::string> shapes;
  for (const CooperativeMatrixShape& shape : traits.cooperative_matrices) {
    std::string text =
        fmt::format("{}×{}×{} {}→{}", shape.m, shape.n, shape.k, shape.a_type, shape.result_type);
    if (std::find(shapes.begin(), shapes.end(), text) == shapes.end()) shapes.push_back(text);
  }
  return join(shapes, ", ");
}

std::string timestamps_text(const DeviceTraits& traits) {
  if (!traits.timestamps) return "none: times come from the host's clock";
  return fmt::format("{} bits, {} ns a tick", traits.timestamp_valid_bits,
                     shortest(traits.timestamp_period_ns));
}

std::string device_block(const DeviceEntry& entry, const ConsoleStyle& style) {
  const DeviceTraits& traits = entry.traits;
  const std::string index = fmt::format("[{}] ", entry.index);
  const std::string name = clip_end(printable(traits.name), style.width - display_width(index));
  std::string text = paint(index + name, Tint::strong, style.colour) + '\n';
  text += fact("type", type_text(traits), style);
  text += fact("driver",
               fmt::format("{} {}, Vulkan {}", traits.driver_id,
                           traits.driver_info.empty() ? traits.driver_version : traits.driver_info,
                           traits.api_version),
               style);
  text += fact("uuid", traits.uuid, style);
  text += fact("fp16", fp16_text(traits), style);
  text += fact("subgroup", subgroup_text(traits), style);
  text += fact("memory", memory_text(traits), style);
  text += fact("matrices", matrices_text(traits), style);
  text += fact("timestamps", timestamps_text(traits), style);
  for (const std::string& refusal : entry.refusals) text += fact("REFUSED", refusal, style);
  return text;
}

/// Work as "137 GFLOP".
std::string work_text(double flop) {
  return format_rate(flop, "FLOP");
}

std::vector<Cell> cells_of(const PlannedEntry& entry, const std::string& label) {
  return {{label},
          {work_text(entry.flop)},
          {entry.device_bytes > 0 ? format_bytes(entry.device_bytes) : "unknown"},
          {entry.seconds ? format_seconds(*entry.seconds) : "unknown"},
          entry.dropped ? Cell{"not run", Tint::caution} : Cell{}};
}

/// A table of the entries of one operation, labelled as the run's own tables will be.
std::string dry_run_table(std::span<const PlannedEntry* const> entries, const ConsoleStyle& style) {
  std::vector<Row> rows(entries.size());
  std::vector<const Row*> pointers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].planned = entries[i]->planned;
    pointers.push_back(&rows[i]);
  }
  const CaseLabels labels = case_labels(pointers);
  Table table({{"case", Align::left}, {"work"}, {"memory"}, {"at least"}, {"", Align::left}});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.add(cells_of(*entries[i], labels.labels[i]));
  }
  const std::string title =
      fmt::format("{}: {}", to_string(rows.front().planned.problem.op), printable(labels.common));
  return wrap(title, {.width = style.width, .indent = 2}) + '\n' + table.render(style) + '\n';
}

/// Entries by operation, in the order in which the operations appear.
std::map<std::size_t, std::vector<const PlannedEntry*>> by_op(
    std::span<const PlannedEntry> entries) {
  std::map<std::size_t, std::vector<const PlannedEntry*>> groups;
  for (const PlannedEntry& entry : entries) {
    const auto first = std::find_if(entries.begin(), entries.end(), [&](const auto& candidate) {
      return candidate.planned.problem.op == entry.planned.problem.op;
    });
    groups[static_cast<std::size_t>(first - entries.begin())].push_back(&entry);
  }
  return groups;
}

/// "21 cases: 18 would run, in no less than 1 min 12 s; 3 would not"
std::string sum_text(std::span<const PlannedEntry> entries) {
  std::size_t running = 0;
  std::size_t unknown = 0;
  double seconds = 0;
  for (const PlannedEntry& entry : entries) {
    if (entry.dropped) continue;
    ++running;
    seconds += entry.seconds.value_or(0);
    if (!entry.seconds) ++unknown;
  }
  std::string text = fmt::format("{}: {} would run", cases_word(entries.size()), running);
  if (running > unknown) text += ", in no less than " + format_seconds(seconds);
  if (unknown > 0) text += fmt::format(" ({} of unknown time)", unknown);
  return text + fmt::format("; {} would not\n", entries.size() - running);
}

/// Cases whose own shader says something else than they do; no device is needed to see that.
std::string not_as_declared_text(std::span<const PlannedEntry> entries, const ConsoleStyle& style) {
  std::string text;
  for (const PlannedEntry& entry : entries) {
    if (!entry.declared) continue;
    const std::string said = contradiction(entry.planned.precision, *entry.declared);
    if (said.empty()) continue;
    const std::string line = short_label(entry.planned) + ": not as declared: " + said;
    text += "  " + wrap(printable(line), {style.width, 2, 6}) + '\n';
  }
  return text;
}

/// What all kernels together declare on each path: the counts of spirv_* columns.
std::string paths_table(std::span<const KernelEntry> kernels, const ConsoleStyle& style) {
  Table table({{"path", Align::left},
               {"FP32"},
               {"FP16"},
               {"to FP16"},
               {"bf16"},
               {"relaxed"},
               {"no contraction"}});
  for (const std::string_view name : precision_names()) {
    DeclaredArithmetic sum;
    for (const KernelEntry& entry : kernels) {
      if (to_string(entry.precision) == name) sum += entry.declared;
    }
    table.add({{std::string(name)},
               {fmt::format("{}", sum.fp32)},
               {fmt::format("{}", sum.fp16)},
               {fmt::format("{}", sum.to_fp16)},
               {fmt::format("{}", sum.bf16)},
               {fmt::format("{}", sum.relaxed)},
               {fmt::format("{}", sum.no_contraction)}});
  }
  return "Instructions in the SPIR-V of these kernels\n" + table.render(style);
}

std::string absent_text(std::span<const KernelEntry> kernels, std::string_view device,
                        const ConsoleStyle& style) {
  if (device.empty()) return "No device here that could say what is absent on it\n";
  std::string text;
  for (const KernelEntry& entry : kernels) {
    if (entry.absent.empty()) continue;
    const std::string line =
        fmt::format("{} {} {}: {}", to_string(entry.kernel->op), entry.kernel->name,
                    to_string(entry.precision), entry.absent);
    text += "  " + wrap(printable(line), {style.width, 2, 6}) + '\n';
  }
  const std::string title = fmt::format("Absent on {}{}", device, text.empty() ? ": nothing" : "");
  return wrap(printable(title), {style.width, 0, 2}) + '\n' + text;
}

}  // namespace

std::string cases_word(std::size_t count) {
  return fmt::format("{} case{}", count, count == 1 ? "" : "s");
}

std::string devices_text(std::span<const DeviceEntry> devices, const ConsoleStyle& style) {
  std::string text;
  for (const DeviceEntry& entry : devices) {
    if (!text.empty()) text += '\n';
    text += device_block(entry, style);
  }
  return text;
}

std::string kernels_text(std::span<const KernelEntry> kernels, std::string_view device,
                         const ConsoleStyle& style) {
  Table table({{"op", Align::left}, {"kernel", Align::left}, {"what it does", Align::left}});
  const Kernel* last = nullptr;
  for (const KernelEntry& entry : kernels) {
    if (entry.kernel == last) continue;
    last = entry.kernel;
    table.add({{std::string(to_string(last->op))},
               {std::string(last->name)},
               {std::string(last->summary)}});
  }
  return table.render(style) + '\n' + paths_table(kernels, style) + '\n' +
         absent_text(kernels, device, style);
}

std::string kernels_json(std::span<const KernelEntry> kernels) {
  auto list = nlohmann::ordered_json::array();
  for (const KernelEntry& entry : kernels) {
    const DeclaredArithmetic& declared = entry.declared;
    list.push_back({{"op", to_string(entry.kernel->op)},
                    {"kernel", entry.kernel->name},
                    {"summary", entry.kernel->summary},
                    {"precision", to_string(entry.precision)},
                    {"spirv_fp32", declared.fp32},
                    {"spirv_fp16", declared.fp16},
                    {"spirv_to_fp16", declared.to_fp16},
                    {"spirv_bf16", declared.bf16},
                    {"spirv_relaxed", declared.relaxed},
                    {"spirv_no_contraction", declared.no_contraction},
                    {"spirv_modes", declared.modes},
                    {"declared_evidence", to_string(declared_evidence(entry.precision, declared))},
                    {"absent", entry.absent}});
  }
  return list.dump(2) + '\n';
}

std::string scenarios_text(std::span<const ScenarioEntry> scenarios, const ConsoleStyle& style) {
  std::string text;
  for (const ScenarioEntry& entry : scenarios) {
    text += fmt::format("{}  {}\n", paint(printable(entry.file), Tint::strong, style.colour),
                        cases_word(entry.cases));
    text += "    " + wrap(printable(entry.description), {style.width, 4, 4}) + '\n';
  }
  return text;
}

std::string cases_text(const Plan& plan) {
  std::string text;
  for (const Case& planned : plan.cases) text += planned.id + '\n';
  return text;
}

std::string dry_run_text(std::span<const PlannedEntry> entries, const ConsoleStyle& style) {
  std::string text;
  for (const auto& [first, group] : by_op(entries)) text += dry_run_table(group, style);
  text += sum_text(entries);
  for (const PlannedEntry& entry : entries) {
    if (!entry.dropped) continue;
    const std::string reason = fmt::format("{}: {}: {}", short_label(entry.planned),
                                           entry.dropped->code, entry.dropped->text);
    text += "  " + wrap(printable(reason), {style.width, 2, 6}) + '\n';
  }
  return text + not_as_declared_text(entries, style);
}

}  // namespace gpubench
