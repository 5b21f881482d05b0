// The set "avxvnni" compiled for processors that have its one instruction in AVX-512's encoding only: the same source
// and arithmetic, so its tests also run where AVX-VNNI itself is missing. Where it is there, they run on both.
#include <immintrin.h>

#include "kernels/isa/common.h"

namespace loam::avxvnni_evex {

#include "kernels/isa/avx2.h"

#include "kernels/isa/avxvnni.h"

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("avxvnni_evex");

}  // namespace loam::avxvnni_evex
