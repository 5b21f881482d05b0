#include "kernels/isa/common.h"

namespace loam::scalar {

#include "kernels/isa/scalar.h"

#include "kernels/kernels.inl"

extern constinit const KernelTable kTable = make_table("scalar");

}  // namespace loam::scalar
