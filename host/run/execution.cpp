#include "run/execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <span>

#include "base/half.h"
#include "base/hash.h"
#include "kernels/fill.h"

namespace gpubench {
namespace {

// Elements made, quantised and sent at a time: 64 MiB of fp32, small beside any operand for which
// memory matters.
constexpr std::uint64_t kChunkElements = 16ULL << 20;

// 1.0 as fp32, and as two fp16 numbers; see InputData::constant.
constexpr std::uint32_t kOneF32 = 0x3F800000U;
constexpr std::uint32_t kOneF16 = 0x3C003C00U;

constexpr std::array kInputRoles = {BufferRole::a, BufferRole::b, BufferRole::bias};
constexpr std::array kSharedRoles = {BufferRole::c, BufferRole::scratch0, BufferRole::scratch1};
constexpr std::array kScratchRoles = {BufferRole::scratch0, BufferRole::scratch1};

const char* role_name(BufferRole role) {
  constexpr std::array kNames = {"a", "b", "bias", "c", "scratch0", "scratch1", ""};
  return kNames.at(static_cast<std::size_t>(role));
}

Tensor tensor_of(BufferRole role) {
  if (role == BufferRole::a) return Tensor::a;
  return role == BufferRole::b ? Tensor::b : Tensor::bias;
}

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
  const std::size_t end = bytes.size();
  bytes.resize(end + sizeof value);
  std::memcpy(bytes.data() + end, &value, sizeof value);
}

std::uint64_t elements_of(const Problem& problem, BufferRole role) {
  switch (role) {
    case BufferRole::a:
      return problem.a_elements();
    case BufferRole::b:
      return problem.b_elements();
    case BufferRole::bias:
      return problem.bias_elements();
    case BufferRole::c:
      return problem.c_elements();
    default:
      return 0;
  }
}

}  // namespace

Execution::Execution(Device& device, Problem problem, Precision precision,
                     const PreparedKernel& kernel)
    : device_(device), problem_(std::move(problem)), precision_(precision), kernel_(&kernel) {}

Result<std::unique_ptr<Execution>> Execution::create(Device& device, const Problem& problem,
                                                     Precision precision,
                                                     const PreparedKernel& kernel, InputData data,
                                                     std::uint32_t copies) {
  std::unique_ptr<Execution> execution(new Execution(device, problem, precision, kernel));
  if (auto allocated = execution->allocate(copies); !allocated) return allocated.error();
  if (auto filled = execution->fill_inputs(data); !filled) return filled.error();
  const auto whole = execution->set_bands({{0, problem.shape.m}});
  if (!whole) return whole.error();
  return execution;
}

std::uint64_t Execution::bytes_of(BufferRole role) const {
  if (role == BufferRole::scratch0) return kernel_->launch.scratch0_bytes;
  if (role == BufferRole::scratch1) return kernel_->launch.scratch1_bytes;
  return elements_of(problem_, role) * format_bytes_of(storage(precision_));
}

Result<BufferPtr> Execution::allocate_role(BufferRole role) const {
  auto buffer = device_.allocate(bytes_of(role));
  if (!buffer) {
    return Error{buffer.error().kind,
                 fmt::format("buffer {}: {}", role_name(role), buffer.error().message)};
  }
  return buffer;
}

Outcome Execution::allocate(std::uint32_t copies) {
  for (const BufferRole role : kSharedRoles) {
    if (bytes_of(role) == 0) continue;
    auto buffer = allocate_role(role);
    if (!buffer) return buffer.error();
    // Scratch begins as zeros: that is the contract with a user's shader.
    if (auto zeroed = device_.fill(**buffer, 0); !zeroed) return zeroed;
    shared_.push_back({role, std::move(buffer).value()});
  }
  inputs_.resize(copies);
  for (OperandSet& set : inputs_) {
    for (const BufferRole role : kInputRoles) {
      if (bytes_of(role) == 0) continue;
      auto buffer = allocate_role(role);
      if (!buffer) return buffer.error();
      set.push_back({role, std::move(buffer).value()});
    }
  }
  return Done{};
}

Outcome Execution::fill_inputs(InputData data) {
  const std::uint32_t one = storage(precision_) == Format::f16 ? kOneF16 : kOneF32;
  for (OperandSet& set : inputs_) {
    for (Operand& operand : set) {
      const auto filled = data == InputData::constant ? device_.fill(*operand.buffer, one)
                                                      : upload_fill(*operand.buffer, operand.role);
      if (!filled) return filled;
    }
  }
  return Done{};
}

