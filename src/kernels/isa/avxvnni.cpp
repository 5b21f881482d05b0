#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/isa/common.h"

namespace loam::avxvnni {

#include "kernels/isa/avx2.h"

#include "kernels/isa/avxvnni.h"

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("avxvnni");

}  // namespace loam::avxvnni
#endif
