// The measured speed of this machine, kept in $LOAM_HOME/speed.json for the next time.
#pragma once

#include "engine/machine_speed.h"

namespace loam {

// Measured once for each CPU name, instruction set and number of threads.
MachineSpeed machine_speed(const KernelTable& kernels, int n_threads);

}  // namespace loam
