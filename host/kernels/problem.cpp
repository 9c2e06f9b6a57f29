// problem.cpp — words, formats and amounts of work of a problem.

#include "kernels/problem.h"

#include <array>
#include <cstddef>

namespace gpubench {
namespace {

using namespace std::string_view_literals;

// One array of words for each enum, in the order of its enumerators.
constexpr std::array kOps{"gemm"sv, "linear"sv, "softmax"sv};
constexpr std::array kPrecisions{"fp32"sv,         "fp16"sv, "fp16_acc32"sv, "fp32_via_fp16"sv,
                                 "fp32_relaxed"sv, "tf32"sv, "bf16"sv};
constexpr std::array kActivations{"none"sv, "relu"sv, "gelu"sv, "silu"sv, "sigmoid"sv};
constexpr std::array kFills{"normal"sv,     "uniform"sv,  "uniform01"sv, "int_exact"sv,
                            "exp_spread"sv, "cancel"sv,   "logits"sv,    "near_threshold"sv,
                            "subnormal"sv,  "overflow"sv, "zeros"sv,     "file"sv};
constexpr std::array kLayouts{"nn"sv, "nt"sv};

static_assert(kOps.size() == std::size_t(Op::softmax) + 1);
static_assert(kPrecisions.size() == std::size_t(Precision::bf16) + 1);
static_assert(kActivations.size() == std::size_t(Activation::sigmoid) + 1);
static_assert(kFills.size() == std::size_t(Fill::file) + 1);
static_assert(kLayouts.size() == std::size_t(Layout::nt) + 1);

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& words, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == text) return Enum(i);
  }
  return std::nullopt;
}

// What a precision path declares: the format its inputs have when they are multiplied, the format
// of the running sum, the format in memory.
struct Path {
  std::string_view multiplied;
  std::string_view accumulated;
  Format stored;
};

constexpr std::array<Path, kPrecisions.size()> kPaths{{
    {"f32", "f32", Format::f32},   // fp32
    {"f16", "f16", Format::f16},   // fp16
    {"f16", "f32", Format::f16},   // fp16_acc32
    {"f16", "f16", Format::f32},   // fp32_via_fp16
    {"f32", "f32", Format::f32},   // fp32_relaxed
    {"tf32", "f32", Format::f32},  // tf32
    {"bf16", "f32", Format::f32},  // bf16
}};

const Path& path(Precision precision) {
  return kPaths[std::size_t(precision)];
}

}  // namespace

std::uint64_t Problem::a_elements() const {
  return op == Op::softmax ? shape.c_elements() : shape.a_elements();
}

std::uint64_t Problem::b_elements() const {
  return op == Op::softmax ? 0 : shape.b_elements();
}

Format storage(Precision precision) {
  return path(precision).stored;
}

std::string_view dtype_in(Precision precision) {
  return path(precision).multiplied;
}

std::string_view dtype_acc(Op op, Precision precision) {
  return op == Op::softmax ? "f32" : path(precision).accumulated;
}

std::string_view dtype_out(Precision precision) {
  return storage(precision) == Format::f16 ? "f16" : "f32";
}

double flop(const Problem& problem) {
  const Shape& shape = problem.shape;
  const double outputs = double(shape.batch) * shape.m * shape.n;
  return problem.op == Op::softmax ? 5.0 * outputs : 2.0 * outputs * shape.k;
}

double moved_bytes(const Problem& problem, Precision precision) {
  const double elements = double(problem.a_elements()) + double(problem.b_elements()) +
                          double(problem.bias_elements()) + double(problem.c_elements());
  return elements * format_bytes_of(storage(precision));
}

std::string_view to_string(Op value) {
  return kOps[std::size_t(value)];
}
std::string_view to_string(Precision value) {
  return kPrecisions[std::size_t(value)];
}
std::string_view to_string(Activation value) {
  return kActivations[std::size_t(value)];
}
std::string_view to_string(Fill value) {
  return kFills[std::size_t(value)];
}
std::string_view to_string(Layout value) {
  return kLayouts[std::size_t(value)];
}

std::optional<Op> parse_op(std::string_view text) {
  return parse<Op>(kOps, text);
}
std::optional<Precision> parse_precision(std::string_view text) {
  return parse<Precision>(kPrecisions, text);
}
std::optional<Activation> parse_activation(std::string_view text) {
  return parse<Activation>(kActivations, text);
}
std::optional<Fill> parse_fill(std::string_view text) {
  return parse<Fill>(kFills, text);
}

std::span<const std::string_view> op_names() {
  return kOps;
}
std::span<const std::string_view> precision_names() {
  return kPrecisions;
}
std::span<const std::string_view> activation_names() {
  return kActivations;
}
std::span<const std::string_view> fill_names() {
  return kFills;
}

}  // namespace gpubench
