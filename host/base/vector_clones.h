// vector_clones.h — marks a hot loop to be compiled once for each vector width of x86-64; the
// program picks the copy for its CPU when it starts. Contraction is off in every room, so all
// copies give the same bits. What the loop calls must be inlined to profit.
#pragma once

// Not under the thread sanitizer: it crashes in the resolvers, which run before it is initialised.
#if defined(__SANITIZE_THREAD__)
#define GPUBENCH_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GPUBENCH_THREAD_SANITIZER
#endif
#endif

#if defined(__x86_64__) && defined(__ELF__) && !defined(GPUBENCH_THREAD_SANITIZER)
#define GPUBENCH_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define GPUBENCH_VECTOR_CLONES
#endif
