// How fast this machine reads memory and multiplies, measured with the kernels that models run on.
#pragma once

#include "base/thread_pool.h"
#include "kernels/kernel_table.h"

namespace loam {

struct MachineSpeed {
  double read_gb_per_s = 0;  // 10⁹ bytes of weights a second, one token at a time: memory is the limit
  double int8_gops = 0;      // 10⁹ multiplications and additions a second, many tokens at a time: the cores are
};

// The best of some runs over made-up weights; takes some tens of milliseconds, and 128 MiB for as long.
MachineSpeed measure_machine(const KernelTable& kernels, ThreadPool& pool);

}  // namespace loam
