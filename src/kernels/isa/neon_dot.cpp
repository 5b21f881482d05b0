#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels/isa/common.h"

namespace loam::neon_dot {

#include "kernels/isa/neon_dot.h"

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("neon_dot");

}  // namespace loam::neon_dot
#endif
