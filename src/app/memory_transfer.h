// The parts of `loam memory` that bring things in, out, and away.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "memory/memory.h"

namespace loam {

void add_memory_add(Command& memory);
void add_memory_import(Command& memory);
void add_memory_export(Command& memory);
void add_memory_forget(Command& memory);

// Whose memory a command is about.
struct MemoryOwner {
  std::string user = "local";
  bool shared = false;  // what all users see: $LOAM_HOME/shared
};
void add_owner_options(Command& command, MemoryOwner& owner);
// Error(io) where another loam has it open, Error(invalid) for a name that is no user's.
std::shared_ptr<Memory> open_memory(const MemoryOwner& owner);

// The time that --`name` gives. Error(invalid).
UnixTime time_argument(const char* name, const std::string& text);

}  // namespace loam
