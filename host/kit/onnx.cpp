// Field numbers are those of onnx/onnx.proto in https://github.com/onnx/onnx; protobuf's encoding
// is at https://protobuf.dev/programming-guides/encoding. tests/integration has ONNX's own checker
// read what comes out.
#include "kit/onnx.h"

namespace gpubench {
namespace {

constexpr std::uint64_t kIrVersion = 8;
constexpr std::uint64_t kOperators = 13;

/// One protobuf message in the making.
class Message {
 public:
  Message& number(unsigned field, std::uint64_t value) {
    varint(std::uint64_t{field} << 3);
    varint(value);
    return *this;
  }
  Message& bytes(unsigned field, const std::string& value) {
    varint(std::uint64_t{field} << 3 | 2U);
    varint(value.size());
    text_ += value;
    return *this;
  }
  Message& message(unsigned field, const Message& value) { return bytes(field, value.text_); }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) text_ += static_cast<char>(value % 128 + 128);
    text_ += static_cast<char>(value);
  }
  std::string text_;
};

/// ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; Tensor: elem_type 1, shape 2;
/// TensorShapeProto: dim 1; Dimension: dim_value 1.
Message value_info(const OnnxTensor& tensor) {
  Message shape;
  for (const std::uint64_t extent : tensor.shape) shape.message(1, Message().number(1, extent));
  const Message type =
      Message().number(1, static_cast<std::uint64_t>(tensor.type)).message(2, shape);
  return Message().bytes(1, tensor.name).message(2, Message().message(1, type));
}

/// TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian).
Message initializer(const OnnxTensor& tensor, std::span<const float> values) {
  Message made;
  for (const std::uint64_t extent : tensor.shape) made.number(1, extent);
  const auto* first = reinterpret_cast<const char*>(values.data());
  return made.number(2, static_cast<std::uint64_t>(tensor.type))
      .bytes(8, tensor.name)
      .bytes(9, {first, values.size_bytes()});
}

/// NodeProto: input 1, output 2, name 3, op_type 4. GraphProto: node 1, name 2.
Message graph_of_matmul(const OnnxTensor& a, const OnnxTensor& b, const OnnxTensor& c) {
  const Message node = Message()
                           .bytes(1, a.name)
                           .bytes(1, b.name)
                           .bytes(2, c.name)
                           .bytes(3, "product")
                           .bytes(4, "MatMul");
  return Message().message(1, node).bytes(2, "gpubench");
}

/// ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8; OperatorSetIdProto:
/// domain 1, version 2.
std::string model_of(const Message& graph) {
  return Message()
      .number(1, kIrVersion)
      .bytes(2, "gpubench")
      .message(7, graph)
      .message(8, Message().bytes(1, "").number(2, kOperators))
      .text();
}

}  // namespace

// GraphProto: initializer 5, input 11, output 12.
std::string onnx_matmul(const OnnxTensor& a, const OnnxTensor& b, const OnnxTensor& c) {
  return model_of(graph_of_matmul(a, b, c)
                      .message(11, value_info(a))
                      .message(11, value_info(b))
                      .message(12, value_info(c)));
}

std::string onnx_matmul(const OnnxTensor& a, const OnnxTensor& b, std::span<const float> b_values,
                        const OnnxTensor& c) {
  return model_of(graph_of_matmul(a, b, c)
                      .message(5, initializer(b, b_values))
                      .message(11, value_info(a))
                      .message(12, value_info(c)));
}

}  // namespace gpubench
