// What each operation of memory does, with arguments that memory_api.cpp has checked: memory_answers.cpp tells,
// memory_changes.cpp changes.
#pragma once

#include <nlohmann/json.hpp>

#include "server/memory/memory_api.h"

namespace loam {
namespace memory_operation {

Json search(Memory& memory, const MemoryArguments& a);
Json list(Memory& memory, const MemoryArguments& a);
Json sessions(Memory& memory, const MemoryArguments& a);
Json documents(Memory& memory, const MemoryArguments& a);
Json why(Memory& memory, const MemoryArguments& a);
Json facts(Memory& memory, const MemoryArguments& a);
Json patterns(Memory& memory, const MemoryArguments& a);
Json emotions(Memory& memory, const MemoryArguments& a);
Json persona(Memory& memory, const MemoryArguments& a);
Json core(Memory& memory, const MemoryArguments& a);
Json stats(Memory& memory, const MemoryArguments& a);

Json add(Memory& memory, const MemoryArguments& a);
Json add_document(Memory& memory, const MemoryArguments& a);
Json forget(Memory& memory, const MemoryArguments& a);
Json import(Memory& memory, const MemoryArguments& a);
Json rebuild(Memory& memory, const MemoryArguments& a);
Json mute_pattern(Memory& memory, const MemoryArguments& a);
Json set_persona(Memory& memory, const MemoryArguments& a);
Json pin(Memory& memory, const MemoryArguments& a);
Json unpin(Memory& memory, const MemoryArguments& a);

}  // namespace memory_operation
}  // namespace loam
