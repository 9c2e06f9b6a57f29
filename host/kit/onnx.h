// onnx.h — a matrix product as an ONNX model: the few messages of onnx.proto that it takes, written
// here because ONNX's own library would bring protobuf into the program.
// Knows nothing of kits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gpubench {

/// The values of onnx.proto's TensorProto.DataType.
enum class OnnxType : std::uint8_t { float32 = 1, float16 = 10 };

struct OnnxTensor {
  std::string name;
  OnnxType type = OnnxType::float32;
  std::vector<std::uint64_t> shape;
};

/// C = MatMul(A, B) of two inputs. IR version 8, operators 13: as old as most runtimes read.
std::string onnx_matmul(const OnnxTensor& a, const OnnxTensor& b, const OnnxTensor& c);

/// The same with B as a part of the model, float32.
std::string onnx_matmul(const OnnxTensor& a, const OnnxTensor& b, std::span<const float> b_values,
                        const OnnxTensor& c);

}  // namespace gpubench
