// Engine: one loaded model and the sequences that run on it, several at once in every step.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/drafter.h"
#include "engine/generation.h"
#include "engine/rope_options.h"
#include "file/gguf.h"
#include "model/kv_cache.h"
#include "model/model.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

namespace loam {

// A number added to one expert's logit in one layer's router: positive makes it likelier, −1e9 in effect forbids it.
struct ExpertBias {
  int layer = 0, expert = 0;
  float bias = 0;
};

// The experts that one token goes through in one layer, ascending.
struct RouteEvent {
  int sequence = 0;  // Sequence::number
  int layer = 0;
  int64_t position = 0;
  Token token = 0;
  std::span<const ExpertChoice> experts;
};

// Rows that a matrix of the model multiplies: n_rows of `cols`, `stride` apart.
struct MatrixInput {
  std::string_view tensor;
  int64_t matrix = 0, n_matrices = 1;  // which of a stack (of experts, of heads)
  const float* x = nullptr;
  int64_t stride = 0, n_rows = 0, cols = 0;
};

// How often each expert was chosen so far: [layer][expert].
using ExpertUsage = std::vector<std::vector<uint64_t>>;

struct EngineOptions {
  int n_threads = 0;                         // 0: physical cores
  int64_t context = 0;                       // tokens of one sequence; 0: the model's trained length, at most 8192
  int parallel = 1;                          // sequences that fit at full context
  int slots = 0;                             // sequences that run at once, the others wait for their turn; 0: no bound
  int chunk = 0;                             // most prompt tokens of one step; 0: 256, or 512 for a mixture of experts
  KvOptions kv = {};                         // types of the cached keys and values
  bool prefix_cache = true;                  // what a sequence has read is kept for others that begin alike
  std::string cache_dir = {};                // and in this folder for the next start; empty: nowhere
  uint64_t cache_bytes = uint64_t{8} << 30;  // most bytes of that folder
  int draft = 8;                             // most tokens drafted in a step, for all sequences together; 0: none
  std::string draft_model = {};  // a smaller model's file that drafts; empty: what followed earlier in the text
  int experts = 0;               // 0: as the model says; else 1..n_expert or Error(invalid)
  RopeOptions rope = {};         // stretches the context
  MapMode map = MapMode::mapped;
  std::string quant = {};  // what the weights become as they are loaded, such as "Q4_K_M"; empty: as in the file
  std::string force_pre = {};
  std::vector<std::string> overrides = {};  // "key=type:value"
  std::string packed_folder = {};           // where packed weights are kept for the next load; empty: nowhere
  bool from_disk = false;  // needs no memory for weights: they are mapped from packed_folder and read as they are used
  bool check_memory = true;  // refuse with numbers what does not fit the machine's (or cgroup's) free memory
  Progress progress = {};    // loading; may cancel
  // Asked every few milliseconds while a step runs, by any thread; true ends the step, whose tokens stay pending.
  std::function<bool()> cancelled = {};
  std::function<double()> clock = {};  // seconds, by which steps are sized; for simulations
  // Told, in a sentence, what loading accepts but advises against, and later, on another thread, that the cache's
  // folder cannot be written any more.
  std::function<void(const std::string&)> warn = {};
  std::vector<ExpertBias> expert_bias = {};              // Error(invalid) for layers or experts that are none
  std::function<void(const RouteEvent&)> on_route = {};  // called within a step for each token, layer by layer
  // Called within a step with what each matrix multiplies, by any thread, several at once; must not throw.
  std::function<void(const MatrixInput&)> on_input = {};
};

// The cache of keys and values.
struct CacheStats {
  uint64_t budget_bytes = 0;
  uint64_t used_bytes = 0;            // by open sequences
  uint64_t kept_bytes = 0;            // for sequences that begin alike, until the memory is needed
  int64_t n_evicted = 0;              // pages, and snapshots of windows, that were kept until then
  int64_t n_preempted = 0;            // how often a started sequence has lost its pages
  int64_t n_loaded = 0, n_saved = 0;  // pages and snapshots, from and to the disk
  int64_t n_saving = 0;               // that are still to be written
};

struct SequenceOptions {
  int experts = 0;  // that each of its tokens uses, whatever the others in its batch do; 0: as the engine was loaded
  std::optional<KvOptions> kv = {};  // types of its keys and values; none: the engine's
  int64_t context = 0;               // most tokens; 0: the engine's
  // Whose it is: only sequences with equal salts share what they have in the cache, and one cannot tell from its speed
  // what others have written.
  std::string cache_salt = {};
};

// Checks the options and puts those that change the model (overrides, experts) into the file's metadata. Error(invalid)
// with the option's name and its range.
void apply_options(GgufFile& file, const EngineOptions& options);

// One conversation's tokens and their cache pages. Created by Engine::open; destroying it frees its pages, and may
// happen before or after the engine's own end.
class Sequence {
 public:
  ~Sequence();
  const std::vector<Token>& tokens() const;  // processed and pending, prompt and generated
  // Leading tokens whose keys and values are cached. 0 where others have needed the pages meanwhile: it is read again
  // when it goes on.
  int64_t n_processed() const;
  int64_t context() const;  // tokens that it may hold
  int number() const;       // counts the engine's sequences from 0, in the order of `open`
  // Tokens before the last generation that were not computed for it: they were in the cache.
  int64_t n_cached() const;
  DraftCounts drafts() const;  // of the generation that was started last
  // Keeps the first n tokens (and their pages): /undo, /retry, a changed prompt's common prefix. Ends a generation.
  // Where layers with a sliding window have forgotten what goes before, or a recurrent layer's state has moved on, the
  // kept tokens are read again, from the last snapshot on: n_processed is 0 then.
  void truncate(int64_t n);

