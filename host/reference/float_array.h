// float_array.h — a large float array that is not cleared when made, on huge pages if there are
// any. A vector would write every element once before its first use; at 1 GiB that is a tenth of a
// second on one core.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace gpubench {

class FloatArray {
 public:
  FloatArray() = default;
  /// Throws std::bad_alloc.
  explicit FloatArray(std::size_t size);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] float* data() { return data_.get(); }
  [[nodiscard]] const float* data() const { return data_.get(); }
  [[nodiscard]] std::span<float> span() { return {data_.get(), size_}; }
  [[nodiscard]] std::span<const float> span() const { return {data_.get(), size_}; }
  float& operator[](std::size_t index) { return data_.get()[index]; }
  float operator[](std::size_t index) const { return data_.get()[index]; }

 private:
  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace gpubench
