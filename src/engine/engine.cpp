#include "engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/system_memory.h"
#include "engine/model_drafter.h"
#include "engine/ngram_drafter.h"
#include "engine/planner.h"
#include "engine/scheduler.h"
#include "engine/sequence_state.h"

namespace loam {
namespace {

constexpr int64_t kMaxContext = int64_t{1} << 28;
constexpr int kMaxThreads = 1024, kMaxParallel = 1024, kMaxChunk = 1 << 16, kMaxDraft = 64;
constexpr int64_t kLogitFloats = 8 << 20;  // most logits of one step of `evaluate`: 32 MiB

void check_option(const char* name, int64_t value, int64_t min, int64_t max) {
  if (value < min || value > max)
    throw Error(Error::Code::invalid, fmt::format("{} is {}; expected {} to {}", name, value, min, max), name);
}

void check_options(const EngineOptions& o) {
  check_option("threads", o.n_threads, 0, kMaxThreads);
  check_option("context", o.context, 0, kMaxContext);
  check_option("parallel", o.parallel, 1, kMaxParallel);
  check_option("chunk", o.chunk, 1, kMaxChunk);
  check_option("draft", o.draft, 0, kMaxDraft);
}

int64_t logit_rows_at_once(const ModelConfig& c) { return std::max<int64_t>(1, kLogitFloats / c.n_vocab); }

void check_experts(int experts, int64_t n_experts) {
  if (n_experts == 0) throw Error(Error::Code::invalid, "this model has no experts to choose from", "experts");
  check_option("experts", experts, 1, n_experts);
}

// The biases as the routers take them.
std::vector<std::vector<float>> router_biases(const ModelConfig& config, const std::vector<ExpertBias>& biases) {
  std::vector<std::vector<float>> by_layer;
  for (const ExpertBias& b : biases) {
    if (config.n_experts == 0)
      throw Error(Error::Code::invalid, "this model has no experts to choose from", "expert-bias");
    if (b.layer < 0 || b.layer >= config.n_layers || b.expert < 0 || b.expert >= config.n_experts ||
        !std::isfinite(b.bias))
      throw Error(Error::Code::invalid,
                  fmt::format("{}:{}={} is no bias; layers are 0 to {}, experts 0 to {}, and the number is finite",
                              b.layer, b.expert, b.bias, config.n_layers - 1, config.n_experts - 1),
                  "expert-bias");
    by_layer.resize(static_cast<size_t>(config.n_layers));
    auto& layer = by_layer[static_cast<size_t>(b.layer)];
    layer.resize(static_cast<size_t>(config.n_experts));
    layer[static_cast<size_t>(b.expert)] += b.bias;
  }
  return by_layer;
}

}  // namespace

void apply_options(GgufFile& file, const EngineOptions& options) {
  check_options(options);
  Metadata& metadata = file.metadata();
  for (const std::string& text : options.overrides) metadata.apply_override(text);
  apply_rope_options(metadata, options.rope, options.context);
  if (options.experts == 0) return;
  const std::string arch(metadata.require_string("general.architecture"));
  check_experts(options.experts, metadata.integer(arch + ".expert_count").value_or(0));
  metadata.apply_override(fmt::format("{}.expert_used_count=int:{}", arch, options.experts));
}

struct Engine::State {
  EngineOptions options;
  std::unique_ptr<GgufFile> file;
  int64_t context = 0;
  std::unique_ptr<Model> model;
  ThreadPool pool;
  Context run;
  std::shared_ptr<KvCache> cache;
  std::shared_ptr<Scheduler> scheduler;
  std::shared_ptr<Engine> draft_engine;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<ChatTemplate> chat_template;
  int n_opened = 0;
  ExpertUsage usage;

  State(EngineOptions o, const std::string& path, const KernelTable& kernels)
      : options(std::move(o)),
        file(GgufFile::open(path, MapMode::read)),
        context(check_fit(kernels)),
        model(Model::create(Weights(*file, kernels))),
        pool(options.n_threads > 0 ? options.n_threads : ThreadPool::physical_cores()),
        run{.pool = pool, .kernels = kernels, .cancelled = options.cancelled},
        scheduler(std::make_shared<Scheduler>(options.chunk, options.draft, context)) {
    run.routers.bias = router_biases(config(), options.expert_bias);
    if (const int n = config().n_experts; n > 0)
      usage.assign(static_cast<size_t>(config().n_layers), std::vector<uint64_t>(static_cast<size_t>(n)));
    model->weights().load(pool, options.progress, options.map == MapMode::mapped ? options.packed_folder : "",
                          options.from_disk);
    cache = std::make_shared<KvCache>(config(), options.kv, kv_room(options, context));
  }

