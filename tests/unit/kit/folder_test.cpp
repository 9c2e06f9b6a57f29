#include "kit/folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "arrays/npy_writer.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

class FolderTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder); }
  void TearDown() override { fs::remove_all(folder); }

  void write() const {
    const auto written = write_kit(KitPlan(settings), folder);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  [[nodiscard]] std::string in(const std::string& name) const { return folder + "/" + name; }

  void replace_in(const std::string& name, const std::string& from, const std::string& to) const {
    std::stringstream text;
    text << std::ifstream(in(name), std::ios::binary).rdbuf();
    std::string all = text.str();
    const auto at = all.find(from);
    ASSERT_NE(at, std::string::npos);
    std::ofstream(in(name), std::ios::binary) << all.replace(at, from.size(), to);
  }

  void expect_refused(const std::string& part) const {
    const auto plan = read_kit(folder);
    ASSERT_FALSE(plan.ok());
    EXPECT_EQ(plan.error().kind, ErrorKind::input);
    EXPECT_NE(plan.error().message.find(part), std::string::npos) << plan.error().message;
  }

  KitSettings settings = {.shape = {.m = 16, .n = 8, .k = 24}, .seed = 7};
  std::string folder =
      (fs::temp_directory_path() / ("gpubench-kit-" + std::to_string(::getpid()))).string();
};

TEST_F(FolderTest, WhatIsWrittenIsReadAgain) {
  for (const NumberFormat storage : {NumberFormat::fp32, NumberFormat::fp16}) {
    fs::remove_all(folder);
    settings.storage = storage;
    write();
    const auto plan = read_kit(folder);
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    EXPECT_EQ((*plan)->id(), KitPlan(settings).id());
  }
}

TEST_F(FolderTest, FolderWithFilesInItIsLeftAlone) {
  fs::create_directories(folder);
  std::ofstream(in("mine.txt")) << "mine";
  const auto written = write_kit(KitPlan(settings), folder);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind, ErrorKind::usage);
  EXPECT_FALSE(fs::exists(in("a.npy")));
}

TEST_F(FolderTest, KitOfAnotherVersionIsRefused) {
  write();
  const std::string current = std::to_string(kKitVersion);
  replace_in("kit.json", "\"kit_version\": " + current, "\"kit_version\": 1");
  expect_refused("kit version 1; this gpubench reads version " + current + ": make the kit anew");
}

TEST_F(FolderTest, ChangedFilesAreRefused) {
  write();
  replace_in("kit.json", "\"seed\": 7", "\"seed\": 8");
  expect_refused("id and settings do not fit");
  replace_in("kit.json", "\"seed\": 8", "\"seed\": 7");
  fs::resize_file(in("b.npy"), fs::file_size(in("b.npy")) - 4);
  expect_refused("b.npy");
  fs::remove(in("b.npy"));
  expect_refused("b.npy");
  fs::remove(in("kit.json"));
  expect_refused("not the folder of a kit");
}

TEST_F(FolderTest, InputOfAnotherSeedIsRefused) {
  write();
  fs::rename(in("a.npy"), folder + ".npy");
  settings.seed = 8;
  fs::remove_all(folder);
  write();
  fs::rename(folder + ".npy", in("a.npy"));
  expect_refused("a.npy: is not what this kit's settings make");
}

TEST_F(FolderTest, ManifestThatIsNoneIsRefused) {
  write();
  std::ofstream(in("kit.json")) << "{\"kit_version\": 1";
  expect_refused("is not JSON");
  std::ofstream(in("kit.json")) << "{\"kit_version\": \"one\"}";
  expect_refused("kit.json");
}

TEST_F(FolderTest, OutputsOfAnotherShapeAreRefused) {
  write();
  const KitPlan plan(settings);
  const std::vector<std::uint64_t> shape = {plan.size(), 16, 9};
  auto writer = NpyWriter::create(in("o.npy"), NpyType::float32, shape);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->write(std::vector<float>(plan.size() * 16 * 9)).ok());
  ASSERT_TRUE(writer->finish().ok());
  const auto outputs = read_kit_outputs(plan, in("o.npy"));
  ASSERT_FALSE(outputs.ok());
  EXPECT_NE(outputs.error().message.find("expected shape"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
