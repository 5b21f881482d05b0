// The parts of `loam memory` that find turns, and measure how well.
#pragma once

#include "app/command.h"
#include "memory/memory.h"

namespace loam {

// Turns that came without a vector get theirs, with a progress bar. Error(cancelled)
void make_vectors(Memory& memory);

void add_memory_search(Command& memory);
void add_memory_eval(Command& memory);
void add_memory_list(Command& memory);
void add_memory_stats(Command& memory);
void add_memory_rebuild(Command& memory);

}  // namespace loam