  // → tokens of a sequence. The file is mapped only once it is known that the model fits.
  int64_t check_fit(const KernelTable& kernels) {
    apply_options(*file, options);
    const Planner planner(*file, kernels, options);
    if (options.check_memory) planner.check(available_memory());
    for (const std::string& warning :
         {beyond_trained_length(file->metadata(), planner.context()), planner.disk_warning(available_memory())})
      if (options.warn && !warning.empty()) options.warn(warning);
    if (options.map == MapMode::mapped) file->map();
    return planner.context();
  }

  const ModelConfig& config() const { return model->config(); }

  // → (n_logit_rows, n_vocab), valid until the next call.
  Tensor forward(const Batch& batch) {
    run.arena.reset();
    run.routers.on_route = [&](int layer, int64_t row, std::span<const ExpertChoice> experts) {
      for (const ExpertChoice& choice : experts)
        ++usage[static_cast<size_t>(layer)][static_cast<size_t>(choice.expert)];
      if (options.on_route) options.on_route(route_event(batch, layer, row, experts));
    };
    return model->forward(run, batch, *cache);
  }

  static RouteEvent route_event(const Batch& batch, int layer, int64_t row, std::span<const ExpertChoice> experts) {
    const auto span = std::ranges::upper_bound(batch.spans, row, {}, &BatchSpan::first_row) - 1;
    const auto at = static_cast<size_t>(row);
    return {.sequence = span->sequence,
            .layer = layer,
            .position = batch.positions[at],
            .token = batch.tokens[at],
            .experts = experts};
  }

  void append(Sequence::State& s, std::span<const Token> tokens);
  FinishReason reason_to_finish(Sequence::State& s) const;
  std::unique_ptr<Drafter> make_drafter() const;
  StepResult sample(Sequence& sequence, const float* logits);
  void sample(const Share& share, const Tensor& logits, int64_t first_row, std::vector<StepResult>& results);
};

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

uint64_t Engine::kv_bytes() const {
  return KvCache::bytes(state_->config(), state_->options.kv, kv_room(state_->options, state_->context));
}

const ExpertUsage& Engine::expert_usage() const { return state_->usage; }

const Tokenizer& Engine::tokenizer() const {
  State& s = *state_;
  if (s.tokenizer) return *s.tokenizer;
  Metadata& metadata = s.file->metadata();
  s.tokenizer = Tokenizer::load(metadata, s.options.force_pre);
  for (const char* copied : {"scores", "token_type", "merges"})
    metadata.forget(fmt::format("tokenizer.ggml.{}", copied));
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

// In a mixture of experts each row reads experts of its own, so that drafting saves little reading.
std::unique_ptr<Drafter> Engine::State::make_drafter() const {
  if (options.draft == 0 || config().n_experts > 0) return nullptr;
  if (!draft_engine) return std::make_unique<NgramDrafter>();
  const auto bytes = [](const Model& m) { return static_cast<double>(m.weights().packed_bytes()); };
  return std::make_unique<ModelDrafter>(draft_engine, bytes(draft_engine->model()) / bytes(*model));
}

std::unique_ptr<Sequence> Engine::open(const SequenceOptions& options) {
  if (options.experts != 0) check_experts(options.experts, state_->config().n_experts);
  auto state = std::make_unique<Sequence::State>();
  state->cache = state_->cache;
  state->scheduler = state_->scheduler;
  state->drafter = state_->make_drafter();
  state->number = state_->n_opened++;
  state->options = options;
  return std::unique_ptr<Sequence>(new Sequence(std::move(state)));
}

// Checks the tokens, takes the pages they need, and queues them.
void Engine::State::append(Sequence::State& s, std::span<const Token> tokens) {
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i] < 0 || tokens[i] >= config().n_vocab)
      throw Error(Error::Code::invalid,
                  fmt::format("token {} is {}; the vocabulary has 0 to {}", i, tokens[i], config().n_vocab - 1),
                  "tokens");
  const int64_t total = s.size() + static_cast<int64_t>(tokens.size());
  if (total > context)
    throw Error(Error::Code::invalid, fmt::format("{} tokens do not fit the context of {}", total, context), "context");
  if (total == s.n_processed) throw Error(Error::Code::invalid, "there are no tokens to read", "tokens");
  if (const auto short_of = s.reserve(total))
    throw Error(Error::Code::invalid,
                fmt::format("{} tokens need {} cache pages, and other sequences leave {} of {}", total,
                            short_of->missing, short_of->n_free, short_of->n_pages),
                "parallel");
  s.tokens.insert(s.tokens.end(), tokens.begin(), tokens.end());
}

