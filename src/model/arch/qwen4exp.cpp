// Qwen 4 (experimental): Qwen 3.5's mixers and experts on several residual streams; each half of a layer reads their
// gated mean and writes to each with a weight of its own (hyper-connections, arXiv 2409.19606). Before one layer, rows
// that a hash of the last tokens picks from a table are mixed in. An index picks the tokens that attention reads;
// contexts are as long as it picks all.
#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/delta_net.h"
#include "model/parts/qwen_hybrid.h"
#include "model/parts/streams.h"

namespace loam {
namespace {

constexpr int kMostStreams = 64, kMostNgram = 16, kMostHeads = 256, kMostKernel = 64;

// What reads and writes the streams (n_tokens, n · dim).
class GatedStreams {
 public:
  GatedStreams(const Weights& w, const ModelConfig& c, const std::string& name, int64_t n, bool writes)
      : n_(n), epsilon_(c.norm_epsilon), norm_(w.vector(name + "_norm", {n, c.dim})) {
    const auto rank = w.metadata().require_integer(c.arch + ".hyper_connection.low_rank", 1, INT32_MAX);
    down_ = w.linear(name + "_down", {rank, n * c.dim});
    up_ = w.linear(name + "_up", {n * c.dim, rank});
    if (writes) inject_ = w.linear(name + "_inject", {n, n * c.dim});
  }

  // → (n_tokens, dim); `weights` of writing, (n_tokens, n), where they are asked for
  Tensor read(Ops& f, const Tensor& x, Tensor* weights = nullptr) const {
    Tensor normed = copy_of(f, x);
    f.head_norm(normed, norm_, epsilon_);
    const float share = 1 / static_cast<float>(n_);
    Tensor low = f.linear(normed, down_);
    f.scale(low, share);
    const Tensor gate = f.linear(f.activate(low, {}, {}), up_);
    Tensor mean = sum_of_streams(f, f.activate(gate, normed, {Activation::sigmoid}), n_);
    f.scale(mean, share);
    if (!weights) return mean;
    Tensor inject = f.linear(normed, inject_);
    f.scale(inject, share);
    *weights = f.activate(inject, {}, {Activation::sigmoid});
    f.scale(*weights, 2);
    return mean;
  }

 private:
  const int64_t n_;
  const float epsilon_;
  const Tensor norm_;  // (n, dim)
  Linear down_, up_, inject_;
};

// What the last tokens bring: `heads_per_ngram` rows of a table for each length of n-gram up to `ngram_size`, as keys
// that the streams are compared with and a value, which is convolved with those of some n-grams before. Keeps the
// convolution's inputs and the last tokens behind its layer's own state.
class NgramMemory {
 public:
  NgramMemory(const Weights& model, const Weights& w, const ModelConfig& c, int64_t n_streams)
      : n_(n_streams), dim_(c.dim), epsilon_(c.norm_epsilon) {
    const Metadata& m = model.metadata();
    const std::string prefix = c.arch + ".ple.";
    ngram_ = m.require_integer(prefix + "ngram_size", 2, kMostNgram);
    per_ngram_ = m.require_integer(prefix + "heads_per_ngram", 1, kMostHeads);
    n_heads_ = (ngram_ - 1) * per_ngram_;
    kernel_ = m.require_integer(prefix + "conv_kernel", 2, kMostKernel);
    end_ = m.require_integer(prefix + "eos_token_id", 0, INT32_MAX);
    multipliers_ = numbers(m, prefix + "layer_multipliers", ngram_);
    offsets_ = numbers(m, prefix + "head_offsets", n_heads_);
    sizes_ = numbers(m, prefix + "head_vocab_sizes", n_heads_);
    bind(model, w, m.require_integer(c.arch + ".embedding_length_per_layer_input", 1, INT32_MAX));
  }

  StateSize state_size() const {
    return {.convolved = history() * n_ * dim_, .recurrent = ngram_ - 1, .activations = 8 * n_ * dim_};
  }

  // In place; `state`: this memory's.
  void add_to(Ops& f, Tensor& x, const Batch& batch, const StateLayer& state) const {
    Tensor rows = f.embed(table_, rows_of(batch, state));  // a row for each head
    rows.shape = {x.shape.rows(), n_heads_ * table_.shape.cols()};
    Tensor key = f.linear(rows, key_), query = copy_of(f, x);
    f.head_norm(key, key_norm_, epsilon_);
    f.head_norm(query, query_norm_, epsilon_);
    Tensor value = to_streams(f, f.linear(rows, value_), n_);
    multiply_streams(f, value, alike(f, key, query));
    Tensor normed = copy_of(f, value);
    f.head_norm(normed, convolution_norm_, epsilon_);
    f.add(x, value);
    f.add(x, StateOps(f.context(), batch).convolve(normed, convolution_, state));
  }

