#include "kernels/kernel_table.h"

namespace loam::scalar {

#include "kernels/half.inl"

#include "kernels/isa/scalar.h"

#include "kernels/vector.inl"

#include "kernels/attention.inl"

#include "kernels/table.inl"

extern constinit const KernelTable kTable = make_table("scalar");

}  // namespace loam::scalar
