#include "arrays/array_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace gpubench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ArrayFiles : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("gpubench_array_" + std::string(info->name()) + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view bytes) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  /// Format 1, 2 or 3: from 2 on the header's length has four bytes.
  std::string write_npy(const std::string& dictionary, std::string_view data, char version = 1) {
    std::string bytes = "\x93NUMPY";
    bytes += {version, '\0'};
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    for (std::size_t i = 0; i < length_bytes; ++i) {
      bytes += static_cast<char>(dictionary.size() >> (8 * i) & 0xFF);
    }
    return write("x.npy", bytes + dictionary + std::string(data));
  }

  static std::vector<double> all_of(const std::string& path) {
    const auto file = ArrayFile::open(path);
    if (!file) {
      ADD_FAILURE() << file.error().message;
      return {};
    }
    std::vector<double> values(file->size());
    EXPECT_TRUE(file->read(0, values).ok());
    return values;
  }

  static std::string error_of(const std::string& path) {
    const auto file = ArrayFile::open(path);
    if (file) return "no error";
    EXPECT_EQ(file.error().kind, ErrorKind::input);
    EXPECT_THAT(file.error().message, HasSubstr(path));
    return file.error().message;
  }

  std::filesystem::path folder_;
};

std::string dictionary(const std::string& descr, const std::string& shape,
                       const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string swapped(std::string bytes, std::size_t width) {
  for (std::size_t i = 0; i < bytes.size(); i += width) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
  return bytes;
}

TEST_F(ArrayFiles, EveryVersionIsRead) {
  for (const char version : {'\1', '\2', '\3'}) {
    EXPECT_THAT(all_of(write_npy(dictionary("<f4", "(2,)"), bytes_of<float>({1.5F, -2}), version)),
                ElementsAre(1.5, -2));
  }
}

TEST_F(ArrayFiles, EveryFloatInBothByteOrders) {
  const std::string doubles = bytes_of<double>({0.1, -3});
  EXPECT_THAT(all_of(write_npy(dictionary("<f8", "(2,)"), doubles)), ElementsAre(0.1, -3));
  EXPECT_THAT(all_of(write_npy(dictionary(">f8", "(2,)"), swapped(doubles, 8))),
              ElementsAre(0.1, -3));
  const std::string floats = bytes_of<float>({0.1F, -3});
  EXPECT_THAT(all_of(write_npy(dictionary(">f4", "(2,)"), swapped(floats, 4))),
              ElementsAre(static_cast<double>(0.1F), -3));
  // 0x3C00 is 1, 0xC000 is -2.
  EXPECT_THAT(all_of(write_npy(dictionary("<f2", "(2,)"), std::string("\x00\x3C\x00\xC0", 4))),
              ElementsAre(1, -2));
  EXPECT_THAT(all_of(write_npy(dictionary(">f2", "(2,)"), std::string("\x3C\x00\xC0\x00", 4))),
              ElementsAre(1, -2));
}

TEST_F(ArrayFiles, LabelsMayBeIntegersOrBool) {
  EXPECT_THAT(all_of(write_npy(dictionary("|b1", "(3,)"), std::string("\1\0\1", 3))),
              ElementsAre(1, 0, 1));
  EXPECT_THAT(all_of(write_npy(dictionary("<i8", "(2,)"), bytes_of<std::int64_t>({-1, 1}))),
              ElementsAre(-1, 1));
  EXPECT_THAT(all_of(write_npy(dictionary("|u1", "(2,)"), "\xFF\x01")), ElementsAre(255, 1));
  EXPECT_THAT(
      all_of(write_npy(dictionary(">i4", "(1,)"), swapped(bytes_of<std::int32_t>({-7}), 4))),
      ElementsAre(-7));
}

TEST_F(ArrayFiles, FortranOrderIsReadAsCOrder) {
  // The matrix (1 2 3; 4 5 6), column by column.
  const std::string path =
      write_npy(dictionary("<f4", "(2, 3)", "True"), bytes_of<float>({1, 4, 2, 5, 3, 6}));

  EXPECT_THAT(all_of(path), ElementsAre(1, 2, 3, 4, 5, 6));
  std::vector<double> part(3);
  ASSERT_TRUE(ArrayFile::open(path)->read(2, part).ok());
  EXPECT_THAT(part, ElementsAre(3, 4, 5));
}

TEST_F(ArrayFiles, FortranOrderOfThreeAxes) {
  // Shape (2, 3, 2); element (i, j, k) is 100i + 10j + k, stored with i fastest.
  std::vector<float> stored;
  std::vector<double> expected;
  for (int k = 0; k < 2; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) stored.push_back(static_cast<float>(100 * i + 10 * j + k));
    }
  }
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 2; ++k) expected.push_back(100 * i + 10 * j + k);
    }
  }

  EXPECT_EQ(all_of(write_npy(dictionary("<f4", "(2, 3, 2)", "True"), bytes_of(stored))), expected);
}

TEST_F(ArrayFiles, PartsAcrossBuffersAreRead) {
  std::vector<float> stored(50000);
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<float>(i);
  const auto file = ArrayFile::open(write_npy(dictionary("<f4", "(50000,)"), bytes_of(stored)));
  std::vector<double> part(40000);

  ASSERT_TRUE(file->read(7777, part).ok());

  EXPECT_EQ(part.front(), 7777);
  EXPECT_EQ(part[20000], 27777);
  EXPECT_EQ(part.back(), 47776);
}

TEST_F(ArrayFiles, FileThatShrinksIsAnErrorAndNoCrash) {
  const std::string path = write_npy(dictionary("<f4", "(4,)"), bytes_of<float>({1, 2, 3, 4}));
  const auto file = ArrayFile::open(path);
  ASSERT_EQ(::truncate(path.c_str(), 70), 0);
  std::vector<double> values(4);

  const Outcome outcome = file->read(0, values);

  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message, HasSubstr("became shorter while it was read"));
}

