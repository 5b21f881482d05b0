#include "memory/recall/int8_dot.h"

namespace loam {

// Written so that compilers make pairs of 16-bit products of it; on x86 once more for AVX2, chosen at each call.
#define LOAM_SUM_OF_PRODUCTS                                                    \
  int32_t sum = 0;                                                              \
  for (size_t i = 0; i < n; ++i) sum += static_cast<int16_t>(a[i]) * int{b[i]}; \
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
