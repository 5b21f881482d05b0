// The parts of `loam memory` that show and set what is known of a user, and what was noticed.
#pragma once

#include "app/command.h"

namespace loam {

void add_memory_facts(Command& memory);
void add_memory_persona(Command& memory);
void add_memory_patterns(Command& memory);
void add_memory_emotions(Command& memory);

}  // namespace loam
