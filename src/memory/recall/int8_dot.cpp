#include "memory/recall/int8_dot.h"

namespace loam {

// Written so that compilers make pairs of 16-bit products of it, in blocks of a length that they know: GCC's -O2 leaves
// other loops as they are. On x86 once more for AVX2, chosen at each call.
#define LOAM_SUM_OF_PRODUCTS                                                                   \
  constexpr size_t kBlock = 64;                                                                \
  int32_t sum = 0;                                                                             \
  size_t i = 0;                                                                                \
  for (; i + kBlock <= n; i += kBlock) {                                                       \
    for (size_t k = 0; k < kBlock; ++k) sum += static_cast<int16_t>(a[i + k]) * int{b[i + k]}; \
  }                                                                                            \
  for (; i < n; ++i) sum += static_cast<int16_t>(a[i]) * int{b[i]};                            \
  return sum

namespace {

int32_t sum_of_products(const int8_t* a, const int16_t* b, size_t n) { LOAM_SUM_OF_PRODUCTS; }

#if defined(__x86_64__)
__attribute__((target("avx2"))) int32_t sum_of_products_avx2(const int8_t* a, const int16_t* b, size_t n) {
  LOAM_SUM_OF_PRODUCTS;
}
#endif

}  // namespace

int32_t dot_int8(const int8_t* a, const int16_t* b, size_t n) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return sum_of_products_avx2(a, b, n);
#endif
  return sum_of_products(a, b, n);
}

#undef LOAM_SUM_OF_PRODUCTS

}  // namespace loam
