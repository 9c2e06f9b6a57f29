#include "record/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "record/build_info.h"
#include "sample_rows.h"

namespace gpubench {
namespace {

using namespace record_tests;
using testing::ElementsAre;
using testing::Pair;

nlohmann::json environment_of(const std::string& root) {
  const std::vector<LibraryVersion> libraries = {{"onednn", "2.6.3"}};
  return nlohmann::json::parse(environment_json(libraries, root));
}

TEST(Environment, FactsComeFromTheSystemsFiles) {
  const ScratchFolder root;
  for (const char* folder :
       {"etc", "proc", "sys/devices/system/cpu/cpu0/cpufreq", "sys/fs/cgroup"}) {
    std::filesystem::create_directories(root.path(folder));
  }
  put(root.path("etc/os-release"), "NAME=x\nPRETTY_NAME=\"Some Linux 12\"\n");
  put(root.path("proc/cpuinfo"), "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nflags\t: a b\n");
  put(root.path("proc/meminfo"), "MemTotal:       16384 kB\nMemAvailable:    8192 kB\n");
  put(root.path("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), "performance\n");
  put(root.path("sys/fs/cgroup/cpu.max"), "200000 100000\n");
  put(root.path(".dockerenv"), "");

  const nlohmann::json json = environment_of(root.path(""));

  EXPECT_EQ(json["system"]["os"], "Some Linux 12");
  EXPECT_EQ(json["cpu"]["model"], "Some CPU @ 3 GHz");
  EXPECT_EQ(json["cpu"]["governor"], "performance");
  EXPECT_EQ(json["memory"]["total_bytes"], 16384 * 1024);
  EXPECT_EQ(json["memory"]["available_bytes"], 8192 * 1024);
  EXPECT_EQ(json["container"]["kind"], "docker");
  EXPECT_EQ(json["container"]["cpu_max"], "200000 100000");
  EXPECT_EQ(json["libraries"]["onednn"], "2.6.3");
}

TEST(Environment, WhatCannotBeReadIsLeftOut) {
  const nlohmann::json json = environment_of("/nonexistent");

  EXPECT_FALSE(json["system"].contains("os"));
  EXPECT_FALSE(json["cpu"].contains("model"));
  EXPECT_TRUE(json["memory"].empty());
  EXPECT_TRUE(json["container"].empty());
  EXPECT_FALSE(json["cpu"]["affinity"].empty());
}

TEST(Environment, VariablesThatChangeResultsAreKeptAndSecretsAreNot) {
  const std::vector<std::string_view> entries = {"VK_ICD_FILENAMES=/x.json",
                                                 "HOME=/root",
                                                 "LP_NUM_THREADS=2",
                                                 "MESA_X=a=b",
                                                 "NVIDIA_API_KEY=abc",
                                                 "MKL_TOKEN=abc",
                                                 "AMD_PASSWORD=abc",
                                                 "OMP_NUM_THREADS=",
                                                 "__GL_SYNC=1",
                                                 "PATH_OMP_=no",
                                                 "BROKEN",
                                                 "ONEDNN_VERBOSE=1"};

  EXPECT_THAT(result_variables(entries),
              ElementsAre(Pair("LP_NUM_THREADS", "2"), Pair("MESA_X", "a=b"),
                          Pair("OMP_NUM_THREADS", ""), Pair("ONEDNN_VERBOSE", "1"),
                          Pair("VK_ICD_FILENAMES", "/x.json"), Pair("__GL_SYNC", "1")));
}

TEST(BuildInfo, NamesVersionCommitAndCompiler) {
  const BuildInfo& build = build_info();

  EXPECT_THAT(build.version, testing::MatchesRegex("[0-9]+[.][0-9]+[.][0-9]+"));
  EXPECT_THAT(build.commit, testing::MatchesRegex("unknown|[0-9a-f]{12}(-dirty)?"));
  EXPECT_FALSE(build.compiler.empty());
}

}  // namespace
}  // namespace gpubench
