#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/compiler.h"
#include "kernels/kernel_table.h"
#include "quant/half.h"
#include "quant/iq4_nl.h"
#include "quant/iq4_xs.h"
#include "quant/mxfp4.h"
#include "quant/q2_k.h"
#include "quant/q3_k.h"
#include "quant/q4_0.h"
#include "quant/q4_1.h"
#include "quant/q4_k.h"
#include "quant/q5_0.h"
#include "quant/q5_1.h"
#include "quant/q5_k.h"
#include "quant/q6_k.h"
#include "quant/q8_0.h"

namespace loam::avx2 {

#include "kernels/half.inl"

#include "kernels/isa/avx2.h"

#include "kernels/math.inl"

#include "kernels/formats.inl"

#include "kernels/pack.inl"

#include "kernels/activations.inl"

#include "kernels/matmul.inl"

#include "kernels/vector.inl"

#include "kernels/attention.inl"

#include "kernels/table.inl"

extern constinit const KernelTable kTable = make_table("avx2");

}  // namespace loam::avx2
#endif
