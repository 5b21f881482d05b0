#include "engine/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "base/system_memory.h"
#include "base/thread_pool.h"
#include "engine/engine_options.h"
#include "engine/pair_writer.h"
#include "file/model_facts.h"
#include "kernels/kernel_table.h"
#include "model/encoder.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

// Tokens of a batch, unless one text has more: enough that each weight is read seldom, few enough that what lies
// between two operations stays in the cache. Fewer than the least are not worth a batch.
constexpr int64_t kTokensTogether = 256, kLeastTogether = 64;
// Batches of each thread between two calls' turns.
constexpr size_t kBatchesOfATurn = 4;
// Calls that run at once, each on its own thread, where the embedder has no more than one.
constexpr int kCallsAtOnce = 4;
// The most of a text's tokens where the model sets no limit of its own.
constexpr int64_t kMostTextTokens = 8192;
// Code, libraries and stacks, and of each token its text and its share of the tokenizer's tables.
constexpr uint64_t kCodeSize = uint64_t{10} << 20, kTokenSize = 112;

int64_t max_tokens_of(const ModelConfig& config, const Metadata& metadata) {
  const int64_t most = metadata.integer("loam.sequence_length", 1, INT32_MAX).value_or(kMostTextTokens);
  return std::min(most, config.context_length);
}

struct EncoderBatch {
  Batch batch;
  std::vector<int32_t> types;
};

// A batch's texts, one after another without padding.
EncoderBatch batch_of(std::span<const EncoderInput> inputs) {
  EncoderBatch out;
  Batch& batch = out.batch;
  for (const EncoderInput& input : inputs) {
    const auto n = static_cast<int>(input.ids.size());
    batch.spans.push_back({.first_row = batch.n_rows(), .n_rows = n});
    batch.tokens.insert(batch.tokens.end(), input.ids.begin(), input.ids.end());
    for (int i = 0; i < n; ++i) {
      batch.positions.push_back(i);
      out.types.push_back(i < input.n_first ? 0 : input.second_type);
    }
  }
  return out;
}

// Some inputs, and where what the encoder makes of them goes.
struct EncoderJob {
  std::span<const EncoderInput> inputs;
  std::vector<float>* out;
};

// A long text has a turn of its own, with all threads: only one takes the memory that it needs at a time.
bool is_long(const EncoderJob& job) { return std::ssize(job.inputs[0].ids) > kTokensTogether; }

// Batches of about equal size, as large as leaves one for each thread.
std::vector<EncoderJob> cut(std::span<const EncoderInput> inputs, std::vector<std::vector<float>>& out, int n_threads) {
  int64_t total = 0;
  for (const EncoderInput& input : inputs) total += std::ssize(input.ids);
  const int64_t most = std::clamp((total + n_threads - 1) / n_threads, kLeastTogether, kTokensTogether);
  std::vector<EncoderJob> jobs;
  for (size_t begin = 0, end = 0; begin < inputs.size(); begin = end) {
    int64_t rows = 0;
    for (; end < inputs.size() && (end == begin || rows + std::ssize(inputs[end].ids) <= most); ++end)
      rows += std::ssize(inputs[end].ids);
    jobs.push_back({inputs.subspan(begin, end - begin), &out[begin]});
  }
  return jobs;
}

std::vector<float> normalised(std::vector<float> x) {
  double squares = 0;
  for (const float value : x) squares += double{value} * value;
  const float scale = squares > 0 ? static_cast<float>(1 / std::sqrt(squares)) : 0;
  for (float& value : x) value *= scale;
  return x;
}

void check_room(const GgufFile& file) {
  const uint64_t needed = plan_embedder(file).total();
  const auto free = available_memory();
  if (free && needed > *free)
    throw Error(Error::Code::no_memory, fmt::format("needs {}, {} free", format_bytes(needed), format_bytes(*free)));
}

}  // namespace

struct Embedder::State {
  // What a thread that runs batches of its own works with.
  struct Worker {
    ThreadPool pool{1};
    Context context{pool, select_kernels()};
  };

  State(std::unique_ptr<GgufFile> opened, const EmbedderOptions& options)
      : file(std::move(opened)),
        pool(options.n_threads > 0 ? options.n_threads : ThreadPool::physical_cores()),
        encoder(Encoder::create(Weights(*file, select_kernels()))),
        tokenizer(Tokenizer::load(file->metadata())),
        max_tokens(max_tokens_of(encoder->config(), file->metadata())),
        name(model_facts(*file).name),
        prompts(file->metadata()),
        context{pool, select_kernels()} {
    check_tokenizer();
    if (encoder->scores()) pairs.emplace(file->metadata(), *tokenizer, prompts, max_tokens);
    encoder->weights().load(pool, options.progress);
    const int n_workers = pool.size() == 1 ? kCallsAtOnce : pool.size();
    for (int i = 0; i < n_workers; ++i) idle.push_back(&workers.emplace_back());
  }

