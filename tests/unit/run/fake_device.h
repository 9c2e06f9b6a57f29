// fake_device.h — a Device in host memory: every submission "computes" a given answer and takes a
// given time, until it is told to fail.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/device.h"

namespace gpubench::run_tests {

class FakeBuffer final : public Buffer {
 public:
  using Storage = std::shared_ptr<std::vector<std::byte>>;
  explicit FakeBuffer(Storage storage) : storage_(std::move(storage)) {}
  [[nodiscard]] std::uint64_t bytes() const override { return storage_->size(); }
  [[nodiscard]] std::uint64_t address() const override {
    return reinterpret_cast<std::uint64_t>(storage_->data());
  }
  [[nodiscard]] std::span<std::byte> mapped() override { return *storage_; }

 private:
  Storage storage_;
};

class FakePipeline final : public Pipeline {
 public:
  explicit FakePipeline(std::string name) : shader(std::move(name)) {}
  const std::string shader;
};

class FakeDevice final : public Device {
 public:
  FakeDevice() {
    facts.name = "fake";
    facts.type = DeviceType::cpu;
    facts.timestamps = true;
    facts.shader_float16 = facts.storage_16bit = true;
    facts.max_workgroup_invocations = 1024;
    facts.max_workgroup_size = {1024, 1024, 64};
    facts.max_workgroup_count = {65535, 65535, 65535};
    facts.max_shared_bytes = 32768;
    facts.max_push_bytes = 256;
  }

  /// What a submission leaves in the buffers of just that size.
  std::vector<float> answer;
  /// At submissions, counted from 1, for which `is_spoiled` says so, this instead; empty: nothing.
  std::vector<float> spoiled_answer;
  std::function<bool(int submission, std::string_view shader)> is_spoiled =
      [](int, std::string_view) { return false; };
  DeviceTraits facts;
  SubmitTime time{1e-3, 1.1e-3};
  /// So many times as long a submission takes that ends with this shader.
  std::function<double(std::string_view shader)> slowness_of = [](auto) { return 1.0; };
  std::uint64_t free_bytes = 1ULL << 30;
  /// The error of the n-th submission or allocation from now on, counted from 1; once.
  std::optional<std::pair<int, Error>> submit_fails, allocate_fails;
  int submissions = 0;

  [[nodiscard]] const DeviceTraits& traits() const override { return facts; }
  [[nodiscard]] MemoryBudget memory() const override { return {free_bytes, 1ULL << 30}; }

  Result<BufferPtr> allocate(std::uint64_t bytes) override {
    if (auto error = due(allocate_fails)) return *error;
    const auto storage = std::make_shared<std::vector<std::byte>>(bytes);
    if (bytes == answer.size() * sizeof(float)) outputs_.push_back(storage);
    return BufferPtr(std::make_unique<FakeBuffer>(storage));
  }
  Outcome upload(Buffer& to, std::uint64_t offset, std::span<const std::byte> from) override {
    std::memcpy(to.mapped().data() + offset, from.data(), from.size());
    return Done{};
  }
  Outcome download(Buffer& from, std::uint64_t offset, std::span<std::byte> to) override {
    std::memcpy(to.data(), from.mapped().data() + offset, to.size());
    return Done{};
  }
  Outcome fill(Buffer& to, std::uint32_t pattern) override {
    for (std::size_t i = 0; i < to.bytes(); ++i) {
      to.mapped()[i] = static_cast<std::byte>(pattern >> 8 * (i % 4));
    }
    return Done{};
  }
  Result<bool> guards_intact(Buffer&, std::string*) override { return true; }
  Result<PipelinePtr> pipeline(std::span<const std::uint32_t>, const PipelineSpec& spec) override {
    return PipelinePtr(std::make_shared<FakePipeline>(spec.shader));
  }
  void set_submit_timeout_s(double seconds) override { submit_timeout_s = seconds; }
  double submit_timeout_s = DeviceOptions().submit_timeout_s;
  std::vector<double> timeouts_s;  ///< That each submission had.
  Result<SubmitTime> submit(std::span<const Dispatch> dispatches) override {
    ++submissions;
    timeouts_s.push_back(submit_timeout_s);
    if (auto error = due(submit_fails)) return *error;
    const std::string_view shader = shader_of(dispatches);
    const std::vector<float>& left = is_spoiled(submissions, shader) ? spoiled_answer : answer;
    for (const auto& output : outputs_) {
      const auto storage = output.lock();  // gone with the case that had it
      if (storage) std::memcpy(storage->data(), left.data(), left.size() * sizeof(float));
    }
    const double slowness = slowness_of(shader);
    return SubmitTime{time.gpu_s * slowness, time.host_s * slowness};
  }
  Result<SubmitTime> copy(Buffer& from, Buffer& to) override {
    ++submissions;
    if (auto error = due(submit_fails)) return *error;
    if (copies) std::memcpy(to.mapped().data(), from.mapped().data(), from.bytes());
    return time;
  }
  bool copies = true;  ///< Else a copy leaves its target as it was.
  std::vector<std::string> take_validation_messages() override {
    return std::exchange(validation_messages, {});
  }
  std::vector<std::string> validation_messages;

 private:
  static std::string_view shader_of(std::span<const Dispatch> dispatches) {
    if (dispatches.empty()) return "";
    return static_cast<const FakePipeline&>(*dispatches.back().pipeline).shader;
  }
  static std::optional<Error> due(std::optional<std::pair<int, Error>>& failure) {
    if (!failure || --failure->first > 0) return std::nullopt;
    const Error error = failure->second;
    failure.reset();
    return error;
  }

  std::vector<std::weak_ptr<std::vector<std::byte>>> outputs_;
};

}  // namespace gpubench::run_tests
