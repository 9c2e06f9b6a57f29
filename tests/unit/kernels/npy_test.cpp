#include "kernels/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/fill.h"

namespace gpubench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Npy : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("gpubench_npy_" + std::string(info->name()) + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "x.npy";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(std::string_view bytes) { std::ofstream(path_, std::ios::binary) << bytes; }

  /// Format 1.0, as NumPy writes it.
  void write_array(std::string_view dictionary, std::string_view data) {
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(dictionary.size() & 0xFF);
    bytes += static_cast<char>(dictionary.size() >> 8);
    write(bytes + std::string(dictionary) + std::string(data));
  }

  std::string header_error() {
    const auto header = read_npy_header(path_);
    if (header) return "no error";
    EXPECT_EQ(header.error().kind, ErrorKind::input);
    EXPECT_THAT(header.error().message, HasSubstr("x.npy: "));
    return header.error().message;
  }

  std::filesystem::path folder_;
  std::string path_;
};

std::string bytes_of(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST_F(Npy, ReadsAnyPartOfAFloatArray) {
  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n",
              bytes_of({1, 2, 3, 4, 5, 6}));
  const std::vector<std::uint64_t> shape{2, 3};
  std::vector<float> out(4);

  ASSERT_TRUE(read_npy(path_, shape, 1, out).ok());

  EXPECT_EQ(out, (std::vector<float>{2, 3, 4, 5}));
}

TEST_F(Npy, ReadsHalves) {
  // 0x3C00 is 1, 0xC000 is -2.
  write_array("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }\n",
              std::string("\x00\x3C\x00\xC0", 4));
  const std::vector<std::uint64_t> shape{2};
  std::vector<float> out(2);

  ASSERT_TRUE(read_npy(path_, shape, 0, out).ok());

  EXPECT_EQ(out, (std::vector<float>{1, -2}));
}

TEST_F(Npy, WrongShapeNamesBoth) {
  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
              bytes_of({1, 2, 3, 4, 5, 6}));
  const std::vector<std::uint64_t> shape{3, 2};
  std::vector<float> out(6);

  const Outcome outcome = read_npy(path_, shape, 0, out);

  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message, HasSubstr("x.npy: expected shape (3, 2), found (2, 3)"));
}

TEST_F(Npy, WrongTypeNamesBoth) {
  write_array("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "12345678");
  EXPECT_THAT(header_error(), AllOf(HasSubstr("'<f4' or '<f2'"), HasSubstr("found '<f8'")));

  write_array("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "1234");
  EXPECT_THAT(header_error(), HasSubstr("found '>f4'"));

  write_array("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "\x80\x04");
  EXPECT_THAT(header_error(), HasSubstr("found '|O'"));

  write_array("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234");
  EXPECT_THAT(header_error(), HasSubstr("found '[('a', '<f4')'"));
}

TEST_F(Npy, FortranOrderIsRefused) {
  write_array("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "1234");

  EXPECT_THAT(header_error(), HasSubstr("expected C order (row-major), found Fortran order"));
}

TEST_F(Npy, TruncatedDataSayHowMuchIsMissing) {
  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", bytes_of({1, 2, 3}));

  EXPECT_THAT(header_error(), HasSubstr("shape (2, 3) needs 24 bytes of data, found 12"));
}

TEST_F(Npy, LyingShapesAreCaught) {
  // 2^62 elements of 4 bytes overflow 64 bits; so does a dimension of more than 20 digits.
  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "");
  EXPECT_THAT(header_error(), HasSubstr("over 2^64 bytes"));

  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "");
  EXPECT_THAT(header_error(), HasSubstr("expected a header"));

  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "");
  EXPECT_THAT(header_error(), HasSubstr("expected a header"));
}

TEST_F(Npy, DamagedHeadersNeverCrash) {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  const std::string data = bytes_of({1, 2, 3, 4, 5, 6});
  for (std::size_t length = 0; length < good.size(); ++length) {
    write_array(good.substr(0, length), data);
    EXPECT_NE(header_error(), "no error") << length;
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = '\xFF';
    write_array(damaged, data);
    EXPECT_NE(header_error(), "no error") << at;
  }
}

TEST_F(Npy, OtherFilesAreRecognised) {
  write("");
  EXPECT_THAT(header_error(), HasSubstr("not a .npy file"));
  write("PK\x03\x04 a zip file, such as an .npz");
  EXPECT_THAT(header_error(), HasSubstr("not a .npy file"));
  write(std::string_view("\x93NUMPY\x09\x00\x10\x00", 10));
  EXPECT_THAT(header_error(), HasSubstr("expected .npy format 1, 2 or 3, found 9"));
  write(std::string_view("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF{", 13));
  EXPECT_THAT(header_error(), HasSubstr("cut short or too long"));
  write(std::string_view("\x93NUMPY\x01\x00\xFF", 9));
  EXPECT_THAT(header_error(), HasSubstr("cut short"));
}

TEST_F(Npy, MissingFilesAndDirectoriesAreNamed) {
  EXPECT_THAT(header_error(), HasSubstr("cannot open: No such file"));
  std::filesystem::create_directories(path_);
  EXPECT_THAT(header_error(), HasSubstr("found a directory"));
}

TEST_F(Npy, FillFileFeedsTensorA) {
  write_array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
              bytes_of({1, 2, 3, 4, 5, 6}));
  Problem problem;
  problem.fill = Fill::file;
  problem.fill_file = path_;
  problem.shape = {.m = 2, .n = 4, .k = 3, .batch = 1};
  std::vector<float> a(3);
  std::vector<float> b(12);

  ASSERT_TRUE(fill_tensor(problem, Tensor::a, 3, a).ok());
  ASSERT_TRUE(fill_tensor(problem, Tensor::b, 0, b).ok());

  EXPECT_EQ(a, (std::vector<float>{4, 5, 6}));
  EXPECT_NE(b[0], b[1]);  // No file is named for B, so it is normal.
}

}  // namespace
}  // namespace gpubench
