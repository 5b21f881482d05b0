#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/isa/common.h"

namespace loam::avx512vnni {

#include "kernels/isa/avx512vnni.h"

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("avx512vnni");

}  // namespace loam::avx512vnni
#endif
