// The parts of `loam memory` that show and set what is known of a user.
#pragma once

#include "app/command.h"

namespace loam {

void add_memory_facts(Command& memory);
void add_memory_persona(Command& memory);

}  // namespace loam
