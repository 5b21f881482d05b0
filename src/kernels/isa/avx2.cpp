#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/kernel_table.h"

namespace loam::avx2 {

#include "kernels/half.inl"

#include "kernels/isa/avx2.h"

#include "kernels/vector.inl"

#include "kernels/attention.inl"

#include "kernels/table.inl"

extern constinit const KernelTable kTable = make_table("avx2");

}  // namespace loam::avx2
#endif
