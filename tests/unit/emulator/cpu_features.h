// cpu_features.h — which instructions this x86-64 CPU has, of those that tests compare with. By
// CPUID: compilers differ in the names that __builtin_cpu_supports takes.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

namespace gpubench {

struct CpuidWords {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
inline CpuidWords cpuid(unsigned leaf, unsigned subleaf) {
  CpuidWords words;
  __get_cpuid_count(leaf, subleaf, &words.a, &words.b, &words.c, &words.d);
  return words;
}

inline bool cpu_has_fma() {
  return (cpuid(1, 0).c >> 12 & 1U) != 0;
}
inline bool cpu_has_f16c() {
  return (cpuid(1, 0).c >> 29 & 1U) != 0;
}
inline bool cpu_has_avx512_bf16() {
  return (cpuid(7, 1).a >> 5 & 1U) != 0 && __builtin_cpu_supports("avx512vl");
}

}  // namespace gpubench

#endif
