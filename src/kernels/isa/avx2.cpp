#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/isa/common.h"

namespace loam::avx2 {

#include "kernels/isa/avx2.h"
using Isa = Avx2;

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("avx2");

}  // namespace loam::avx2
#endif
