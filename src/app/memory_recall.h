// The parts of `loam memory` that find turns, and measure how well.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "memory/text_embedder.h"

namespace loam {

// The embedding model for recall; nullptr where `name` is "none", or "auto" and the usual one is not installed.
std::unique_ptr<TextEmbedder> load_recall_embedder(const std::string& name);

void add_memory_search(Command& memory);
void add_memory_eval(Command& memory);
void add_memory_list(Command& memory);
void add_memory_stats(Command& memory);
void add_memory_rebuild(Command& memory);

}  // namespace loam