  const std::unique_ptr<GgufFile> file;
  ThreadPool pool;
  const std::unique_ptr<Encoder> encoder;
  const std::unique_ptr<Tokenizer> tokenizer;
  const int64_t max_tokens;
  const std::string name;
  const TextPrompts prompts;
  std::optional<PairWriter> pairs;  // of a reranker
  std::deque<Worker> workers;       // one for each thread, or call
  std::mutex mutex;                 // of all that follows, and of the pool
  Context context;
  std::vector<Worker*> idle;
  std::condition_variable returned;

  // What the encoder makes of each input: its vector, or its score alone.
  std::vector<std::vector<float>> run(std::span<const EncoderInput> inputs, const Cancelled& cancelled) {
    std::vector<std::vector<float>> out(inputs.size());
    const std::vector<EncoderJob> jobs = cut(inputs, out, pool.size());
    if (pool.size() == 1) {
      run_alone(jobs, cancelled);
      return out;
    }
    const size_t together = kBatchesOfATurn * static_cast<size_t>(pool.size());
    for (size_t begin = 0, end = 0; begin < jobs.size(); begin = end) {
      end = begin + 1;
      while (!is_long(jobs[begin]) && end < jobs.size() && end - begin < together && !is_long(jobs[end])) ++end;
      take_turn(std::span(jobs).subspan(begin, end - begin), cancelled);
    }
    return out;
  }

 private:
  // On the calling thread: nobody waits for a call whose thread has a lower priority.
  void run_alone(std::span<const EncoderJob> jobs, const Cancelled& cancelled) {
    const auto return_worker = [this](Worker* worker) {
      const std::lock_guard lock(mutex);
      idle.push_back(worker);
      returned.notify_one();
    };
    std::unique_lock lock(mutex);
    returned.wait(lock, [this] { return !idle.empty(); });
    const std::unique_ptr<Worker, decltype(return_worker)> worker(idle.back(), return_worker);
    idle.pop_back();
    lock.unlock();
    for (const EncoderJob& job : jobs) run_job(worker->context, job, cancelled);
  }

  // Several batches: each thread takes whole ones, and waits for no other until the last. A single one is shared.
  void take_turn(std::span<const EncoderJob> jobs, const Cancelled& cancelled) {
    const std::lock_guard lock(mutex);
    if (jobs.size() == 1) return run_job(context, jobs.front(), cancelled);
    std::atomic<size_t> next{0};
    std::mutex fault_mutex;
    std::exception_ptr fault;
    pool.run([&](int thread) {
      try {  // errors must not leave a pool's job
        for (size_t i; (i = next.fetch_add(1)) < jobs.size();)
          run_job(workers[static_cast<size_t>(thread)].context, jobs[i], cancelled);
      } catch (...) {
        next = jobs.size();
        const std::lock_guard fault_lock(fault_mutex);
        fault = std::current_exception();
      }
    });
    if (fault) std::rethrow_exception(fault);
  }

  void check_tokenizer() const {
    const int64_t n = encoder->config().n_vocab;
    if (tokenizer->n_vocab() != n)
      throw Error(Error::Code::model_invalid,
                  fmt::format("the tokenizer has {} tokens, the model {}", tokenizer->n_vocab(), n), "tokenizer@0");
  }

  void run_job(Context& run, const EncoderJob& job, const Cancelled& cancelled) const {
    run.arena.reset();
    run.cancelled = cancelled;
    run.stopped = false;
    const EncoderBatch inputs = batch_of(job.inputs);
    const Tensor rows = encoder->embed(run, inputs.batch, inputs.types);
    for (size_t i = 0; i < job.inputs.size(); ++i) {
      const float* row = rows.row(static_cast<int64_t>(i));
      job.out[i].assign(row, row + rows.shape.cols());
    }
  }
};

Embedder::Embedder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Embedder::~Embedder() = default;

std::unique_ptr<Embedder> Embedder::load(const std::string& path, EmbedderOptions options) {
  auto file = open_model(path, MapMode::mapped, options.quant);
  if (options.pooling) set_pooling(file->metadata(), *options.pooling);
  if (options.check_memory) check_room(*file);
  return std::unique_ptr<Embedder>(new Embedder(std::make_unique<State>(std::move(file), options)));
}

