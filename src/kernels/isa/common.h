// What each set's source includes before it opens its namespace: nothing that defines code.
#pragma once

#include "kernels/kernel_table.h"
#include "kernels/recurrence.h"
#include "quant/half.h"
#include "quant/iq1_m.h"
#include "quant/iq1_s.h"
#include "quant/iq2_s.h"
#include "quant/iq2_xs.h"
#include "quant/iq2_xxs.h"
#include "quant/iq3_s.h"
#include "quant/iq3_xxs.h"
#include "quant/iq4_nl.h"
#include "quant/iq4_xs.h"
#include "quant/mxfp4.h"
#include "quant/nvfp4.h"
#include "quant/q1_0.h"
#include "quant/q2_0.h"
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
#include "quant/q8_k.h"
#include "quant/tq1_0.h"
#include "quant/tq2_0.h"

// The register tiles are arrays that must become registers: their functions inline, their loops unroll entirely.
#define LOAM_INLINE [[gnu::always_inline]] inline
#if defined(__clang__)
#define LOAM_UNROLL _Pragma("unroll")
#else
#define LOAM_UNROLL _Pragma("GCC unroll 16")
#endif
