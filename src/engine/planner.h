// Planner: what a model takes on this machine, and whether that fits, from its header alone: nothing large is allocated
// and no tensor is read. `loam plan` prints it, and Engine::load refuses what does not fit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/engine.h"
#include "engine/machine_speed.h"

namespace loam {

// Bytes of resident memory at its peak, by what they hold.
struct MemoryPlan {
  uint64_t weights = 0;      // matrices, packed for this CPU, and vectors
  uint64_t embeddings = 0;   // the rows of the embedding table that a full context maps from the file
  uint64_t kv = 0;           // keys and values of all sequences at full context
  uint64_t state = 0;        // of recurrent layers, with room for snapshots
  uint64_t activations = 0;  // of the largest step, and its logits
  uint64_t adapters = 0;
  uint64_t program = 0;  // code, file header, vocabulary
  uint64_t on_disk = 0;  // weights that are read as they are used (EngineOptions::from_disk); not in the total

  uint64_t total() const;  // saturates, as each member does
};

// What a cache for sequences of `context` tokens has to hold.
KvRoom kv_room(const EngineOptions& options, int64_t context);

// What one token asks of the machine.
struct TokenWork {
  uint64_t bytes = 0;       // of packed weights, read once for each generated token
  uint64_t operations = 0;  // multiplications and additions of weights, for each token of a prompt
};

struct SpeedRange {
  double min = 0, max = 0;  // tokens a second
};
struct SpeedPlan {
  SpeedRange prompt;
  SpeedRange generation;  // from a full context to an empty one
};

class Planner {
 public:
  // Binds the model to the file's header. Error as Model::create, naming what contradicts the tensors, and as
  // KvCache::check.
  // `file` must outlive it.
  Planner(const GgufFile& file, const KernelTable& kernels, const EngineOptions& options);

  const ModelConfig& config() const { return model_->config(); }
  int64_t context() const { return context_; }  // tokens of a sequence: as asked, else as trained, at most 8192
  MemoryPlan memory() const { return memory(context_); }
  MemoryPlan memory(int64_t context) const { return memory(context, options_.kv); }

  TokenWork token_work() const;
  // What to expect of a machine that is not doing anything else.
  SpeedPlan speed(const MachineSpeed& machine) const;

  // The longest context up to the trained length that `available` bytes hold, in steps of 256 tokens; 0 where none.
  int64_t largest_context(uint64_t available) const;
  // What to change so that it fits: "try --ctx 8192 or --kv q8_0".
  std::string advice(uint64_t available) const;
  // How much of the weights each token reads from the disk, in a sentence; empty where they are in memory.
  std::string disk_warning(std::optional<uint64_t> available) const;
  // Error(no_memory) with what is needed, what is free, and the advice. Nothing where `available` is unknown.
  void check(std::optional<uint64_t> available) const;

 private:
  MemoryPlan memory(int64_t context, const KvOptions& kv) const;
  uint64_t program_bytes() const;
  uint64_t embedding_bytes(int64_t context) const;
  uint64_t activation_bytes(int64_t context) const;

  const KernelTable& kernels_;
  const std::unique_ptr<Model> model_;
  const EngineOptions options_;
  const int64_t context_;
};

}  // namespace loam
