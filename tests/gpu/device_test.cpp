#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <ostream>

#include "base/half.h"
#include "gpu/open_test_device.h"

namespace gpubench {

/// How ctest lists it.
static void PrintTo(HostAccess access, std::ostream* out) {
  *out << (access == HostAccess::automatic ? "automatic" : "staged");
}

namespace {

using testing::compile_glsl;
using testing::open_test_device;

/// out[first + i] = value + i for i in [0, count); no bounds check, so that it can overrun.
constexpr const char* kWriteShader = R"(#version 450
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 1) in;
layout(constant_id = 0) const uint SCALE = 1;
layout(buffer_reference, std430) buffer Words { uint at[]; };
layout(push_constant) uniform Push { Words words; int first; uint value; };
void main() {
  int i = int(gl_WorkGroupID.x);
  words.at[first + i] = value + uint(i) * SCALE;
})";

struct WritePush {
  std::uint64_t address = 0;
  std::int32_t first = 0;
  std::uint32_t value = 0;
};

std::vector<std::byte> bytes_of(const WritePush& push) {
  std::vector<std::byte> bytes(sizeof push);
  std::memcpy(bytes.data(), &push, sizeof push);
  return bytes;
}

class DeviceOnHostAccess : public ::testing::TestWithParam<HostAccess> {
 protected:
  void SetUp() override {
    DeviceOptions options;
    options.host_access = GetParam();
    device_ = open_test_device(options);
    ASSERT_NE(device_, nullptr);
  }

  Dispatch write(std::uint64_t address, std::int32_t first, std::uint32_t count,
                 std::uint32_t value, std::uint32_t scale = 1) {
    const PipelineSpec spec{"write", {{0, scale}}, sizeof(WritePush), 0};
    auto pipeline = device_->pipeline(compile_glsl(kWriteShader), spec);
    EXPECT_TRUE(pipeline.ok());
    pipelines_.push_back(*pipeline);
    return {pipelines_.back().get(), bytes_of({address, first, value}), {count, 1, 1}, {}};
  }

  std::unique_ptr<Device> device_;
  std::vector<PipelinePtr> pipelines_;
};

INSTANTIATE_TEST_SUITE_P(Device, DeviceOnHostAccess,
                         ::testing::Values(HostAccess::automatic, HostAccess::staged),
                         ::testing::PrintToStringParamName());