TEST_F(ArrayFiles, CsvColumnsAndMatrices) {
  EXPECT_THAT(all_of(write("a.csv", "1\n2.5\n-3e-2\n")),
              ElementsAre(1, 2.5, static_cast<double>(-3e-2F)));
  const auto matrix = ArrayFile::open(write("m.csv", "a, b\r\n1, 2\r\n3, 4\r\n5, 6"));
  ASSERT_TRUE(matrix.ok());
  EXPECT_THAT(matrix->shape(), ElementsAre(3, 2));
  EXPECT_THAT(all_of(folder_ / "m.csv"), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(ArrayFiles, WhatSavetxtWritesIsRead) {
  EXPECT_THAT(all_of(write("a.txt", "# made by numpy\n1.000e+00 2.000e+00\n+3.0e+00 nan\n")),
              ElementsAre(1, 2, 3, testing::IsNan()));
  EXPECT_THAT(all_of(write("b.txt", "1;\t2\n-inf ; 4\n")), ElementsAre(1, 2, -INFINITY, 4));
}

TEST_F(ArrayFiles, DecimalsBecomeFloat32) {
  // -0.34033203 has eight digits of the fp16 number -0.34033203125: the nearest float32 is exact.
  EXPECT_THAT(all_of(write("a.csv", "-0.34033203\n")), ElementsAre(-0.34033203125));
}

TEST_F(ArrayFiles, BadCsvNamesTheLine) {
  EXPECT_THAT(error_of(write("a.csv", "1\nabc\n")),
              HasSubstr(":2: expected a float32 number, found \"abc\""));
  EXPECT_THAT(error_of(write("a.csv", "1,2\n3\n")),
              HasSubstr(":2: expected 2 numbers as in line 1, found 1"));
  EXPECT_THAT(error_of(write("a.csv", "1,,2\n")), HasSubstr(":1: expected a float32 number"));
  EXPECT_THAT(error_of(write("a.csv", "1,2,\n")), HasSubstr(":1: expected a float32 number"));
  EXPECT_THAT(error_of(write("a.csv", "1e300\n")), HasSubstr("found \"1e300\""));
  EXPECT_THAT(error_of(write("a.csv", "1\n0x10\n")), HasSubstr(":2:"));
  EXPECT_THAT(error_of(write("a.csv", "names\nonly\n")), HasSubstr(":2:"));
  EXPECT_THAT(error_of(write("a.csv", "")), HasSubstr("expected numbers, found none"));
  EXPECT_THAT(error_of(write("a.csv", "# nothing\n\n")), HasSubstr("found none"));
}

TEST_F(ArrayFiles, BinaryRubbishDoesNotReachTheTerminal) {
  const std::string message = error_of(write("a.bin", std::string("1\n\x1B[31m\x01\x02", 9)));

  EXPECT_THAT(message, HasSubstr("\"?[31m??\""));
}

TEST_F(ArrayFiles, OtherTypesAreRefused) {
  EXPECT_THAT(error_of(write_npy(dictionary("<c8", "(1,)"), "12345678")),
              AllOf(HasSubstr("expected numbers"), HasSubstr("found '<c8'")));
  EXPECT_THAT(error_of(write_npy(dictionary("|O", "(1,)"), "\x80\x04")),
              HasSubstr("pickled objects, which are never loaded"));
  EXPECT_THAT(error_of(write_npy(dictionary("<U3", "(1,)"), std::string(12, ' '))),
              HasSubstr("found '<U3'"));
  for (const char* descr : {"f4", "<f1", "<f3", "|f4", "<b1", "<i9", "", "<f16", "=f4"}) {
    EXPECT_THAT(error_of(write_npy(dictionary(descr, "(1,)"), "12345678")), HasSubstr("expected"))
        << descr;
  }
}

TEST_F(ArrayFiles, HeadersThatLieAreCaught) {
  EXPECT_THAT(error_of(write_npy(dictionary("<f4", "(3,)"), bytes_of<float>({1, 2}))),
              HasSubstr("shape (3,) needs 12 bytes of data, found 8"));
  EXPECT_THAT(error_of(write_npy(dictionary("<f4", "(1,)"), bytes_of<float>({1, 2}))),
              HasSubstr("shape (1,) needs 4 bytes of data, found 8"));
  EXPECT_THAT(error_of(write_npy(dictionary("<f8", "(4611686018427387904, 4)"), "")),
              HasSubstr("over 2^64"));
}

TEST_F(ArrayFiles, WhatIsNoArrayFileIsNamed) {
  EXPECT_THAT(error_of(folder_ / "gone.npy"), HasSubstr("cannot open: No such file"));
  EXPECT_THAT(error_of(folder_), HasSubstr("found a directory"));
  EXPECT_THAT(error_of(write("x.npz", "PK\x03\x04....")), HasSubstr("archive"));
  EXPECT_THAT(error_of(write("x.npy", "1\n2\n")), HasSubstr("not a .npy file"));
  const std::filesystem::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_of(pipe), HasSubstr("expected a regular file"));
}

TEST_F(ArrayFiles, EmptyAndScalarArraysHaveTheirSize) {
  EXPECT_EQ(ArrayFile::open(write_npy(dictionary("<f4", "(0, 3)"), ""))->size(), 0U);
  EXPECT_EQ(ArrayFile::open(write_npy(dictionary("<f4", "(0, 3, 2)", "True"), ""))->size(), 0U);
  EXPECT_THAT(all_of(write_npy(dictionary("<f4", "()"), bytes_of<float>({2}))), ElementsAre(2));
}

}  // namespace
}  // namespace gpubench
