// The operations that models are written in. Each runs as one parallel region over the context's threads and returns
// float32 activations (n_tokens, features) in the context's arena, valid until the arena is reset.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "ops/batch.h"
#include "ops/context.h"
#include "tensor/tensor.h"

namespace loam {

// A weight matrix and its optional bias.
struct Linear {
  Tensor weight;  // (out, in), packed
  Tensor bias;    // (out), f32, or empty
};

// Rotary embedding: which pairs rotate, and how fast. Angles are computed in double precision.
struct Rope {
  int n_rotated = 0;                       // leading features of each head that rotate
  bool adjacent = true;                    // pairs (2i, 2i+1) ("NORM"), else halves (i, i + n/2) ("NEOX")
  std::vector<float> inverse_frequencies;  // [n_rotated/2], scaling (linear, YaRN, Llama-3 factors) already applied
  float attention_factor = 1;              // multiplies cos and sin (YaRN's magnitude)
};

// One layer of the KV cache, as the kernels see it (a page's layout: AttentionArgs). All layers of a page stand
// together, so that a short conversation touches little memory: page p is at k + p · page_stride, [kv_head][page of a
// head], and likewise v.
struct KvLayer {
  std::byte *k = nullptr, *v = nullptr;
  int64_t page_stride = 0;  // bytes
  DType k_type = DType::f16, v_type = DType::f16;
  int n_kv_heads = 0, head_dim = 0, value_dim = 0;
  int window = 0;  // tokens that its attention sees, in the span's window pages; 0 for all, in its pages

  // Bytes of one token and head.
  int64_t k_row_bytes() const { return static_cast<int64_t>(bytes_of(k_type, head_dim)); }
  int64_t v_row_bytes() const { return static_cast<int64_t>(bytes_of(v_type, value_dim)); }
};

struct AttentionOptions {
  float scale = 0;    // multiplies q·k
  float softcap = 0;  // 0 for none
  Tensor sinks = {};  // (n_heads) or empty
};

enum class Gate { silu, gelu };

struct MoeWeights {
  Tensor router;          // (n_expert, dim)
  Tensor gate, up, down;  // (n_expert, ffn, dim), (n_expert, ffn, dim), (n_expert, dim, ffn)
};
struct MoeOptions {
  int layer = 0;          // for the router's hooks
  int n_used = 0;         // experts per token, where its span of the batch does not say
  bool normalise = true;  // weights of the chosen sum to one
  float weight_scale = 1;
  Gate gate = Gate::silu;
};

class Ops {
 public:
  explicit Ops(Context& context) : context_(context) {}

  // Rows of a table (plain, any decodable type; or packed), times `scale`. → (n_tokens, dim)
  Tensor embed(const Tensor& table, std::span<const int32_t> tokens, float scale = 1);
  Tensor rms_norm(const Tensor& x, const Tensor& weight, float epsilon);
  // x·Wᵀ + b. → (n_tokens, out)
  Tensor linear(const Tensor& x, const Linear& w);
  // Several products of one input (Q, K and V) in one region; the input is quantised once.
  std::vector<Tensor> linears(const Tensor& x, std::initializer_list<const Linear*> ws);
  // In place: x = the layer norm of x + y.
  void add_layer_norm(Tensor& x, const Tensor& y, const Tensor& weight, const Tensor& bias, float epsilon);
  // In place: RMS norm over each head's features with one shared weight (head_dim).
  void head_norm(Tensor& x, const Tensor& weight, float epsilon);
  // In place, over every head of x (n_tokens, n_heads · head_dim).
  void rope(Tensor& x, int head_dim, std::span<const int32_t> positions, const Rope& rope);
  // Stores k and v (n_tokens, n_kv_heads · head_dim) in the cache, then attends causally. `cache`: this layer in each
  // of the pools that the batch's spans name; they differ in types only. → (n_tokens, n_heads · value_dim)
  Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const KvLayer> cache,
                   const Batch& batch, const AttentionOptions& options);
  // Every row attends to all rows of its span, without a cache; spans cover all rows, `scale` multiplies q·k.
  // → (n_tokens, n_heads · head_dim)
  Tensor attention_within(const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                          std::span<const BatchSpan> spans, float scale);
  // down(act(gate(x)) · up(x)) → (n_tokens, dim)
  Tensor gated_ffn(const Tensor& x, const Linear& gate, const Linear& up, const Linear& down, Gate act = Gate::silu);
  // down(gelu(up(x))) → (n_tokens, dim)
  Tensor gelu_ffn(const Tensor& x, const Linear& up, const Linear& down);
  // Softmax-routed mixture of experts: the n_used most probable experts per token, their outputs weighted and summed by
  // ascending expert. `spans` of the batch whose rows x holds. LOAM_CHECKs that each uses 1 to n_expert.
  Tensor moe(const Tensor& x, const MoeWeights& weights, const MoeOptions& options,
             std::span<const BatchSpan> spans = {});
  void add(Tensor& x, const Tensor& y);  // x += y
  void scale(Tensor& x, float factor);
  void softcap(Tensor& x, float cap);                                   // cap · tanh(x / cap)
  Tensor rows(const Tensor& x, std::span<const int32_t> rows);          // a copy of some rows
  Tensor mean_rows(const Tensor& x, std::span<const BatchSpan> spans);  // of each span → (n_spans, features)

 private:
  Tensor make(int64_t rows, int64_t cols);
  Context& context_;
};

}  // namespace loam
