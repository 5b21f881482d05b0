#include "engine/engine_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/system_memory.h"
#include "engine/engine_options.h"
#include "engine/model_drafter.h"
#include "engine/ngram_drafter.h"
#include "engine/planner.h"
#include "model/diffusion.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

RouteEvent route_event(const Batch& batch, int layer, int64_t row, std::span<const ExpertChoice> experts) {
  const auto span = std::ranges::upper_bound(batch.spans, row, {}, &BatchSpan::first_row) - 1;
  const auto at = static_cast<size_t>(row);
  return {.sequence = span->sequence,
          .layer = layer,
          .position = batch.positions[at],
          .token = batch.tokens[at],
          .experts = experts};
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Everything that cached keys and values depend on, but for what each sequence chooses.
std::string identity_of(const GgufFile& file, const EngineOptions& o) {
  const int64_t context = o.rope.scaling.empty() ? 0 : o.context;  // may say how far positions are stretched
  std::string text = fmt::format("{}{} {} {} {} {}\n", file.fingerprint(), o.experts, context, o.rope.scaling,
                                 o.rope.factor, o.rope.original);
  for (const std::string& override : o.overrides) text += override + "\n";
  for (const ExpertBias& b : o.expert_bias) text += fmt::format("{}:{}={}\n", b.layer, b.expert, b.bias);
  return text;
}

}  // namespace

Engine::State::State(EngineOptions o, const std::string& path, const KernelTable& kernels)
    : options(std::move(o)),
      file(open_model(path, MapMode::read, options.quant)),
      identity(identity_of(*file, options)),
      context(check_fit(kernels)),
      model(Model::create(Weights(*file, kernels))),
      pool(options.n_threads > 0 ? options.n_threads : ThreadPool::physical_cores()),
      run{.pool = pool, .kernels = kernels, .cancelled = options.cancelled},
      scheduler(std::make_shared<Scheduler>(SchedulerLimits{.chunk = options.chunk,
                                                            .draft = options.draft,
                                                            .logit_rows = logit_rows_at_once(config()),
                                                            .slots = options.slots})) {
  if (!options.clock) options.clock = steady_seconds;
  run.routers.bias = router_biases(config(), options.expert_bias);
  if (options.on_input) run.on_product = [this](const ProductInput& input) { tell_input(input); };
  if (const int n = config().n_experts; n > 0)
    usage.assign(static_cast<size_t>(config().n_layers), std::vector<uint64_t>(static_cast<size_t>(n)));
  model->weights().load(pool, options.progress, options.map == MapMode::mapped ? options.packed_folder : "",
                        options.from_disk);
  cache = std::make_shared<PrefixCache>(std::make_shared<KvCache>(config(), options.kv, kv_room(options, context)),
                                        options.prefix_cache, open_disk_cache());
}

std::unique_ptr<DiskCache> Engine::State::open_disk_cache() {
  if (options.cache_dir.empty() || !options.prefix_cache) return nullptr;
  return std::make_unique<DiskCache>(options.cache_dir, options.cache_bytes, pool, options.warn);
}

// → tokens of a sequence. The file is mapped only once it is known that the model fits.
int64_t Engine::State::check_fit(const KernelTable& kernels) {
  apply_options(*file, options);
  const Planner planner(*file, kernels, options);
  if (options.check_memory) planner.check(available_memory());
  for (const std::string& warning :
       {beyond_trained_length(file->metadata(), planner.context()), planner.disk_warning(available_memory())})
    if (options.warn && !warning.empty()) options.warn(warning);
  if (options.map == MapMode::mapped) file->map();
  options = with_chunk(std::move(options), planner.config());
  if (sees_whole_text(planner.config())) options.chunk = static_cast<int>(planner.context());
  return planner.context();
}

void Engine::State::tell_input(const ProductInput& input) const {
  const auto place = model->weights().find_packed(input.matrix);
  if (!place) return;
  options.on_input({.tensor = place->info->name,
                    .matrix = place->matrix,
                    .n_matrices = place->n_matrices,
                    .x = input.x,
                    .stride = input.stride,
                    .n_rows = input.n_rows,
                    .cols = input.cols});
}

Tensor Engine::State::forward(const Batch& batch, const std::function<void()>& on_failure) try {
  run.arena.reset();
  run.routers.on_route = [&](int layer, int64_t row, std::span<const ExpertChoice> experts) {
    for (const ExpertChoice& choice : experts) ++usage[static_cast<size_t>(layer)][static_cast<size_t>(choice.expert)];
    if (options.on_route) options.on_route(route_event(batch, layer, row, experts));
  };
  return model->forward(run, batch, cache->kv());
} catch (...) {
  on_failure();
  throw;
}

// In a mixture of experts each row reads experts of its own, so that drafting saves little reading. And a state cannot
// take back the guesses that were wrong. What sees a whole text has no next token.
std::unique_ptr<Drafter> Engine::State::make_drafter() const {
  if (options.draft == 0 || config().n_experts > 0 || !config().states.empty() || sees_whole_text(config()))
    return nullptr;
  if (!draft_engine) return std::make_unique<NgramDrafter>();
  const auto bytes = [](const Model& m) { return static_cast<double>(m.weights().packed_bytes()); };
  return std::make_unique<ModelDrafter>(draft_engine, bytes(draft_engine->model()) / bytes(*model));
}

void Engine::State::append(Sequence::State& s, std::span<const Token> tokens) {
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i] < 0 || tokens[i] >= config().n_vocab)
      throw Error(Error::Code::invalid,
                  fmt::format("token {} is {}; the vocabulary has 0 to {}", i, tokens[i], config().n_vocab - 1),
                  "tokens");
  const int64_t total = s.size() + static_cast<int64_t>(tokens.size());
  if (total > s.context) {
    const bool by_cache = s.context < (s.options.context > 0 ? s.options.context : context);
    throw Error(Error::Code::invalid,
                fmt::format("{} tokens do not fit the {} of {}", total, by_cache ? "cache" : "context", s.context),
                "context");
  }
  if (total == s.n_processed) throw Error(Error::Code::invalid, "there are no tokens to read", "tokens");
  s.tokens.insert(s.tokens.end(), tokens.begin(), tokens.end());
  s.pages->want_snapshot(total - 1);
}

}  // namespace loam