void Engine::start(Sequence& sequence, std::span<const Token> prompt, const SamplingOptions& options) {
  Sequence::State& s = *sequence.state_;
  if (s.generation) throw Error(Error::Code::invalid, "the sequence is started already", "sequence");
  Sampler sampler(options, state_->config().n_vocab);
  StreamDecoder decoder(tokenizer());
  state_->append(s, prompt);
  s.drafts = {};
  s.generation.emplace(Generation{.sampler = std::move(sampler),
                                  .decoder = std::move(decoder),
                                  .stops = StopMatcher(options.stop),
                                  .drafting = DraftPolicy(state_->options.draft, s.drafter ? s.drafter->cost() : 0),
                                  .max_tokens = options.max_tokens});
  state_->scheduler->add(sequence);
}

// Why a sequence ends with its newest token, or none.
FinishReason Engine::State::reason_to_finish(Sequence::State& s) const {
  const Generation& g = *s.generation;
  if (tokenizer->is_end(s.tokens.back())) return FinishReason::end_token;
  if (g.stops.stopped()) return FinishReason::stop_string;
  if (g.n_generated == g.max_tokens) return FinishReason::length;
  if (s.size() > context || s.reserve(s.size())) return FinishReason::context_full;
  return FinishReason::none;
}

// Draws the next token of a sequence whose logits are ready, and says whether that was the last.
StepResult Engine::State::sample(Sequence& sequence, const float* logits) {
  Sequence::State& s = *sequence.state_;
  Generation& g = *s.generation;
  StepResult result;
  result.sequence = &sequence;
  result.finish = FinishReason::length;
  if (g.max_tokens == 0) return result;

  result.token = g.sampler.sample({logits, static_cast<size_t>(config().n_vocab)}, s.tokens);
  s.tokens.push_back(result.token);
  ++g.n_generated;
  if (!tokenizer->is_end(result.token)) result.text = g.stops.push(g.decoder.push(result.token));
  result.finish = reason_to_finish(s);
  if (result.finish == FinishReason::none) return result;

  result.text += g.stops.push(g.decoder.finish());  // an incomplete character may yet complete a stop string
  if (g.stops.stopped()) result.finish = FinishReason::stop_string;
  result.text += g.stops.finish();
  return result;
}

// Samples token by token as if nothing were drafted, going on to the next row for as long as the token is the drafted
// one: then that row's logits are those of the sequence with it.
void Engine::State::sample(const Share& share, const Tensor& logits, int64_t first_row,
                           std::vector<StepResult>& results) {
  Sequence::State& s = *share.sequence->state_;
  const int64_t n_drafted = std::ssize(share.drafted);
  int64_t n_right = 0, n_rows = 0;
  for (bool more = true; more; ++n_rows) {
    const StepResult& next = results.emplace_back(sample(*share.sequence, logits.row(first_row + n_rows)));
    const bool right = n_right < n_drafted && next.token == share.drafted[static_cast<size_t>(n_right)];
    n_right += right;
    more = right && next.finish == FinishReason::none;
  }
  s.advance(n_rows - 1);  // the newest token is pending, as always
  s.drafts.drafted += n_drafted;
  s.drafts.accepted += n_right;
  if (n_drafted > 0) s.generation->drafting.record(n_drafted, n_right);
}

std::vector<StepResult> Engine::step() {
  std::vector<StepResult> results;
  if (state_->scheduler->empty()) return results;
  const Step step = state_->scheduler->next();
  const Tensor logits = state_->forward(step.batch);
  int64_t row = 0;
  for (const Share& share : step.shares) {
    share.sequence->state_->n_processed += share.n_rows;
    if (share.samples) {
      state_->sample(share, logits, row, results);
      row += 1 + std::ssize(share.drafted);
    } else {
      results.emplace_back().sequence = share.sequence;
    }
    if (results.back().finish != FinishReason::none) state_->scheduler->remove(*share.sequence);
  }
  return results;
}

