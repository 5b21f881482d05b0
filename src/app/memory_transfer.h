// The parts of `loam memory` that bring things in, out, and away.
#pragma once

#include <string>

#include "app/command.h"
#include "memory/turn.h"

namespace loam {

void add_memory_add(Command& memory);
void add_memory_import(Command& memory);
void add_memory_export(Command& memory);
void add_memory_forget(Command& memory);

// The time that --`name` gives. Error(invalid).
UnixTime time_argument(const char* name, const std::string& text);

}  // namespace loam
