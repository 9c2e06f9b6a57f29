// golden.h — compares a text with the file of that name under tests/golden, byte for byte.
// GPUBENCH_UPDATE_GOLDEN=1 writes the files anew instead; read the difference before committing it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "report/width.h"

namespace gpubench::report_tests {

inline std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(GPUBENCH_GOLDEN_DIR) / name;
}

inline void expect_golden(const std::string& name, const std::string& text) {
  const auto path = golden_path(name);
  if (std::getenv("GPUBENCH_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing; GPUBENCH_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << "differs from " << path;
}

inline void expect_fits(const std::string& text, std::size_t width) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), width) << line;
    EXPECT_FALSE(line.ends_with(' ')) << '"' << line << '"';
  }
}

}  // namespace gpubench::report_tests
