// Attention with queries that share heads of keys and values (GQA, arXiv 2305.13245): its kinds, told apart by a
// description.
#pragma once

#include <string_view>
#include <vector>

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/parts/norm.h"
#include "model/weights.h"

namespace loam {

// A gate of what was attended, a sigmoid where nothing else is said.
enum class AttentionGate {
  none,
  own,       // attn_gate (attention_dim, dim) reads what Q, K and V read
  in_query,  // attn_q gives each head its query, then its gate
  of_head,   // attn_gate (n_heads, dim): one factor for each head
};

// Queries far behind the trained length are sharpened: times 1 + scale · ln(1 + ⌊(position + offset) / length⌋).
struct QueryTemperature {
  int64_t length = 0;  // 0: none
  float scale = 0, offset = 0;
};

struct AttentionSpec {
  Rope rope = {};  // none where it rotates nothing
  HeadNormSpec head_norms = {};
  float scale = 0;           // multiplies q·k; 0: the config's, or else 1/√head_dim
  float softcap = 0;         // 0: none
  float clamp = 0;           // of queries, keys and values; 0: none
  float max_alibi_bias = 0;  // 0: none
  bool biases = true;        // of Q, K and V, where the file has them
  bool output_bias = true;   // likewise of the output projection
  bool sinks = false;        // attn_sinks: a logit of each head that takes part in the softmax
  AttentionGate gate = AttentionGate::none;
  Activation gate_activation = {Activation::sigmoid};
  bool query_gain = false;  // attn_q_norm (n_heads, 1): a factor of each head's queries
  QueryTemperature temperature = {};
  std::string_view inner_norm = "";  // of what was attended, before the output projection
  float output_scale = 1;
  int64_t n_positions = 0;  // that it is defined for; 0: all
};

// Tensors attn_q, attn_k, attn_v or attn_qkv, attn_output, with biases where the file has them; attn_q_norm and
// attn_k_norm.
class Attention final : public Mixer {
 public:
  // `w` is the layer's. Errors as Weights.
  Attention(const Weights& w, const ModelConfig& config, int layer, const AttentionSpec& spec);

  // Error(unsupported) for a position that it is not defined for.
  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  void bind_qkv(const Weights& w, int64_t dim);
  void bind_gate(const Weights& w, int64_t dim);
  void multiply_queries(Ops& f, Tensor& q) const;
  void prepare(Ops& f, Tensor& q, Tensor& k, Tensor& v, const Batch& batch) const;

  const int layer_;
  const LayerConfig shape_;
  const AttentionSpec spec_;
  AttentionOptions options_;
  std::vector<float> slopes_;  // ALiBi's, of each head
  Linear q_, k_, v_, gate_, o_;
  HeadNorm q_norm_, k_norm_;
  Norm inner_norm_;
  Tensor query_gain_;  // (n_heads, 1), or empty
};

// Error(unsupported) for a position from n_positions on, where that is not 0.
void check_positions(const Batch& batch, int64_t n_positions);

// attended · a(gate), where `gate` has as many features or one for each of the heads; attended itself where it is
// empty.
Tensor gated(Ops& f, const Tensor& attended, const Tensor& gate, const Activation& a = {Activation::sigmoid});

// ALiBi's slopes: of n heads, n a power of two, head i falls by 2^(−max_bias·(i+1)/n); other numbers take those of the
// next smaller power, then every second one of the next larger. arXiv 2108.12409.
std::vector<float> alibi_slopes(int n_heads, float max_bias);

// The factors of a batch's queries; empty where there is no temperature.
std::vector<float> query_factors(const QueryTemperature& temperature, const Batch& batch);

}  // namespace loam