TEST_P(DeviceOnHostAccess, UploadedBytesComeBack) {
  std::vector<std::byte> sent(100'003);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i * 31);
  auto buffer = device_->allocate(sent.size());
  ASSERT_TRUE(buffer.ok());

  ASSERT_TRUE(device_->upload(**buffer, 0, sent).ok());
  std::vector<std::byte> received(50);
  ASSERT_TRUE(device_->download(**buffer, 99'953, received).ok());

  EXPECT_TRUE(std::equal(received.begin(), received.end(), sent.begin() + 99'953));
}

TEST_P(DeviceOnHostAccess, TransfersLargerThanStagingKeepTheirOrder) {
  std::vector<std::uint32_t> sent((80ULL << 20) / 4);
  std::iota(sent.begin(), sent.end(), 0U);
  auto buffer = device_->allocate(sent.size() * 4);
  ASSERT_TRUE(buffer.ok());

  ASSERT_TRUE(device_->upload(**buffer, 0, std::as_bytes(std::span(sent))).ok());
  std::vector<std::uint32_t> received(sent.size());
  ASSERT_TRUE(device_->download(**buffer, 0, std::as_writable_bytes(std::span(received))).ok());

  EXPECT_EQ(received, sent);
}

TEST_P(DeviceOnHostAccess, FillReachesOddTailsAndLeavesTheGuardAlone) {
  auto buffer = device_->allocate(7);
  ASSERT_TRUE(buffer.ok());

  ASSERT_TRUE(device_->fill(**buffer, 0x44332211U).ok());
  std::vector<std::byte> received(7);
  ASSERT_TRUE(device_->download(**buffer, 0, received).ok());

  constexpr std::array<unsigned char, 7> kExpected = {0x11, 0x22, 0x33, 0x44, 0x11, 0x22, 0x33};
  EXPECT_EQ(std::memcmp(received.data(), kExpected.data(), 7), 0);
  std::string where;
  EXPECT_TRUE(device_->guards_intact(**buffer, &where).value()) << where;
}

TEST_P(DeviceOnHostAccess, DispatchWritesThroughTheAddressWithItsConstants) {
  auto buffer = device_->allocate(16);
  ASSERT_TRUE(buffer.ok());
  ASSERT_TRUE(device_->fill(**buffer, 0).ok());

  const Dispatch dispatch = write((*buffer)->address(), 1, 2, 100, 7);
  const auto time = device_->submit({&dispatch, 1});

  ASSERT_TRUE(time.ok()) << time.error().message;
  std::array<std::uint32_t, 4> words{};
  ASSERT_TRUE(device_->download(**buffer, 0, std::as_writable_bytes(std::span(words))).ok());
  EXPECT_THAT(words, ::testing::ElementsAre(0, 100, 107, 0));
  EXPECT_GT(time->host_s, 0);
  if (device_->traits().timestamps) {
    EXPECT_GE(time->gpu_s, 0);
    EXPECT_LE(time->gpu_s, time->host_s);
  } else {
    EXPECT_TRUE(std::isnan(time->gpu_s));
  }
}

TEST_P(DeviceOnHostAccess, LaterDispatchSeesWhatTheEarlierWrote) {
  auto buffer = device_->allocate(4096);
  ASSERT_TRUE(buffer.ok());

  const std::vector<Dispatch> dispatches = {write((*buffer)->address(), 0, 1024, 1),
                                            write((*buffer)->address(), 0, 1024, 5)};
  ASSERT_TRUE(device_->submit(dispatches).ok());

  std::vector<std::uint32_t> words(1024);
  ASSERT_TRUE(device_->download(**buffer, 0, std::as_writable_bytes(std::span(words))).ok());
  for (std::uint32_t i = 0; i < words.size(); ++i) ASSERT_EQ(words[i], 5 + i);
}

/// sums[i] = first[i] + second[i], of texels.
constexpr const char* kTexelShader = R"(#version 450
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) uniform samplerBuffer first;
layout(set = 0, binding = 1) uniform samplerBuffer second;
layout(buffer_reference, std430) buffer Sums { vec4 at[]; };
layout(push_constant) uniform Push { Sums sums; };
void main() {
  int i = int(gl_WorkGroupID.x);
  sums.at[i] = texelFetch(first, i) + texelFetch(second, i);
})";

constexpr std::uint32_t kTexels = 100;
// A rest that is no whole texel must not be in the way.
constexpr std::uint64_t kTexelBytes = 16 * kTexels + 4;

TEST_P(DeviceOnHostAccess, DispatchFetchesTexelsOfTheBuffersThatItNames) {
  if (device_->traits().max_texels < kTexels) GTEST_SKIP() << "this driver fetches texels wrong";
  std::vector<BufferPtr> buffers;
  for (int i = 0; i < 3; ++i) {
    auto buffer = device_->allocate(kTexelBytes);
    ASSERT_TRUE(buffer.ok());
    buffers.push_back(std::move(buffer).value());
  }
  std::vector<float> counting(4 * kTexels), hundreds(4 * kTexels);
  for (std::size_t i = 0; i < counting.size(); ++i) {
    counting[i] = static_cast<float>(i);
    hundreds[i] = 1000 * static_cast<float>(i);
  }
  ASSERT_TRUE(device_->upload(*buffers[0], 0, std::as_bytes(std::span(counting))).ok());
  ASSERT_TRUE(device_->upload(*buffers[1], 0, std::as_bytes(std::span(hundreds))).ok());
  PipelineSpec spec{"texels", {}, sizeof(std::uint64_t), 0};
  spec.texels = {{BufferRole::a, TexelFormat::f32}, {BufferRole::b, TexelFormat::f32}};
  const auto pipeline = device_->pipeline(compile_glsl(kTexelShader), spec);
  ASSERT_TRUE(pipeline.ok());
  std::vector<std::byte> push(sizeof(std::uint64_t));
  const std::uint64_t address = buffers[2]->address();
  std::memcpy(push.data(), &address, sizeof address);
  const auto sum_of = [&](std::size_t first, std::size_t second) {
    return Dispatch{
        pipeline->get(), push, {kTexels, 1, 1}, {buffers[first].get(), buffers[second].get()}};
  };

  // The second dispatch reads what the first wrote, and has a set of its own.
  ASSERT_TRUE(device_->submit(std::vector{sum_of(0, 1), sum_of(2, 0)}).ok());

  std::vector<float> sums(counting.size());
  ASSERT_TRUE(device_->download(*buffers[2], 0, std::as_writable_bytes(std::span(sums))).ok());
  for (std::size_t i = 0; i < sums.size(); ++i) ASSERT_EQ(sums[i], 1002 * counting[i]);
}

/// floats[i] = texel i, of a shader that fetches nothing else.
constexpr const char* kOneTexelShader = R"(#version 450
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) uniform samplerBuffer texels;
layout(buffer_reference, std430) buffer Floats { vec4 at[]; };
layout(push_constant) uniform Push { Floats floats; };
void main() {
  int i = int(gl_WorkGroupID.x);
  floats.at[i] = texelFetch(texels, i);
})";

/// Zero and every normal number; what becomes of the others is left open.
std::vector<HalfBits> normal_halves() {
  std::vector<HalfBits> halves{0};
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const std::uint32_t exponent = bits >> 10 & 0x1F;
    if (exponent != 0 && exponent != 0x1F) halves.push_back(HalfBits(bits));
  }
  halves.resize(halves.size() / 4 * 4);
  return halves;
}

