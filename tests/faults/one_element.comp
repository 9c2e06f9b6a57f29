#version 450
#extension GL_GOOGLE_include_directive : require
// one_element.comp — fault: one element in the middle of the first member of C is off by
// kBillionths billionths of the norm of its row of A (which is about sqrt(k) for normal data).
#include "contract.glsl"

layout(constant_id = 8) const uint kBillionths = 100000;

float row_norm() {
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) sum += push.a.v[a_index(i)] * push.a.v[a_index(i)];
  return sqrt(sum);
}

void main() {
  if (!inside()) return;
  float sum = product(push.k);
  if (member() == 0 && row() == push.m / 2 && column() == push.n / 2) {
    sum += float(kBillionths) * 1e-9 * row_norm();
  }
  push.c.v[c_index()] = sum;
}
