// kernel_rig.h — runs a launch on the test device with given inputs, for tests of the kernels.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/half.h"
#include "gpu/open_test_device.h"
#include "kernels/fill.h"
#include "kernels/kernel.h"

namespace gpubench::testing {

/// The tensors of a problem as FP32 values, already rounded to what will be stored.
struct Inputs {
  std::vector<float> a, b, bias;
};

inline Inputs make_inputs(const Problem& problem, Precision precision) {
  Inputs inputs{std::vector<float>(problem.a_elements()), std::vector<float>(problem.b_elements()),
                std::vector<float>(problem.bias_elements())};
  EXPECT_TRUE(fill_tensor(problem, Tensor::a, 0, inputs.a));
  EXPECT_TRUE(inputs.b.empty() || fill_tensor(problem, Tensor::b, 0, inputs.b));
  EXPECT_TRUE(inputs.bias.empty() || fill_tensor(problem, Tensor::bias, 0, inputs.bias));
  for (auto* tensor : {&inputs.a, &inputs.b, &inputs.bias}) quantise(*tensor, storage(precision));
  return inputs;
}

inline std::vector<std::byte> to_bytes(const std::vector<float>& values, Format format) {
  std::vector<std::byte> bytes(values.size() * format_bytes_of(format));
  if (values.empty()) return bytes;  // memcpy may not be given null, not even for nothing
  if (format == Format::f32) {
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  std::vector<HalfBits> halves(values.size());
  halves_from_floats(values, halves);
  std::memcpy(bytes.data(), halves.data(), bytes.size());
  return bytes;
}

inline std::vector<float> from_bytes(const std::vector<std::byte>& bytes, Format format) {
  std::vector<float> values(bytes.size() / format_bytes_of(format));
  if (format == Format::f32) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  std::vector<HalfBits> halves(values.size());
  std::memcpy(halves.data(), bytes.data(), bytes.size());
  floats_from_halves(halves, values);
  return values;
}

/// Buffers of one problem on a device. The output starts as NaN, so that what a kernel leaves out
/// shows.
class KernelRig {
 public:
  KernelRig(Device& device, const Problem& problem, Precision precision, const Launch& launch,
            const Inputs& inputs)
      : device_(device), problem_(problem), format_(storage(precision)), launch_(launch) {
    put(BufferRole::a, to_bytes(inputs.a, format_));
    put(BufferRole::b, to_bytes(inputs.b, format_));
    put(BufferRole::bias, to_bytes(inputs.bias, format_));
    put(BufferRole::c,
        std::vector<std::byte>(problem.c_elements() * format_bytes_of(format_), std::byte{0xFF}));
    put(BufferRole::scratch0, std::vector<std::byte>(launch.scratch0_bytes));
    put(BufferRole::scratch1, std::vector<std::byte>(launch.scratch1_bytes));
  }

  /// Computes all rows, in bands of `band_rows`.
  void run(std::uint32_t band_rows, std::span<const std::uint32_t> user_code = {}) {
    for (std::uint32_t begin = 0; begin < problem_.shape.m; begin += band_rows) {
      const RowBand band{begin, std::min(begin + band_rows, problem_.shape.m)};
      std::vector<Dispatch> dispatches;
      std::vector<PipelinePtr> pipelines;
      for (const Step& step : launch_.steps(band)) {
        const auto code = user_code.empty() ? shader_code(step.pipeline.shader) : user_code;
        ASSERT_FALSE(code.empty()) << "no module " << step.pipeline.shader;
        auto pipeline = device_.pipeline(code, step.pipeline);
        ASSERT_TRUE(pipeline) << pipeline.error().message;
        pipelines.push_back(*pipeline);
        dispatches.push_back({pipelines.back().get(), push_bytes(step), step.groups, {}});
        for (const TexelBuffer& texels : step.pipeline.texels) {
          dispatches.back().texels.push_back(buffers_[std::size_t(texels.role)].get());
        }
      }
      const auto time = device_.submit(dispatches);
      ASSERT_TRUE(time) << time.error().message;
    }
  }

  std::vector<float> output() {
    Buffer& c = *buffers_[std::size_t(BufferRole::c)];
    std::vector<std::byte> bytes(c.bytes());
    EXPECT_TRUE(device_.download(c, 0, bytes));
    return from_bytes(bytes, format_);
  }

  /// The name of a buffer with a damaged guard, or nothing.
  std::string damaged_guard() {
    for (const BufferPtr& buffer : buffers_) {
      std::string where;
      if (buffer == nullptr) continue;
      const auto intact = device_.guards_intact(*buffer, &where);
      EXPECT_TRUE(intact.ok());
      if (!*intact) return where.empty() ? "somewhere" : where;
    }
    return "";
  }

 private:
  void put(BufferRole role, const std::vector<std::byte>& bytes) {
    if (bytes.empty()) return;
    auto buffer = device_.allocate(bytes.size());
    ASSERT_TRUE(buffer) << buffer.error().message;
    buffers_[std::size_t(role)] = std::move(buffer).value();
    ASSERT_TRUE(device_.upload(*buffers_[std::size_t(role)], 0, bytes));
  }

  std::vector<std::byte> push_bytes(const Step& step) {
    std::vector<std::byte> bytes;
    const auto append = [&](const auto& value) {
      const auto* first = reinterpret_cast<const std::byte*>(&value);
      bytes.insert(bytes.end(), first, first + sizeof value);
    };
    for (const PushField& field : step.push) {
      if (field.kind == PushField::Kind::u32) {
        append(field.value);
      } else {
        const BufferPtr& buffer = buffers_[std::size_t(field.role)];
        append(std::uint64_t{buffer == nullptr ? 0 : buffer->address()});
      }
    }
    return bytes;
  }

  Device& device_;
  Problem problem_;
  Format format_;
  Launch launch_;
  std::array<BufferPtr, std::size_t(BufferRole::count)> buffers_;
};

/// What a kernel computes on the test device by its own choice, in bands.
inline std::vector<float> run_with(const Problem& problem, Precision precision,
                                   const Kernel& kernel, const Inputs& inputs,
                                   std::uint32_t band_rows) {
  const auto launch = kernel.launch(problem, precision, test_device().traits());
  EXPECT_TRUE(launch);
  KernelRig rig(test_device(), problem, precision, *launch, inputs);
  rig.run(band_rows);
  return rig.output();
}

}  // namespace gpubench::testing