// The same buffer in either format, by one shader: its pipelines must be two.
TEST_P(DeviceOnHostAccess, TexelsOfHalvesAndOfFloatsLieInOneBuffer) {
  const std::vector<HalfBits> halves = normal_halves();
  std::vector<float> floats(halves.size()), same_bits(halves.size() / 2);
  floats_from_halves(halves, floats);
  std::memcpy(same_bits.data(), halves.data(), halves.size() * sizeof(HalfBits));
  if (device_->traits().max_texels < halves.size() / 4) {
    GTEST_SKIP() << "this driver fetches texels wrong";
  }
  const auto from = device_->allocate(halves.size() * sizeof(HalfBits));
  const auto to = device_->allocate(floats.size() * sizeof(float));
  ASSERT_TRUE(from.ok());
  ASSERT_TRUE(to.ok());
  ASSERT_TRUE(device_->upload(**from, 0, std::as_bytes(std::span(halves))).ok());
  std::vector<std::byte> push(sizeof(std::uint64_t));
  const std::uint64_t address = (*to)->address();
  std::memcpy(push.data(), &address, sizeof address);

  const auto fetched = [&](TexelFormat format, std::size_t count) {
    PipelineSpec spec{"texels", {}, sizeof(std::uint64_t), 0};
    spec.texels = {{BufferRole::a, format}};
    const auto pipeline = device_->pipeline(compile_glsl(kOneTexelShader), spec);
    EXPECT_TRUE(pipeline.ok());
    const Dispatch dispatch{pipeline->get(), push, {std::uint32_t(count / 4), 1, 1}, {from->get()}};
    EXPECT_TRUE(device_->submit({&dispatch, 1}).ok());
    std::vector<float> values(count);
    EXPECT_TRUE(device_->download(**to, 0, std::as_writable_bytes(std::span(values))).ok());
    return values;
  };

  EXPECT_EQ(fetched(TexelFormat::f16, floats.size()), floats);
  EXPECT_EQ(fetched(TexelFormat::f32, same_bits.size()), same_bits);
}

