#include "engine/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "base/system_memory.h"
#include "base/thread_pool.h"
#include "engine/engine_options.h"
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
// The most of a text's tokens where the model sets no limit of its own.
constexpr int64_t kMostTextTokens = 8192;
// Code, libraries and stacks, and of each token its text and its share of the tokenizer's tables.
constexpr uint64_t kCodeSize = uint64_t{10} << 20, kTokenSize = 112;

int64_t max_tokens_of(const ModelConfig& config, const Metadata& metadata) {
  const int64_t most = metadata.integer("loam.sequence_length", 1, INT32_MAX).value_or(kMostTextTokens);
  return std::min(most, config.context_length);
}

// A batch's texts, one after another without padding.
Batch batch_of(std::span<const std::vector<Token>> texts) {
  Batch batch;
  for (const std::vector<Token>& ids : texts) {
    batch.spans.push_back({.first_row = batch.n_rows(), .n_rows = static_cast<int>(ids.size())});
    batch.tokens.insert(batch.tokens.end(), ids.begin(), ids.end());
    for (int i = 0; i < static_cast<int>(ids.size()); ++i) batch.positions.push_back(i);
  }
  return batch;
}

// Some texts' ids, and where their vectors go.
struct TextBatch {
  std::span<const std::vector<Token>> texts;
  Embedding* out;
};

// Batches of about equal size, as large as leaves one for each thread.
std::vector<TextBatch> cut(const std::vector<std::vector<Token>>& ids, std::vector<Embedding>& out, int n_threads) {
  int64_t total = 0;
  for (const auto& text : ids) total += std::ssize(text);
  const int64_t most = std::clamp((total + n_threads - 1) / n_threads, kLeastTogether, kTokensTogether);
  std::vector<TextBatch> batches;
  for (size_t begin = 0, end = 0; begin < ids.size(); begin = end) {
    int64_t rows = 0;
    for (; end < ids.size() && (end == begin || rows + std::ssize(ids[end]) <= most); ++end)
      rows += std::ssize(ids[end]);
    batches.push_back({std::span(ids).subspan(begin, end - begin), &out[begin]});
  }
  return batches;
}

std::vector<float> normalised(const float* x, int64_t n) {
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) squares += double{x[i]} * x[i];
  const float scale = squares > 0 ? static_cast<float>(1 / std::sqrt(squares)) : 0;
  std::vector<float> out(x, x + n);
  for (float& value : out) value *= scale;
  return out;
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
        context{pool, select_kernels()} {
    if (tokenizer->n_vocab() != encoder->config().n_vocab || !tokenizer->adds_bos() || !tokenizer->adds_eos())
      throw Error(Error::Code::model_invalid, "the tokenizer is not that of an encoder: it frames no text",
                  "tokenizer@0");
    encoder->weights().load(pool, options.progress);
    for (int i = 0; i < pool.size(); ++i) workers.emplace_back();
  }

  const std::unique_ptr<GgufFile> file;
  ThreadPool pool;
  const std::unique_ptr<Encoder> encoder;
  const std::unique_ptr<Tokenizer> tokenizer;
  const int64_t max_tokens;
  const std::string name;
  std::mutex mutex;  // of all that follows, and the pool
  Context context;
  std::deque<Worker> workers;  // one for each thread

  // Several batches: each thread takes whole ones, and waits for no other until the last. A single one is shared.
  void run(std::span<const TextBatch> batches, const Cancelled& cancelled) {
    const std::lock_guard lock(mutex);
    if (batches.size() == 1) return run_batch(context, batches.front(), cancelled);
    std::atomic<size_t> next{0};
    std::mutex fault_mutex;
    std::exception_ptr fault;
    pool.run([&](int thread) {
      try {  // errors must not leave a pool's job
        for (size_t i; (i = next.fetch_add(1)) < batches.size();)
          run_batch(workers[static_cast<size_t>(thread)].context, batches[i], cancelled);
      } catch (...) {
        next = batches.size();
        const std::lock_guard fault_lock(fault_mutex);
        fault = std::current_exception();
      }
    });
    if (fault) std::rethrow_exception(fault);
  }

 private:
  void run_batch(Context& run, const TextBatch& batch, const Cancelled& cancelled) const {
    run.arena.reset();
    run.cancelled = cancelled;
    run.stopped = false;
    const Tensor vectors = encoder->embed(run, batch_of(batch.texts));
    for (size_t i = 0; i < batch.texts.size(); ++i) {
      batch.out[i].vector = normalised(vectors.row(static_cast<int64_t>(i)), vectors.shape.cols());
      batch.out[i].n_tokens = std::ssize(batch.texts[i]);
    }
  }
};

Embedder::Embedder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Embedder::~Embedder() = default;

std::unique_ptr<Embedder> Embedder::load(const std::string& path, EmbedderOptions options) {
  auto file = open_model(path);
  if (options.check_memory) check_room(*file);
  return std::unique_ptr<Embedder>(new Embedder(std::make_unique<State>(std::move(file), options)));
}

const std::string& Embedder::name() const { return state_->name; }
int64_t Embedder::dimensions() const { return state_->encoder->config().dim; }
int64_t Embedder::max_tokens() const { return state_->max_tokens; }
const Tokenizer& Embedder::tokenizer() const { return *state_->tokenizer; }

std::vector<Token> Embedder::tokenize(std::string_view text, bool* truncated) const {
  std::vector<Token> ids = tokenizer().encode(text, {.special = true, .add_special = true});
  const bool too_long = std::ssize(ids) > max_tokens();
  if (too_long) {
    ids[static_cast<size_t>(max_tokens()) - 1] = ids.back();
    ids.resize(static_cast<size_t>(max_tokens()));
  }
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
  std::vector<std::vector<Token>> ids;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto is_foreign = [&](Token id) { return id < 0 || id >= tokenizer().n_vocab(); };
    if (texts[i].empty() || std::ranges::any_of(texts[i], is_foreign))
      throw Error(Error::Code::invalid,
                  fmt::format("text {} has {}", i, texts[i].empty() ? "no tokens" : "ids outside the vocabulary"),
                  "input");
    const size_t n = std::min(texts[i].size(), static_cast<size_t>(max_tokens()));
    ids.emplace_back(texts[i].begin(), texts[i].begin() + static_cast<ptrdiff_t>(n));
  }
  std::vector<Embedding> all(ids.size());
  const std::vector<TextBatch> batches = cut(ids, all, state_->pool.size());
  const size_t together = kBatchesOfATurn * static_cast<size_t>(state_->pool.size());
  for (size_t begin = 0; begin < batches.size(); begin += together)
    state_->run(std::span(batches).subspan(begin, std::min(together, batches.size() - begin)), cancelled);
  for (size_t i = 0; i < all.size(); ++i) all[i].truncated = texts[i].size() > ids[i].size();
  return all;
}

MemoryPlan plan_embedder(const GgufFile& file) {
  const auto encoder = Encoder::create(Weights(file, select_kernels(), Binding::measure));
  const ModelConfig& c = encoder->config();
  const auto rows = static_cast<uint64_t>(std::max(kTokensTogether, max_tokens_of(c, file.metadata())));
  return {.weights = encoder->weights().packed_bytes(),
          .embeddings = encoder->weights().table_bytes(),
          .activations = rows * static_cast<uint64_t>(ThreadPool::physical_cores() + 1) *
                         static_cast<uint64_t>(8 * c.dim + 2 * c.ffn_dim) * sizeof(float),
          .program = kCodeSize + static_cast<uint64_t>(c.n_vocab) * kTokenSize};
}

}  // namespace loam