 private:
  friend class Engine;
  friend class Scheduler;
  struct State;
  explicit Sequence(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Not for several threads at once: an Engine and its sequences belong to one thread at a time.
class Engine {
 public:
  // Opens, checks memory, packs, and is ready to run. Error as file, tokenizer, model and memory checks say, for the
  // draft model too, and Error(invalid) where its vocabulary is another.
  static std::unique_ptr<Engine> load(const std::string& path, EngineOptions options = {});
  ~Engine();

  const GgufFile& file() const;
  const Model& model() const;
  const Tokenizer& tokenizer() const;         // loaded on first use; throws what Tokenizer::load throws
  const ChatTemplate& chat_template() const;  // Error(template_error) where the model has none or it is broken
  int64_t context() const;                    // tokens that one sequence may hold
  int n_threads() const;
  uint64_t kv_bytes() const;
  CacheStats cache_stats() const;
  const ExpertUsage& expert_usage() const;  // of all sequences since the load; empty where the model has no experts

  // Options hold for all that runs on the sequence: cached keys and values depend on them too. Error(invalid) where the
  // model has fewer experts, or none, as KvCache::check, and for a context longer than the engine's.
  std::unique_ptr<Sequence> open(const SequenceOptions& options = {});
  // What sequences of this salt have read is in no cache any more, nor on the disk. Those that are open go on, and
  // leave nothing there. Between steps.
  void forget(std::string_view cache_salt);

  // ---- several sequences at once ----
  // Queues `prompt` behind the sequence's tokens and generates from there as `step` is called: it waits until there are
  // cache pages for it. Error(invalid) with both numbers where it does not fit the context, or the whole cache.
  void start(Sequence& sequence, std::span<const Token> prompt, const StartOptions& options);
  void start(Sequence& sequence, std::span<const Token> prompt, const SamplingOptions& options) {
    start(sequence, prompt, StartOptions{.sampling = options});
  }
  // Runs one batch over the started sequences: the newest token of each that generates, with what is drafted after it,
  // and as much of the prompts as fits the time of a step, in fair turns (docs/decisions/scheduling.md). Results for
  // each that took part: one, and one more for each drafted token that was right. One that finished is no longer
  // started. Between steps others may be started, and any cancelled. Empty when nothing is started. Error(cancelled) by
  // EngineOptions::cancelled: nobody has moved, and all are still started.
  std::vector<StepResult> step() { return step(false); }
  void cancel(Sequence& sequence);  // it is no longer started; its tokens stay

  // ---- one sequence ----
  // Makes the sequence hold exactly `prompt` (reusing the common prefix), then generates. `on_text` gets pieces as they
  // come and returns false to stop. `on_prompt(done, total)` reports reading; returns false to cancel. EngineOptions::
  // cancelled ends it too, with FinishReason::cancelled. Error(invalid) as `start`, and where other sequences are
  // started.
  GenerateResult generate(Sequence& sequence, std::span<const Token> prompt, const StartOptions& options,
                          const std::function<bool(std::string_view)>& on_text,
                          const std::function<bool(int64_t, int64_t)>& on_prompt = {});
  GenerateResult generate(Sequence& sequence, std::span<const Token> prompt, const SamplingOptions& options,
                          const std::function<bool(std::string_view)>& on_text,
                          const std::function<bool(int64_t, int64_t)>& on_prompt = {}) {
    return generate(sequence, prompt, StartOptions{.sampling = options}, on_text, on_prompt);
  }

  // Feeds tokens in batches of `chunk`, at most the engine's, and hands over logits row by row: (position in `tokens`,
  // n_vocab logits). `logits_from`: first index whose logits are wanted.
  void evaluate(Sequence& sequence, std::span<const Token> tokens, int chunk, int64_t logits_from,
                const std::function<void(int64_t, std::span<const float>)>& on_logits);

 private:
  struct State;
  std::vector<StepResult> step(bool alone);
  std::vector<StepResult> step_alone();
  static int64_t keep_common_prefix(Sequence& sequence, std::span<const Token> prompt);
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace loam
