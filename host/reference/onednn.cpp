#include "reference/onednn.h"

#include <dnnl.hpp>

#include "base/parallel.h"

// Of the OpenMP runtime that oneDNN is linked with; its header is not on every compiler's path.
extern "C" void omp_set_num_threads(int threads);

namespace gpubench {
namespace {

using dnnl::memory;

memory::desc matrix(const Shape& shape, std::uint32_t rows, std::uint32_t columns,
                    Transposed transposed) {
  const memory::dim r = rows;
  const memory::dim c = columns;
  const memory::dims strides =
      transposed == Transposed::yes ? memory::dims{r * c, 1, r} : memory::dims{r * c, c, 1};
  return {{shape.batch, r, c}, memory::data_type::f32, strides};
}

/// Set on the primitive itself: only so can the environment not lower it.
dnnl::primitive_attr strict_attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return attributes;
}

dnnl::matmul::primitive_desc describe(const dnnl::engine& engine, const memory::desc& a,
                                      const memory::desc& b, const memory::desc& c) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, a, b, c, strict_attributes()};
#else
  return {dnnl::matmul::desc(a, b, c), strict_attributes(), engine};
#endif
}

}  // namespace

void onednn_product(const Shape& shape, Transposed b_transposed, const float* a, const float* b,
                    float* c) {
  omp_set_num_threads(static_cast<int>(hardware_threads()));
  const memory::desc a_form = matrix(shape, shape.m, shape.k, Transposed::no);
  const memory::desc b_form = matrix(shape, shape.k, shape.n, b_transposed);
  const memory::desc c_form = matrix(shape, shape.m, shape.n, Transposed::no);
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const dnnl::matmul product(describe(engine, a_form, b_form, c_form));
  dnnl::stream stream(engine);
  product.execute(stream, {{DNNL_ARG_SRC, memory(a_form, engine, const_cast<float*>(a))},
                           {DNNL_ARG_WEIGHTS, memory(b_form, engine, const_cast<float*>(b))},
                           {DNNL_ARG_DST, memory(c_form, engine, c)}});
  stream.wait();
}

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

}  // namespace gpubench
