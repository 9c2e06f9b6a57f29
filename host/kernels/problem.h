// problem.h — what is computed: operation, shape, precision path and input data. The words here
// are the words of the scenario files and of the CSV columns.
// Pure. Knows nothing of devices, shaders or files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gpubench {

enum class Op : std::uint8_t { gemm, linear, softmax };

/// A precision path: stored, multiplied and accumulated formats; docs/design.md has the table.
/// tf32 and bf16 are controls: fp32 storage whose inputs the shader rounds before multiplying, bf16
/// also on matrix units.
enum class Precision : std::uint8_t {
  fp32,
  fp16,
  fp16_acc32,
  fp32_via_fp16,
  fp32_relaxed,
  tf32,
  bf16,
};

enum class Activation : std::uint8_t { none, relu, gelu, silu, sigmoid };

enum class Fill : std::uint8_t {
  normal,
  uniform,
  uniform01,
  int_exact,
  exp_spread,
  cancel,
  logits,
  near_threshold,
  subnormal,
  overflow,
  zeros,
  file,
};

/// Storage formats.
enum class Format : std::uint8_t { f32, f16 };

constexpr std::uint32_t format_bytes_of(Format format) {
  return format == Format::f16 ? 2 : 4;
}

/// nn: B is k x n. nt: B is n x k (`transpose_b`; always so for linear, whose weight is n x k).
enum class Layout : std::uint8_t { nn, nt };

/// GEMM: C[m,n] = A[m,k]·B. Linear: Y[m,n] = act(X[m,k]·W[n,k]ᵀ + bias[n]).
/// Softmax: m rows of n elements; k is 0. Everything is row-major and contiguous; a batch member
/// follows the one before it.
struct Shape {
  std::uint32_t m = 1;
  std::uint32_t n = 1;
  std::uint32_t k = 1;
  std::uint32_t batch = 1;
  bool operator==(const Shape&) const = default;

  [[nodiscard]] std::uint64_t a_elements() const { return std::uint64_t{batch} * m * k; }
  [[nodiscard]] std::uint64_t b_elements() const { return std::uint64_t{batch} * k * n; }
  [[nodiscard]] std::uint64_t c_elements() const { return std::uint64_t{batch} * m * n; }
};

/// A problem fixes the numbers: two problems that compare equal have the same inputs and the same
/// reference, whatever kernel or precision path works on them (but for the storage format: see
/// `storage`). For softmax the input is tensor A with m x n elements.
struct Problem {
  Op op = Op::gemm;
  Shape shape;
  Layout layout = Layout::nn;
  Activation activation = Activation::none;
  bool bias = false;
  Fill fill = Fill::normal;
  std::string fill_file{};    ///< Path of the .npy for tensor A when fill is `file`.
  std::string fill_file_b{};  ///< The same for tensor B; empty: B is filled with `normal`.
  std::uint64_t seed = 42;
  bool operator==(const Problem&) const = default;

  /// Elements of the first input: A, X, or the softmax input.
  [[nodiscard]] std::uint64_t a_elements() const;
  /// Elements of B or W; 0 for softmax.
  [[nodiscard]] std::uint64_t b_elements() const;
  [[nodiscard]] std::uint64_t bias_elements() const { return bias ? shape.n : 0; }
  [[nodiscard]] std::uint64_t c_elements() const { return shape.c_elements(); }
};

/// Formats of inputs and outputs in memory.
Format storage(Precision precision);
/// Column dtype_in: the format that inputs have when they are multiplied ("f32", "f16", "tf32" or
/// "bf16"). fp32_via_fp16, tf32 and bf16 store f32 and round in the shader.
std::string_view dtype_in(Precision precision);
/// Column dtype_acc: the format of the running sum. The sums of softmax are f32 on every path.
std::string_view dtype_acc(Op op, Precision precision);
/// Column dtype_out: the format in memory.
std::string_view dtype_out(Precision precision);

/// FLOP by convention 2·batch·m·n·k for gemm and linear (bias and activation are not counted), and
/// 5 per element for softmax (subtract, exp, sum, divide, compare).
double flop(const Problem& problem);
/// Bytes that must cross memory at least once: inputs read, outputs written.
double moved_bytes(const Problem& problem, Precision precision);

std::string_view to_string(Op value);
std::string_view to_string(Precision value);
std::string_view to_string(Activation value);
std::string_view to_string(Fill value);
std::string_view to_string(Layout value);
std::optional<Op> parse_op(std::string_view text);
std::optional<Precision> parse_precision(std::string_view text);
std::optional<Activation> parse_activation(std::string_view text);
std::optional<Fill> parse_fill(std::string_view text);
std::span<const std::string_view> op_names();
std::span<const std::string_view> precision_names();
std::span<const std::string_view> activation_names();
std::span<const std::string_view> fill_names();

}  // namespace gpubench
