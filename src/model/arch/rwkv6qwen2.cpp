// QRWKV6: Qwen2 with RWKV-6's mixing of tokens instead of attention: what a key forgets is what it takes up, and heads
// share keys and values. arXiv 2505.03005.
#include <cmath>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/rwkv.h"
#include "model/parts/spread_heads.h"
#include "model/parts/streams.h"

namespace loam {
namespace {

struct Rwkv6Qwen2Sizes {
  int64_t dim = 0, head_dim = 0, mix = 0, decay = 0, n_kv_heads = 0;

  Rwkv6Qwen2Sizes(const Metadata& m, const ModelConfig& c) : dim(c.dim), head_dim(rwkv_head_size(m, c, 1)) {
    mix = m.require_integer(c.arch + ".time_mix_extra_dim", 1, c.dim);
    decay = m.require_integer(c.arch + ".time_decay_extra_dim", 1, c.dim);
    n_kv_heads = m.integer(c.arch + ".attention.head_count_kv", 0, n_heads()).value_or(0);
    if (n_kv_heads == 0) n_kv_heads = n_heads();
    if (n_heads() % n_kv_heads != 0)
      throw Error(Error::Code::model_invalid, c.arch + ".attention.head_count_kv: does not divide the heads",
                  "hparam@0");
  }

  int64_t n_heads() const { return dim / head_dim; }
  StateSize state() const {
    return {.convolved = dim, .recurrent = dim * head_dim, .activations = 24 * dim + 5 * mix + decay};
  }
};

class Rwkv6Qwen2Mix final : public Mixer {
 public:
  Rwkv6Qwen2Mix(const Weights& l, const ModelConfig&, int layer, const Rwkv6Qwen2Sizes& s)
      : layer_(layer),
        sizes_(s),
        inputs_(l, {.dim = s.dim, .mix = s.mix, .decay = s.decay}),
        key_(l.linear("time_mix_key", {s.n_kv_heads * s.head_dim, s.dim})),
        value_(l.linear("time_mix_value", {s.n_kv_heads * s.head_dim, s.dim})),
        receptance_(l.linear("time_mix_receptance", {s.dim, s.dim})),
        gate_(l.linear("time_mix_gate", {s.dim, s.dim})),
        out_(l.linear("time_mix_output", {s.dim, s.dim})),
        ones_(static_cast<size_t>(s.n_heads()), 1.0f) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override {
    StateOps s(f.context(), batch);
    const StateLayer& state = cache.states().layer(layer_);
    const auto [forget, key, value, query, gate] = inputs_.mix(f, s, x, state);
    const Tensor decay = inputs_.decay(f, s, forget);
    Tensor r = f.linear(query, receptance_);
    f.scale(r, 1 / std::sqrt(static_cast<float>(sizes_.head_dim)));
    const int n_heads = static_cast<int>(sizes_.n_heads());
    Columns write;
    write.first = ones_.data();
    write.n_rows = x.shape.rows();
    write.n = n_heads;
    const Tensor y = s.recur({.n_heads = n_heads,
                              .n_key_heads = n_heads,
                              .q = r,
                              .k = taken(f, spread(f, f.linear(key, key_)), decay),
                              .v = spread(f, f.linear(value, value_)),
                              .decay = decay,
                              .write = write,
                              .skip = {}},
                             state);
    return f.linear(f.activate(f.linear(gate, gate_), y, {.kind = Activation::sigmoid}), out_);
  }

 private:
  Tensor spread(Ops& f, const Tensor& x) const { return spread_heads(f, x, sizes_.n_kv_heads, sizes_.n_heads()); }

  // k · (1 − decay)
  static Tensor taken(Ops& f, const Tensor& k, const Tensor& decay) {
    Tensor taken = copy_of(f, k);
    f.multiply(taken, decay);
    f.scale(taken, -1);
    f.add(taken, k);
    return taken;
  }

  const int layer_;
  const Rwkv6Qwen2Sizes sizes_;
  const Rwkv6Inputs inputs_;
  Linear key_, value_, receptance_, gate_, out_;
  std::vector<float> ones_;  // [n_heads], what every row writes
};

DecoderSpec describe_rwkv6qwen2(const Weights& w, ModelConfig& c) {
  const Rwkv6Qwen2Sizes sizes(w.metadata(), c);
  for (int i = 0; i < c.n_layers; ++i) c.keep_state(i, sizes.state());
  return {.layers = every_layer(c, {.mixer = mixer_of<Rwkv6Qwen2Mix>(sizes)})};
}

}  // namespace

std::unique_ptr<Model> make_rwkv6qwen2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_rwkv6qwen2);
}

}  // namespace loam