/// Elements are made, quantised and sent chunk by chunk, so that no second copy of a whole operand
/// is ever in host memory.
Outcome Execution::upload_fill(Buffer& buffer, BufferRole role) const {
  const std::uint64_t total = elements_of(problem_, role);
  const Format format = storage(precision_);
  std::vector<float> chunk(std::min(total, kChunkElements));
  std::vector<HalfBits> halves(format == Format::f16 ? chunk.size() : 0);
  for (std::uint64_t first = 0; first < total; first += chunk.size()) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), total - first));
    const std::span<float> values(chunk.data(), count);
    if (auto made = fill_tensor(problem_, tensor_of(role), first, values); !made) return made;
    std::span<const std::byte> bytes = std::as_bytes(values);
    if (format == Format::f16) {
      const std::span<HalfBits> narrow(halves.data(), count);
      halves_from_floats(values, narrow);
      bytes = std::as_bytes(narrow);
    }
    if (auto sent = device_.upload(buffer, first * format_bytes_of(format), bytes); !sent) {
      return sent;
    }
  }
  return Done{};
}

/// Null when the launch has no such buffer.
Buffer* Execution::buffer(BufferRole role, std::uint32_t copy) const {
  const auto find_in = [&](const OperandSet& set) -> Buffer* {
    const auto found = std::find_if(set.begin(), set.end(),
                                    [&](const Operand& operand) { return operand.role == role; });
    return found == set.end() ? nullptr : found->buffer.get();
  };
  Buffer* input = find_in(inputs_[copy]);
  return input != nullptr ? input : find_in(shared_);
}

Result<const Pipeline*> Execution::pipeline_for(const PipelineSpec& spec) {
  auto pipeline = device_.pipeline(code_of(*kernel_, spec), spec);
  if (!pipeline) return pipeline.error();
  pipelines_.push_back(std::move(pipeline).value());
  return static_cast<const Pipeline*>(pipelines_.back().get());
}

Result<std::vector<Dispatch>> Execution::dispatches_for(const Band& band, std::uint32_t copy) {
  std::vector<Dispatch> dispatches;
  for (const Step& step : kernel_->launch.steps({band.begin, band.end})) {
    const auto pipeline = pipeline_for(step.pipeline);
    if (!pipeline) return pipeline.error();
    Dispatch dispatch{*pipeline, {}, step.groups, {}};
    for (const PushField& field : step.push) {
      if (field.kind == PushField::Kind::address) {
        const Buffer* addressed = buffer(field.role, copy);
        append(dispatch.push, std::uint64_t{addressed == nullptr ? 0 : addressed->address()});
      } else {
        append(dispatch.push, field.value);
      }
    }
    for (const TexelBuffer& texels : step.pipeline.texels) {
      dispatch.texels.push_back(buffer(texels.role, copy));
    }
    dispatches.push_back(std::move(dispatch));
  }
  return dispatches;
}

/// Memory that is large enough already is used again.
Outcome Execution::make_scratch(BufferRole role) {
  if (bytes_of(role) == 0) return Done{};
  auto held = std::ranges::find(shared_, role, &Operand::role);
  if (held != shared_.end() && held->buffer->bytes() < bytes_of(role)) {
    shared_.erase(held);
    held = shared_.end();
  }
  if (held == shared_.end()) {
    auto buffer = allocate_role(role);
    if (!buffer) return buffer.error();
    shared_.push_back({role, std::move(buffer).value()});
    held = std::prev(shared_.end());
  }
  return device_.fill(*held->buffer, 0);
}

Outcome Execution::set_kernel(const PreparedKernel& kernel) {
  kernel_ = &kernel;
  bands_.clear();
  pipelines_.clear();
  for (const BufferRole role : kScratchRoles) {
    if (auto made = make_scratch(role); !made) return made;
  }
  return set_bands({{0, problem_.shape.m}});
}

Outcome Execution::set_bands(const std::vector<Band>& bands) {
  bands_.clear();
  for (const Band& band : bands) {
    auto& per_copy = bands_.emplace_back();
    for (std::uint32_t copy = 0; copy < inputs_.size(); ++copy) {
      auto dispatches = dispatches_for(band, copy);
      if (!dispatches) return dispatches.error();
      per_copy.push_back(std::move(dispatches).value());
    }
  }
  return Done{};
}

