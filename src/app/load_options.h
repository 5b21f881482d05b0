// The options that every command which loads a model shares, and loading with them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "file/gguf.h"
#include "tokenizer/tokenizer.h"

namespace loam {

class Command;
class Option;

struct LoadOptions {
  std::string model;  // a catalogue name or a path
  int threads = 0;    // 0: physical cores
  int64_t context = 0;
  KvOptions kv;
  int experts = 0;
  std::vector<std::string> expert_bias;  // "LAYER:EXPERT=X"
  std::string trace_router;              // a file, or empty
  RopeOptions rope;
  bool no_mmap = false, no_packed_files = false, mmap = false;
  int draft = EngineOptions{}.draft;
  std::string draft_model;  // a catalogue name or a path; empty: none
  std::string quant;        // what the weights become as they are loaded; empty: as in the file
  std::vector<std::string> overrides;
  std::string force_pre;
};

// The positional MODEL, required unless `optional`.
void add_model_argument(Command& command, LoadOptions& options, bool optional = false);
// --force-pre and --override-kv: all that reading a vocabulary takes.
void add_file_options(Command& command, LoadOptions& options);
// --kv, --kv-k, --kv-v
void add_kv_options(Command& command, KvOptions& options);
// --quant
Option* add_quant_option(Command& command, std::string& type);
// The above but for MODEL, and -t, --experts, --expert-bias, --trace-router, --no-mmap,
// --mmap, --no-packed-files.
void add_load_options(Command& command, LoadOptions& options);
// -c/--ctx
void add_context_option(Command& command, LoadOptions& options);

// --draft, --draft-model
void add_draft_options(Command& command, LoadOptions& options);

EngineOptions engine_options(const LoadOptions& options);
// Loads with a progress bar; Ctrl+C under an InterruptGuard cancels.
std::unique_ptr<Engine> load_engine(const LoadOptions& options, EngineOptions engine);
std::unique_ptr<Engine> load_engine(const LoadOptions& options);

// A model file without its weights, for what needs only metadata; the overrides are applied.
std::unique_ptr<GgufFile> open_model_file(const LoadOptions& options);

}  // namespace loam
