// The sets that the kernel tests run: all that this CPU has, and isa/avxvnni_evex.cpp where it can stand in for
// AVX-VNNI.
#pragma once

#include <vector>

#include "kernels/kernel_table.h"

namespace loam {

#if defined(__x86_64__)
namespace avxvnni_evex {
extern const KernelTable kTable;
}
#endif

namespace test {

inline std::vector<const KernelTable*> tested_kernels() {
  std::vector<const KernelTable*> tables(available_kernels().begin(), available_kernels().end());
#if defined(__x86_64__)
  if (tables.back()->name == "avx512vnni") tables.push_back(&avxvnni_evex::kTable);
#endif
  return tables;
}

}  // namespace test
}  // namespace loam
