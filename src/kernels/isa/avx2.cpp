#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/isa/common.h"

namespace loam::avx2 {

#include "kernels/isa/avx2.h"

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("avx2");

}  // namespace loam::avx2
#endif