void Engine::cancel(Sequence& sequence) { state_->scheduler->remove(sequence); }

// Cuts the sequence behind what it has in common with the prompt, of which at least the last token is read again: its
// logits are needed. → tokens kept
int64_t Engine::keep_common_prefix(Sequence& sequence, std::span<const Token> prompt) {
  const std::vector<Token>& held = sequence.tokens();
  const auto common = std::ranges::mismatch(held, prompt).in1 - held.begin();
  const int64_t kept =
      std::min({int64_t{common}, sequence.n_processed(), std::max<int64_t>(0, std::ssize(prompt) - 1)});
  sequence.truncate(kept);
  return kept;
}

// The only started sequence's next results; none where the step was cancelled.
std::vector<StepResult> Engine::step_alone() try { return step(); } catch (const Error& error) {
  if (error.code() != Error::Code::cancelled) throw;
  return {};
}

GenerateResult Engine::generate(Sequence& sequence, std::span<const Token> prompt, const SamplingOptions& options,
                                const std::function<bool(std::string_view)>& on_text,
                                const std::function<bool(int64_t, int64_t)>& on_prompt) {
  if (!state_->scheduler->empty())
    throw Error(Error::Code::invalid, "other sequences are started: use start and step", "sequence");
  const auto begin = std::chrono::steady_clock::now();
  auto prompt_read = begin;
  GenerateResult result;
  result.n_prompt = std::ssize(prompt);
  const int64_t kept = keep_common_prefix(sequence, prompt);
  result.n_reused = sequence.n_processed();
  start(sequence, prompt.subspan(static_cast<size_t>(kept)), options);
  while (result.finish == FinishReason::none) {
    const std::vector<StepResult> results = step_alone();
    if (results.empty()) result.finish = FinishReason::cancelled;
    bool go_on = true;
    if (result.tokens.empty() && !results.empty()) {  // this step read some of the prompt
      prompt_read = std::chrono::steady_clock::now();
      go_on = !on_prompt || on_prompt(sequence.n_processed(), result.n_prompt);
    }
    for (auto next = results.begin(); next != results.end() && result.finish == FinishReason::none; ++next) {
      if (next->token >= 0) result.tokens.push_back(next->token);
      result.text += next->text;
      if (!next->text.empty() && on_text) go_on = on_text(next->text) && go_on;
      result.finish = go_on ? next->finish : FinishReason::cancelled;
    }
  }
  result.drafts = sequence.drafts();
  sequence.truncate(result.n_prompt + std::ssize(result.tokens));  // without what came after the caller stopped
  result.prompt_seconds = std::chrono::duration<double>(prompt_read - begin).count();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - prompt_read).count();
  return result;
}

void Engine::evaluate(Sequence& sequence, std::span<const Token> tokens, int chunk, int64_t logits_from,
                      const std::function<void(int64_t, std::span<const float>)>& on_logits) {
  check_option("chunk", chunk, 1, kMaxChunk);
  Sequence::State& s = *sequence.state_;
  if (s.generation) throw Error(Error::Code::invalid, "the sequence is started already", "sequence");
  const int64_t first = s.size();  // of `tokens` in the sequence
  const int64_t first_logit = first + std::max<int64_t>(0, logits_from);
  const auto n_vocab = static_cast<size_t>(state_->config().n_vocab);
  state_->append(s, tokens);
  while (s.n_pending() > 0) {
    // No more rows with logits than fit their share of memory; results do not depend on where a batch is cut.
    const int64_t unwanted = std::max<int64_t>(0, first_logit - s.n_processed);
    const int64_t n = std::min({int64_t{chunk}, int64_t{state_->options.chunk}, s.n_pending(),
                                unwanted + logit_rows_at_once(state_->config())});
    Batch batch;
    s.add_rows(batch, n, first_logit);
    const Tensor logits = state_->forward(batch);
    for (size_t i = 0; i < batch.logit_rows.size(); ++i)
      on_logits(batch.positions[static_cast<size_t>(batch.logit_rows[i])] - first,
                {logits.row(static_cast<int64_t>(i)), n_vocab});
    s.n_processed += n;
  }
}

}  // namespace loam