const std::string& Embedder::name() const { return state_->name; }
bool Embedder::scores() const { return state_->encoder->scores(); }
int64_t Embedder::dimensions() const { return state_->encoder->vector_dim(); }
int64_t Embedder::max_tokens() const { return state_->max_tokens; }
const Tokenizer& Embedder::tokenizer() const { return *state_->tokenizer; }
const TextPrompts& Embedder::prompts() const { return state_->prompts; }

std::vector<Token> Embedder::tokenize(std::string_view text, bool* truncated) const {
  std::vector<Token> ids = tokenizer().encode(text, {.special = true, .add_special = true});
  const bool too_long = std::ssize(ids) > max_tokens();
  if (too_long) {
    if (tokenizer().adds_eos()) ids[static_cast<size_t>(max_tokens()) - 1] = ids.back();
    ids.resize(static_cast<size_t>(max_tokens()));
  }
  if (ids.empty()) ids.push_back(std::max(0, tokenizer().eos()));  // nothing is a text, too: its end alone
  if (truncated != nullptr) *truncated = too_long;
  return ids;
}

std::vector<Embedding> Embedder::embed(std::span<const std::string> texts, const Cancelled& cancelled) const {
  std::vector<std::vector<Token>> ids;
  std::vector<bool> cut;
  for (const std::string& text : texts) {
    bool truncated = false;
    ids.push_back(tokenize(text, &truncated));
    cut.push_back(truncated);
  }
  std::vector<Embedding> all = embed_tokens(ids, cancelled);
  for (size_t i = 0; i < all.size(); ++i) all[i].truncated = cut[i];
  return all;
}

std::vector<Embedding> Embedder::embed_tokens(std::span<const std::vector<Token>> texts,
                                              const Cancelled& cancelled) const {
  if (scores())
    throw Error(Error::Code::unsupported,
                fmt::format("{} scores documents for a query and makes no vectors; use it for reranking", name()),
                "model");
  std::vector<EncoderInput> inputs;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto is_foreign = [&](Token id) { return id < 0 || id >= tokenizer().n_vocab(); };
    if (texts[i].empty() || std::ranges::any_of(texts[i], is_foreign))
      throw Error(Error::Code::invalid,
                  fmt::format("text {} has {}", i, texts[i].empty() ? "no tokens" : "ids outside the vocabulary"),
                  "input");
    const size_t n = std::min(texts[i].size(), static_cast<size_t>(max_tokens()));
    inputs.push_back({.ids = {texts[i].begin(), texts[i].begin() + static_cast<ptrdiff_t>(n)}});
  }
  std::vector<std::vector<float>> vectors = state_->run(inputs, cancelled);
  std::vector<Embedding> all(inputs.size());
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = {.vector = normalised(std::move(vectors[i])),
              .n_tokens = std::ssize(inputs[i].ids),
              .truncated = texts[i].size() > inputs[i].ids.size()};
  return all;
}

std::vector<Score> Embedder::score(std::string_view query, std::span<const std::string> documents,
                                   const Cancelled& cancelled) const {
  if (!scores())
    throw Error(Error::Code::unsupported,
                fmt::format("{} makes vectors of single texts and scores no pairs; compare its vectors, or use a "
                            "cross-encoder (a reranker)",
                            name()),
                "model");
  const std::vector<EncoderInput> inputs = state_->pairs->write(query, documents);
  const std::vector<std::vector<float>> rows = state_->run(inputs, cancelled);
  std::vector<Score> all;
  for (size_t i = 0; i < inputs.size(); ++i)
    all.push_back({.logit = rows[i].front(), .n_tokens = std::ssize(inputs[i].ids), .truncated = inputs[i].truncated});
  return all;
}

MemoryPlan plan_embedder(const GgufFile& file) {
  const auto encoder = Encoder::create(Weights(file, select_kernels(), Binding::measure));
  const ModelConfig& c = encoder->config();
  const int64_t longest = std::max(kTokensTogether, max_tokens_of(c, file.metadata()));
  return {.weights = encoder->weights().packed_bytes(),
          .embeddings = encoder->weights().table_bytes(),
          .activations = encoder->bytes_at_work(longest) +
                         static_cast<uint64_t>(ThreadPool::physical_cores()) * encoder->bytes_at_work(kTokensTogether),
          .program = kCodeSize + static_cast<uint64_t>(c.n_vocab) * kTokenSize};
}

}  // namespace loam
