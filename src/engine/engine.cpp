#include "engine/engine.h"

#include <fmt/format.h>
#include <malloc.h>

#include "base/error.h"
#include "engine/engine_options.h"
#include "engine/engine_state.h"
#include "engine/model_drafter.h"
#include "engine/planner.h"

namespace loam {

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

std::unique_ptr<Engine> Engine::load(const std::string& path, EngineOptions options) {
  std::unique_ptr<Engine> engine(new Engine(std::make_unique<State>(std::move(options), path, select_kernels())));
  engine->state_->draft_engine = load_draft_model(*engine, engine->state_->options);
  return engine;
}

const GgufFile& Engine::file() const { return *state_->file; }
const Model& Engine::model() const { return *state_->model; }
int64_t Engine::context() const { return state_->context; }
int Engine::n_threads() const { return state_->pool.size(); }

uint64_t Engine::kv_bytes() const { return state_->cache->kv().budget(); }

CacheStats Engine::cache_stats() const {
  const PrefixCache& cache = *state_->cache;
  DiskCache* disk = cache.disk();
  const uint64_t budget = cache.kv().budget(), kept = cache.unused_bytes();
  return {.budget_bytes = budget,
          .used_bytes = budget - cache.kv().free_bytes() - kept,
          .kept_bytes = kept,
          .n_evicted = cache.n_evicted(),
          .n_preempted = state_->scheduler->n_preempted(),
          .n_loaded = disk ? disk->n_read() : 0,
          .n_saved = disk ? disk->n_written() : 0,
          .n_saving = disk ? disk->n_queued() : 0};
}

const ExpertUsage& Engine::expert_usage() const { return state_->usage; }

const Tokenizer& Engine::tokenizer() const {
  State& s = *state_;
  if (s.tokenizer) return *s.tokenizer;
  s.tokenizer = Tokenizer::load(s.file->metadata(), s.options.force_pre);
  for (const char* copied : {"scores", "token_type", "merges"})
    s.file->forget(fmt::format("tokenizer.ggml.{}", copied));
#ifdef __GLIBC__
  ::malloc_trim(0);  // the lists just freed take megabytes, which the heap would keep
#endif
  return *s.tokenizer;
}

const ChatTemplate& Engine::chat_template() const {
  State& s = *state_;
  if (s.chat_template) return *s.chat_template;
  const auto source = s.file->metadata().string("tokenizer.chat_template");
  if (!source)
    throw Error(Error::Code::template_error, "this model has no chat template; it can complete text (loam generate)",
                "tokenizer.chat_template");
  s.chat_template = std::make_unique<ChatTemplate>(std::string(*source));
  return *s.chat_template;
}

std::unique_ptr<Sequence> Engine::open(const SequenceOptions& options) {
  if (options.experts != 0) check_experts(options.experts, state_->config().n_experts);
  check_option("context", options.context, 0, state_->context);
  auto state = std::make_unique<Sequence::State>();
  const KvOptions types = options.kv.value_or(state_->options.kv);
  state->pages = std::make_unique<SequencePages>(
      state_->cache, types, PageName::root(state_->identity, types, options.experts, options.cache_salt));
  state->context = std::min(options.context > 0 ? options.context : state_->context,
                            state_->cache->kv().most_tokens(state->pages->pool()));
  state->scheduler = state_->scheduler;
  state->drafter = state_->make_drafter();
  state->number = state_->n_opened++;
  state->options = options;
  std::unique_ptr<Sequence> sequence(new Sequence(std::move(state)));
  state_->scheduler->add_idle(*sequence);
  return sequence;
}

// The draft model reads all texts under one salt.
void Engine::forget(std::string_view cache_salt) {
  state_->cache->forget(PageName::owner_of(cache_salt));
  if (state_->draft_engine) state_->draft_engine->forget({});
}

}  // namespace loam