TEST(Device, BufferWithoutAWholeTexelIsRefused) {
  const auto device = open_test_device();
  ASSERT_NE(device, nullptr);
  const auto buffer = device->allocate(12);
  ASSERT_TRUE(buffer.ok());
  PipelineSpec spec{"texels", {}, sizeof(std::uint64_t), 0};
  spec.texels = {{BufferRole::a, TexelFormat::f32}, {BufferRole::b, TexelFormat::f32}};
  const auto pipeline = device->pipeline(compile_glsl(kTexelShader), spec);
  ASSERT_TRUE(pipeline.ok());
  const Dispatch dispatch{pipeline->get(),
                          std::vector<std::byte>(sizeof(std::uint64_t)),
                          {1, 1, 1},
                          {buffer->get(), buffer->get()}};

  const auto time = device->submit({&dispatch, 1});

  ASSERT_FALSE(time.ok());
  EXPECT_EQ(time.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(time.error().message, ::testing::HasSubstr("0 texels in one buffer"));
}

TEST_P(DeviceOnHostAccess, OneWordPastTheEndIsCaught) {
  auto buffer = device_->allocate(16);
  ASSERT_TRUE(buffer.ok());

  const Dispatch dispatch = write((*buffer)->address(), 4, 1, 9);
  ASSERT_TRUE(device_->submit({&dispatch, 1}).ok());

  std::string where;
  EXPECT_FALSE(device_->guards_intact(**buffer, &where).value());
  EXPECT_EQ(where, "1 bytes past the last");
}

TEST_P(DeviceOnHostAccess, OneWordBeforeTheStartIsCaught) {
  auto buffer = device_->allocate(16);
  ASSERT_TRUE(buffer.ok());

  const Dispatch dispatch = write((*buffer)->address(), -1, 1, 9);
  ASSERT_TRUE(device_->submit({&dispatch, 1}).ok());

  std::string where;
  EXPECT_FALSE(device_->guards_intact(**buffer, &where).value());
  EXPECT_EQ(where, "4 bytes before the first");
}

TEST(Device, MoreMemoryThanThereIsIsRefusedWithBothFigures) {
  const auto device = open_test_device();
  ASSERT_NE(device, nullptr);

  const auto buffer = device->allocate(1ULL << 44);

  ASSERT_FALSE(buffer.ok());
  EXPECT_THAT(buffer.error().message, ::testing::HasSubstr("16.0 TiB"));
}

TEST(Device, OperandAboveTheStorageBufferRangeWorks) {
  const auto device = open_test_device();
  ASSERT_NE(device, nullptr);
  const std::uint64_t bytes = device->traits().max_storage_buffer_range_bytes + (1ULL << 20);
  if (bytes > device->memory().free_bytes / 2) {
    GTEST_SKIP() << "the device's range limit is above half of its free memory";
  }
  auto buffer = device->allocate(bytes);
  ASSERT_TRUE(buffer.ok()) << buffer.error().message;
  auto pipeline = device->pipeline(compile_glsl(kWriteShader), {"write", {}, sizeof(WritePush), 0});
  ASSERT_TRUE(pipeline.ok());

  const auto last = static_cast<std::int32_t>(bytes / 4 - 1);
  const Dispatch dispatch{
      pipeline->get(), bytes_of({(*buffer)->address(), last, 77}), {1, 1, 1}, {}};
  ASSERT_TRUE(device->submit({&dispatch, 1}).ok());

  std::uint32_t word = 0;
  ASSERT_TRUE(
      device->download(**buffer, bytes - 4, std::as_writable_bytes(std::span(&word, 1))).ok());
  EXPECT_EQ(word, 77U);
}

TEST(Device, TextIsNotSpirv) {
  const auto device = open_test_device();
  ASSERT_NE(device, nullptr);
  const std::vector<std::uint32_t> text(8, 0x20202020U);

  const auto pipeline = device->pipeline(text, {"notes.txt", {}, 0, 0});

  ASSERT_FALSE(pipeline.ok());
  EXPECT_EQ(pipeline.error().kind, ErrorKind::input);
  EXPECT_THAT(pipeline.error().message, ::testing::HasSubstr("notes.txt: not SPIR-V"));
}

class PipelineCacheFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gpubench-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void compile_once() {
    DeviceOptions options;
    options.cache_dir = folder_.string();
    const auto device = open_test_device(options);
    ASSERT_NE(device, nullptr);
    const PipelineSpec spec{"write", {}, sizeof(WritePush), 0};
    ASSERT_TRUE(device->pipeline(compile_glsl(kWriteShader), spec).ok());
  }
  [[nodiscard]] std::filesystem::path only_file() const {
    return std::filesystem::directory_iterator(folder_)->path();
  }

  std::filesystem::path folder_;
};

TEST_F(PipelineCacheFolder, DamagedFileIsIgnoredAndReplaced) {
  compile_once();
  const std::filesystem::path file = only_file();
  const auto whole = std::filesystem::file_size(file);
  std::filesystem::resize_file(file, whole / 2 + 20);

  compile_once();

  EXPECT_EQ(std::filesystem::file_size(file), whole);
}

TEST(DescribeDevice, NamesLimitsAndFeaturesUsed) {
  const auto instance = open_instance(ApiValidation::off);
  ASSERT_TRUE(instance.ok()) << instance.error().message;

  const std::string json = describe_device(**instance, 0);

  EXPECT_THAT(json, ::testing::HasSubstr("\"maxComputeSharedMemorySize\""));
  EXPECT_THAT(json, ::testing::HasSubstr("\"features_used\""));
}

}  // namespace
}  // namespace gpubench