 private:
  int64_t history() const { return (kernel_ - 1) * ngram_; }  // tokens that the convolution looks back

  static std::vector<uint64_t> numbers(const Metadata& m, const std::string& key, int64_t n) {
    const std::vector<int64_t>* values = m.integers(key);
    if (!values || std::ssize(*values) < n || std::ranges::any_of(*values, [](int64_t v) { return v < 0; }))
      throw Error(Error::Code::model_invalid, key + ": expected " + std::to_string(n) + " numbers", "hparam@0");
    return {values->begin(), values->end()};
  }

  void bind(const Weights& model, const Weights& w, int64_t width) {
    constexpr std::string_view kTable = "per_layer_token_embd";
    const TensorInfo* info = model.file().find(std::string(kTable) + ".weight");
    const int64_t n_rows = info ? info->shape.rows() : 0;
    for (size_t head = 0; head < static_cast<size_t>(n_heads_); ++head)
      if (sizes_[head] == 0 || sizes_[head] > INT32_MAX || offsets_[head] > INT32_MAX ||
          static_cast<int64_t>(offsets_[head] + sizes_[head]) > n_rows)
        throw Error(Error::Code::model_invalid, "ple.head_offsets: are beyond the table's rows", "hparam@0");
    table_ = model.table(kTable, {n_rows, width});
    key_ = w.linear("ple_key", {n_ * dim_, n_heads_ * width});
    value_ = w.linear("ple_value", {dim_, n_heads_ * width});
    key_norm_ = w.vector("ple_norm_key", {n_, dim_});
    query_norm_ = w.vector("ple_norm_query", {n_, dim_});
    convolution_norm_ = w.vector("ple_norm_conv", {n_, dim_});
    spread(w.transposed("ple_conv1d", {n_ * dim_, kernel_}));
  }

  // Taps stand an n-gram apart: zeros between them.
  void spread(const Tensor& taps) {
    const int64_t channels = n_ * dim_;
    if (taps) weights_.resize(static_cast<size_t>((history() + 1) * channels));
    for (int64_t tap = 0; taps && tap < kernel_; ++tap)
      std::copy_n(taps.row(tap), channels, weights_.data() + tap * ngram_ * channels);
    convolution_ = {.weight = {.shape = {history() + 1, channels}, .data = weights_.data()}, .bias = {}};
  }

  // Of each head's n-gram; tokens before the beginning, or an end among them, read as ends.
  std::vector<int32_t> rows_of(const Batch& batch, const StateLayer& state) const {
    std::vector<int32_t> rows;
    for (const BatchSpan& span : batch.spans) {
      float* kept = state.slot(span.state) + state.n_convolved;  // the last tokens' bits, the newest first
      std::vector<int32_t> last(static_cast<size_t>(ngram_), static_cast<int32_t>(end_));
      if (batch.positions[static_cast<size_t>(span.first_row)] > 0)
        for (int64_t i = 0; i + 1 < ngram_; ++i) last[static_cast<size_t>(i)] = std::bit_cast<int32_t>(kept[i]);
      for (int row = span.first_row; row < span.first_row + span.n_rows; ++row) {
        std::shift_right(last.begin(), last.end(), 1);
        last[0] = batch.tokens[static_cast<size_t>(row)];
        add_rows(last, rows);
      }
      for (int64_t i = 0; i + 1 < ngram_; ++i) kept[i] = std::bit_cast<float>(last[static_cast<size_t>(i)]);
    }
    return rows;
  }

  void add_rows(const std::vector<int32_t>& last, std::vector<int32_t>& rows) const {
    uint64_t mixed = static_cast<uint64_t>(last[0]) * multipliers_[0];
    bool ended = false;
    for (size_t i = 1; i < last.size(); ++i) {
      ended = ended || last[i] == end_;
      mixed ^= static_cast<uint64_t>(ended ? end_ : last[i]) * multipliers_[i];
      for (auto head = (i - 1) * static_cast<size_t>(per_ngram_); head < i * static_cast<size_t>(per_ngram_); ++head)
        rows.push_back(static_cast<int32_t>(mixed % sizes_[head] + offsets_[head]));
    }
  }

  // sigmoid(±√|key·query / √dim|) for each stream. → (n_tokens, n)
  Tensor alike(Ops& f, const Tensor& key, const Tensor& query) const {
    constexpr float kLeast = 1e-6f;
    Tensor products = copy_of(f, key), out = f.head_part(key, n_ * dim_, 0, n_);  // of that shape
    f.multiply(products, query);
    for (int64_t i = 0; i < out.shape.elements(); ++i) {
      const float* product = products.f32() + i * dim_;
      double sum = 0;
      for (int64_t j = 0; j < dim_; ++j) sum += product[j];
      const auto dot = static_cast<float>(sum / std::sqrt(static_cast<double>(dim_)));
      const float root = std::sqrt(std::max(std::abs(dot), kLeast));
      out.f32()[i] = dot > 0 ? root : dot < 0 ? -root : 0;
    }
    return f.activate(out, {}, {Activation::sigmoid});
  }

