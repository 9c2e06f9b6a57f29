#include "reference/float_array.h"

#include <sys/mman.h>

#include <new>

namespace gpubench {

FloatArray::FloatArray(std::size_t size) : size_(size) {
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  constexpr std::size_t kCacheLine = 64;
  const std::size_t alignment = size * sizeof(float) >= kHugePage ? kHugePage : kCacheLine;
  if (size > SIZE_MAX / sizeof(float) - alignment) throw std::bad_alloc();
  const std::size_t bytes = (size * sizeof(float) + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
  if (data_ == nullptr && bytes > 0) throw std::bad_alloc();
  // Advice only: without huge pages everything works, a little slower.
  if (alignment == kHugePage) madvise(data_.get(), bytes, MADV_HUGEPAGE);
}

}  // namespace gpubench
