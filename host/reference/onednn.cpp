#include "reference/onednn.h"

#include <dnnl.hpp>
#include <stdexcept>

#include "base/parallel.h"

// Of the OpenMP runtime that oneDNN is linked with; its header is not on every compiler's path.
extern "C" void omp_set_num_threads(int threads);

namespace gpubench {

// oneDNN's plain sgemm and not its matmul primitive: that one may be lowered to bf16 or TF32 by the
// environment, and was measured to be slower (docs/inputs-and-reference.md).
void onednn_product(const Shape& shape, Transposed b_transposed, const float* a, const float* b,
                    float* c) {
  omp_set_num_threads(static_cast<int>(hardware_threads()));
  const dnnl_dim_t m = shape.m, n = shape.n, k = shape.k;
  const char b_form = b_transposed == Transposed::yes ? 'T' : 'N';
  const dnnl_dim_t b_stride = b_transposed == Transposed::yes ? k : n;
  for (std::uint32_t member = 0; member < shape.batch; ++member) {
    const dnnl::status status =
        dnnl::sgemm('N', b_form, m, n, k, 1.0F, a + member * m * k, k, b + member * k * n, b_stride,
                    0.0F, c + member * m * n, n);
    if (status != dnnl::status::success) throw std::runtime_error("dnnl_sgemm failed");
  }
}

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

}  // namespace gpubench