  const int64_t n_, dim_;
  const float epsilon_;
  int64_t ngram_ = 0, per_ngram_ = 0, n_heads_ = 0, kernel_ = 0, end_ = 0;
  std::vector<uint64_t> multipliers_, offsets_, sizes_;  // of the tokens of an n-gram, of the heads
  Tensor table_;                                         // (rows, width)
  Linear key_, value_;
  Tensor key_norm_, query_norm_, convolution_norm_;  // (n, dim)
  std::vector<float> weights_;                       // the convolution's, (history + 1, n · dim)
  Convolution convolution_;
};

class Qwen4Exp final : public Model {
 public:
  explicit Qwen4Exp(const Weights& w)
      : Model(w),
        n_streams_(w.metadata().require_integer(config_.arch + ".hyper_connection.count", 2, kMostStreams)),
        spec_(describe_qwen_hybrid(w, config_, /*interleaved=*/true, {Activation::sigmoid})),
        head_(w, config_, "output_hc", n_streams_, /*writes=*/false) {
    bind_ends();
    const int64_t most = w.metadata().integer(config_.arch + ".attention.indexer.top_k", 0, INT32_MAX).value_or(0);
    if (most > 0) config_.context_length = std::min(config_.context_length, most);
    const std::vector<int64_t>* with_memory = w.metadata().integers(config_.arch + ".ple.layers");
    for (int i = 0; i < config_.n_layers; ++i) {
      AttentionSpec& attention = spec_.layers[static_cast<size_t>(i)].attention;
      attention.biases = false, attention.n_positions = most;
      bind_layer(w, i, with_memory && std::ranges::find(*with_memory, i) != with_memory->end());
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = to_streams(f, f.embed(ends_.embed, batch.tokens), n_streams_);  // (n_tokens, n_streams · dim)
    for (const Layer& layer : layers_) {
      const Arena::Scope layer_memory(context.arena);
      if (layer.memory) layer.memory->add_to(f, x, batch, memory_state(layer, cache));
      Tensor weights;
      const Tensor seen = layer.mixer_streams->read(f, x, &weights);
      add_to_streams(f, x, layer.mixer->run(f, seen, batch, cache), weights);
      const Tensor treated = layer.ffn_streams->read(f, x, &weights);
      add_to_streams(f, x, layer.experts->run(f, treated, batch), weights);
    }
    if (batch.logit_rows.empty()) return {};
    return head_.read(f, f.rows(x, batch.logit_rows));
  }

 private:
  struct Layer {
    int index = 0;
    std::unique_ptr<NgramMemory> memory;  // null in most
    std::unique_ptr<GatedStreams> mixer_streams, ffn_streams;
    std::unique_ptr<Mixer> mixer;
    std::unique_ptr<Experts> experts;
  };

  void bind_layer(const Weights& model, int i, bool with_memory) {
    const Weights w = model.scope("blk", i);
    const LayerSpec& spec = spec_.layers[static_cast<size_t>(i)];
    Layer& layer = layers_.emplace_back();
    layer.index = i;
    layer.mixer_streams = std::make_unique<GatedStreams>(w, config_, "hc_attn", n_streams_, /*writes=*/true);
    layer.ffn_streams = std::make_unique<GatedStreams>(w, config_, "hc_ffn", n_streams_, /*writes=*/true);
    layer.mixer = spec.mixer ? spec.mixer(w, config_, i) : std::make_unique<Attention>(w, config_, i, spec.attention);
    layer.experts = std::make_unique<Experts>(w, config_, i, qwen_hybrid_experts(config_));
    if (!with_memory) return;
    if (!config_.layer(i).recurrent)
      throw Error(Error::Code::model_invalid, config_.arch + ".ple.layers: names a layer without a state", "hparam@0");
    layer.memory = std::make_unique<NgramMemory>(model, w, config_, n_streams_);
    const StateSize more = layer.memory->state_size();
    StateSize& size = config_.states[static_cast<size_t>(i)];
    size.recurrent += more.convolved + more.recurrent;
    size.activations += more.activations;
  }

  // Behind the delta-net's.
  StateLayer memory_state(const Layer& layer, KvCache& cache) const {
    const StateSize own = layer.memory->state_size();
    StateLayer state = cache.states().layer(layer.index);
    state.data += state.n_convolved + state.n_recurrent - own.convolved - own.recurrent;
    state.n_convolved = own.convolved, state.n_recurrent = own.recurrent;
    return state;
  }

  const int64_t n_streams_;
  DecoderSpec spec_;
  const GatedStreams head_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_qwen4exp(const Weights& weights) { return std::make_unique<Qwen4Exp>(weights); }

}  // namespace loam
