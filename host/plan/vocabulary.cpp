#include "plan/vocabulary.h"

#include "kernels/kernel.h"
#include "kernels/problem.h"

namespace gpubench {
namespace {

OpWords words_of(Op op) {
  switch (op) {
    case Op::gemm:
      return {to_string(op), {"m", "n", "k", "batch"}, {"transpose_b"}, kernel_names(op)};
    case Op::linear:
      return {to_string(op), {"m", "n", "k"}, {"activation", "bias"}, kernel_names(op)};
    case Op::softmax:
      return {to_string(op), {"m", "n"}, {}, kernel_names(op)};
  }
  return {};
}

}  // namespace

Vocabulary catalogue_vocabulary() {
  Vocabulary words;
  for (const std::string_view name : op_names()) words.ops.push_back(words_of(*parse_op(name)));
  words.precisions = precision_names();
  words.activations = activation_names();
  words.fills = fill_names();
  words.builds = build_names();
  return words;
}

}  // namespace gpubench
