// execution.h — one case on one device: its buffers, its pipelines, and the launch as bands.
// Knows how to run it and how long that took; not whether the result is right.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device.h"
#include "drift/drift.h"
#include "kernels/kernel.h"
#include "plan/case.h"
#include "timing/batching.h"
#include "timing/sample.h"

namespace gpubench {

/// A kernel settled on for a case, with its code.
struct PreparedKernel {
  std::string name;  ///< Column kernel.
  std::string why;   ///< Why `auto` took it; empty when it was asked for by name.
  Launch launch;
  std::vector<std::uint32_t> user_code;  ///< Empty for kernels of the catalogue.
  /// Modules of the strict build, which take the place of the shaders of these names.
  std::map<std::string, std::vector<std::uint32_t>> strict_code{};
};

/// How the inputs come into memory before the launch.
enum class InputData : std::uint8_t {
  from_fill,  ///< The problem's own, quantised to the storage format.
  constant,   ///< One small nonzero number: for probing a rate, where values do not matter.
};

class Execution {
 public:
  /// Allocates and fills everything; `copies` input sets lie apart so that launches can rotate
  /// over them (1: always the same set).
  static Result<std::unique_ptr<Execution>> create(Device& device, const Problem& problem,
                                                   Precision precision,
                                                   const PreparedKernel& kernel, InputData data,
                                                   std::uint32_t copies);

  /// Another kernel for the same problem and inputs, which must outlive this object or the next
  /// such call. Its scratch memory begins as zeros, its launch as one band.
  Outcome set_kernel(const PreparedKernel& kernel);
  /// Cuts each launch into these bands from now on.
  Outcome set_bands(const std::vector<Band>& bands);
  [[nodiscard]] std::size_t bands() const { return bands_.size(); }

  /// `launches` whole launches; times are for all of them together.
  Result<Sample> launch(std::uint32_t launches);
  /// An empty submission, to know what the timer reads for nothing.
  Result<Sample> empty_submission();

  /// Replaces A and B in every set by these values, rounded to the storage format, and a bias by
  /// zeros. B lies as the problem's layout says.
  Outcome set_operands(std::span<const float> a, std::span<const float> b);
  /// Makes every element of the output a NaN that no kernel computes.
  Outcome poison_output();
  /// The output in its storage format, valid until the next call of any member.
  Result<OutputView> output();
  /// Empty when no guard byte changed; else which buffer and where.
  Result<std::string> overwritten_guard();

 private:
  struct Operand {
    BufferRole role;
    BufferPtr buffer;
  };
  using OperandSet = std::vector<Operand>;

  Execution(Device& device, Problem problem, Precision precision, const PreparedKernel& kernel);
  Outcome allocate(std::uint32_t copies);
  Outcome make_scratch(BufferRole role);
  Result<BufferPtr> allocate_role(BufferRole role) const;
  [[nodiscard]] std::uint64_t bytes_of(BufferRole role) const;
  Outcome fill_inputs(InputData data);
  Outcome upload_fill(Buffer& buffer, BufferRole role) const;
  Result<std::vector<Dispatch>> dispatches_for(const Band& band, std::uint32_t copy);
  Result<const Pipeline*> pipeline_for(const PipelineSpec& spec);
  [[nodiscard]] Buffer* buffer(BufferRole role, std::uint32_t copy) const;

  Device& device_;
  Problem problem_;
  Precision precision_;
  const PreparedKernel* kernel_;
  OperandSet shared_;               ///< Output and scratch.
  std::vector<OperandSet> inputs_;  ///< One set for each copy.
  std::vector<PipelinePtr> pipelines_;
  std::vector<std::vector<std::vector<Dispatch>>> bands_;  ///< [band][copy][dispatch]
  std::uint32_t next_copy_ = 0;
  std::vector<std::byte> host_output_;  ///< Only where the output is not mapped.
};

/// SPIR-V of a step: the user's, or an embedded module.
std::span<const std::uint32_t> code_of(const PreparedKernel& kernel, const PipelineSpec& spec);
/// Content hash over the code and the constants of every step; column kernel_hash.
std::string kernel_hash(const PreparedKernel& kernel, std::uint32_t rows);

}  // namespace gpubench