/// One band: all launches in one submission, so that tiny kernels are timed as a batch. Several
/// bands: a submission for each, so that none of them runs into a watchdog.
Result<Sample> Execution::launch(std::uint32_t launches) {
  Sample total;
  std::vector<Dispatch> batch;
  for (std::uint32_t i = 0; i < launches; ++i) {
    for (const auto& band : bands_) {
      const std::vector<Dispatch>& dispatches = band[next_copy_];
      batch.insert(batch.end(), dispatches.begin(), dispatches.end());
      if (bands_.size() == 1 && i + 1 < launches) continue;
      const auto time = device_.submit(batch);
      if (!time) return time.error();
      total.gpu_s += time->gpu_s;
      total.host_s += time->host_s;
      batch.clear();
    }
    next_copy_ = (next_copy_ + 1) % static_cast<std::uint32_t>(inputs_.size());
  }
  return total;
}

Result<Sample> Execution::empty_submission() {
  const auto time = device_.submit({});
  if (!time) return time.error();
  return Sample{time->gpu_s, time->host_s};
}

Outcome Execution::set_operands(std::span<const float> a, std::span<const float> b) {
  const bool half = storage(precision_) == Format::f16;
  std::vector<HalfBits> halves;
  for (OperandSet& set : inputs_) {
    for (Operand& operand : set) {
      if (operand.role == BufferRole::bias) {
        if (auto zeroed = device_.fill(*operand.buffer, 0); !zeroed) return zeroed;
        continue;
      }
      const std::span<const float> values = operand.role == BufferRole::a ? a : b;
      halves.resize(half ? values.size() : 0);
      if (half) halves_from_floats(values, halves);
      const auto bytes = half ? std::as_bytes(std::span(halves)) : std::as_bytes(values);
      if (auto sent = device_.upload(*operand.buffer, 0, bytes); !sent) return sent;
    }
  }
  return Done{};
}

Outcome Execution::poison_output() {
  const std::uint32_t pattern = storage(precision_) == Format::f16
                                    ? (std::uint32_t{kPoisonF16} << 16) | kPoisonF16
                                    : kPoisonF32;
  return device_.fill(*shared_.front().buffer, pattern);
}

Result<OutputView> Execution::output() {
  assert(shared_.front().role == BufferRole::c && "the output is the first shared operand");
  Buffer& buffer = *shared_.front().buffer;
  std::span<std::byte> bytes = buffer.mapped();
  if (bytes.empty()) {
    host_output_.resize(buffer.bytes());
    if (auto read = device_.download(buffer, 0, host_output_); !read) return read.error();
    bytes = host_output_;
  }
  const auto count = static_cast<std::size_t>(problem_.c_elements());
  OutputView view;
  if (storage(precision_) == Format::f16) {
    view.f16 = {reinterpret_cast<const HalfBits*>(bytes.data()), count};
  } else {
    view.f32 = {reinterpret_cast<const float*>(bytes.data()), count};
  }
  return view;
}

Result<std::string> Execution::overwritten_guard() {
  std::vector<Operand*> operands;
  for (Operand& operand : shared_) operands.push_back(&operand);
  for (OperandSet& set : inputs_) {
    for (Operand& operand : set) operands.push_back(&operand);
  }
  for (Operand* operand : operands) {
    std::string where;
    const auto intact = device_.guards_intact(*operand->buffer, &where);
    if (!intact) return intact.error();
    if (!*intact)
      return fmt::format("buffer {} was written {} byte", role_name(operand->role), where);
  }
  return std::string();
}

std::span<const std::uint32_t> code_of(const PreparedKernel& kernel, const PipelineSpec& spec) {
  const auto strict = kernel.strict_code.find(spec.shader);
  if (strict != kernel.strict_code.end()) return strict->second;
  return kernel.user_code.empty() ? shader_code(spec.shader)
                                  : std::span<const std::uint32_t>(kernel.user_code);
}

std::string kernel_hash(const PreparedKernel& kernel, std::uint32_t rows) {
  std::string text;
  for (const Step& step : kernel.launch.steps({0, rows})) {
    text += content_hash(std::as_bytes(code_of(kernel, step.pipeline)));
    for (const SpecConstant& constant : step.pipeline.constants) {
      text += fmt::format("/{}={}", constant.id, constant.value);
    }
  }
  return content_hash(text);
}

}  // namespace gpubench
