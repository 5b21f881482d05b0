#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/kernel_table.h"

namespace loam::avx512vnni {

#include "kernels/half.inl"

#include "kernels/isa/avx512vnni.h"

#include "kernels/vector.inl"

#include "kernels/attention.inl"

#include "kernels/table.inl"

extern constinit const KernelTable kTable = make_table("avx512vnni");

}  // namespace loam::avx512vnni
#endif
