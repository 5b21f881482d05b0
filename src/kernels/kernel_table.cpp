#include "kernels/kernel_table.h"

namespace loam {

size_t packed_bytes(const KernelTable& kernels, DType dtype, int64_t rows, int64_t cols) {
  if (!has_matmul(dtype)) return 0;
  const int64_t groups = (rows + kernels.row_group - 1) / kernels.row_group;
  return static_cast<size_t>(groups * kernels.row_group_bytes(dtype, cols));
}

size_t activation_bytes(const KernelTable& kernels, ActivationKind kind, int64_t n_tokens, int64_t cols) {
  const int64_t bytes = kind == ActivationKind::float32 ? cols * static_cast<int64_t>(sizeof(float))
                                                        : cols / 32 * kernels.activation_block_bytes;
  return static_cast<size_t>(n_tokens * bytes);
}

ActivationKind activation_kind(DType dtype) {
  switch (info(dtype).block_size) {
    case 1: return ActivationKind::float32;
    case 256: return ActivationKind::int8_super;
    default: return ActivationKind::int8;
  }
}

bool has_matmul(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
    case DType::q4_0:
    case DType::q4_1:
    case DType::q5_0:
    case DType::q5_1:
    case DType::q8_0:
    case DType::q2_k:
    case DType::q3_k:
    case DType::q4_k:
    case DType::q5_k:
    case DType::q6_k:
    case DType::q8_k:
    case DType::iq1_s:
    case DType::iq1_m:
    case DType::iq2_xxs:
    case DType::iq2_xs:
    case DType::iq2_s:
    case DType::iq3_xxs:
    case DType::iq3_s:
    case DType::iq4_nl:
    case DType::iq4_xs:
    case DType::mxfp4:
    case DType::nvfp4:
    case DType::tq1_0:
    case DType::tq2_0:
    case DType::q1_0:
    case DType::q2_0: return true;
    default: return false;
  }
}

}  // namespace loam
