#include "run/prepare.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "run/strict_module.h"
#include "run/user_shader.h"

namespace gpubench {
namespace {

const std::string& shader_file(const KernelChoiceSpec& spec) {
  return spec.glsl_file.empty() ? spec.spirv_file : spec.glsl_file;
}

/// One file read as GLSL and as SPIR-V is two shaders.
std::string code_key(const KernelChoiceSpec& spec) {
  return (spec.glsl_file.empty() ? "spirv:" : "glsl:") + shader_file(spec);
}

Result<PreparedKernel> prepare_user(const KernelChoiceSpec& spec, const Problem& problem,
                                    Precision precision, const DeviceTraits& device,
                                    const UserCode& user_code) {
  UserKernel user{spec.tile_m, spec.tile_n, {}};
  for (const auto& [id, value] : spec.constants) user.constants.push_back({id, value});
  auto launch = launch_user_kernel(user, problem, precision, device);
  if (!launch) return launch.error();
  const std::string& file = shader_file(spec);
  const std::string name = "user:" + std::filesystem::path(file).filename().string();
  return PreparedKernel{name, "", std::move(launch).value(), user_code.at(code_key(spec))};
}

/// Whether `auto` settles on another kernel than it would without the table: only where the table
/// knows both, be it that one of them is wrong.
KernelChoice tuned_kernel(KernelChoice choice, const TunedChoice& fastest) {
  if (fastest.kernel == nullptr || fastest.kernel == choice.kernel) return choice;
  return {fastest.kernel, fmt::format("fastest when tuned on {}, before {}",
                                      fastest.date.substr(0, 10), choice.kernel->name)};
}

std::string gain_text(const TunedChoice& tuned) {
  const std::string from =
      tuned.driver.empty() ? "" : fmt::format(" elsewhere, with {}", tuned.driver);
  return tuned.tuning.empty() ? fmt::format("tuned on {}{}: its own tiles are the fastest",
                                            tuned.date.substr(0, 10), from)
                              : fmt::format("tuned on {}{}: {:.2f} times its own choice",
                                            tuned.date.substr(0, 10), from, tuned.gain);
}

/// Once, though both tables may say it.
void append_why(std::string& why, const std::string& more) {
  if (why.find(more) != std::string::npos) return;
  why += (why.empty() ? "" : "; ") + more;
}

Result<KernelChoice> choose(const KernelChoiceSpec& spec, const Problem& problem,
                            Precision precision, Build build, const DeviceTraits& device) {
  if (spec.name == "auto") return choose_kernel(problem, precision, build, device);
  const Kernel* named = find_kernel(problem.op, spec.name);
  if (named != nullptr) return KernelChoice{named, ""};
  return Error{ErrorKind::input,
               fmt::format("kernel \"{}\" is unknown for {}{}", spec.name, to_string(problem.op),
                           suggestion(spec.name, kernel_names(problem.op)))};
}

/// What the first table that knows the chosen kernel has for it, or, where the choice is free, for
/// the fastest, which is chosen then. `untuned` becomes why tables have nothing.
TunedChoice tune_choice(KernelChoice& choice, bool is_free, const Problem& problem,
                        Precision precision, const DeviceTraits& device,
                        const KernelSources& sources, std::string& untuned) {
  for (const TuningTable* table : {&sources.tuned, &sources.shipped}) {
    std::string why;
    TunedChoice tuned = tuned_choice(*table, *choice.kernel, problem, precision, device, &why);
    append_why(untuned, why);
    const bool others_are_better =
        found_wrong(*table, *choice.kernel, problem, precision, device) ||
        found_slow(*table, *choice.kernel, problem, precision, device);
    if (tuned.kernel == nullptr && !others_are_better) continue;
    if (!is_free) return tuned;
    tuned = fastest_choice(*table, problem, precision, device);
    choice = tuned_kernel(choice, tuned);
    return tuned;
  }
  return {};
}

Result<PreparedKernel> prepare_catalogue(const KernelChoiceSpec& spec, const Problem& problem,
                                         Precision precision, const DeviceTraits& device,
                                         const KernelSources& sources) {
  const Build build = parse_build(spec.build).value_or(Build::as_is);
  auto chosen = choose(spec, problem, precision, build, device);
  if (!chosen) return chosen.error();
  KernelChoice choice = *std::move(chosen);
  const std::string lacking = without(*choice.kernel, precision, build);
  if (!lacking.empty()) return Error{ErrorKind::unsupported, lacking};
  std::string untuned;
  TunedChoice tuned;
  // Other code, which the table says nothing about, is what a strict build is.
  if (build == Build::as_is) {
    tuned = tune_choice(choice, spec.name == "auto", problem, precision, device, sources, untuned);
  }
  auto launch = choice.kernel->launch(problem, precision, device, tuned.tuning);
  if (!launch) return launch.error();
  append_why(choice.why, untuned);
  if (tuned.kernel != nullptr) {
    append_why(choice.why, gain_text(tuned));
    launch->params += " tuned";
  }
  return PreparedKernel{
      std::string(choice.kernel->name), choice.why, std::move(launch).value(), {}};
}

/// Every module that a launch uses, rewritten once.
PreparedKernel strict(PreparedKernel kernel, std::uint32_t rows, const DeviceTraits& device) {
  std::map<std::string, std::vector<std::uint32_t>> modules;
  for (const Step& step : kernel.launch.steps({0, rows})) {
    const std::string& shader = step.pipeline.shader;
    if (modules.contains(shader)) continue;
    modules.emplace(shader, strict_module(code_of(kernel, step.pipeline), device));
  }
  kernel.strict_code = std::move(modules);
  return kernel;
}

}  // namespace

Result<UserCode> load_user_code(const std::vector<Case>& cases) {
  UserCode code;
  for (const Case& planned : cases) {
    if (shader_file(planned.kernel).empty()) continue;
    const std::string key = code_key(planned.kernel);
    if (code.contains(key)) continue;
    auto words = load_user_shader(planned.kernel);
    if (!words) return words.error();
    code.emplace(key, std::move(words).value());
  }
  return code;
}

std::span<const std::uint32_t> user_code_of(const KernelChoiceSpec& spec,
                                            const UserCode& user_code) {
  const auto found = user_code.find(code_key(spec));
  if (found == user_code.end()) return {};
  return found->second;
}

Result<PreparedKernel> prepare_kernel(const KernelChoiceSpec& spec, const Problem& problem,
                                      Precision precision, const DeviceTraits& device,
                                      const KernelSources& sources) {
  auto kernel = shader_file(spec).empty()
                    ? prepare_catalogue(spec, problem, precision, device, sources)
                    : prepare_user(spec, problem, precision, device, sources.user_code);
  if (!kernel || parse_build(spec.build) != Build::strict) return kernel;
  return strict(std::move(kernel).value(), problem.shape.m, device);
}

}  // namespace gpubench
