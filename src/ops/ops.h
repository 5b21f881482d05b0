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
  Tensor weight;            // (out, in), packed
  Tensor bias;              // (out), f32, or empty
  Tensor input_order = {};  // (in), i32: column k of the weight multiplies input order[k]; empty: input k
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
  int window = 0;        // tokens that its attention sees, in the span's window pages; 0 for all, in its pages
  bool chunked = false;  // it sees the token's own chunk of `window` tokens instead of the last ones

  // Bytes of one token and head.
  int64_t k_row_bytes() const { return static_cast<int64_t>(bytes_of(k_type, head_dim)); }
  int64_t v_row_bytes() const { return static_cast<int64_t>(bytes_of(v_type, value_dim)); }
};

struct AttentionOptions {
  float scale = 0;                     // multiplies q·k
  float softcap = 0;                   // 0 for none
  Tensor sinks = {};                   // (n_heads) or empty
  std::span<const float> slopes = {};  // ALiBi's, of each head; or empty
  bool store = true;                   // k and v; else the cache already holds them, and k and v are not read
};

// How a text's tokens see one another where their distance counts.
struct Nearness {
  int window = 0;                      // a token sees those at most so far away; 0: all of its text
  std::span<const float> slopes = {};  // of each head: score −= slope · distance (ALiBi, arXiv 2108.12409); or empty
};

struct MoeWeights {
  Tensor router;            // (n_expert, dim)
  Tensor gate, up, down;    // (n_expert, ffn, dim) or no gate, (n_expert, ffn, dim), (n_expert, dim, ffn)
  Tensor router_bias = {};  // (n_expert) or empty
  Tensor gate_bias = {}, up_bias = {}, down_bias = {};  // (n_expert, ffn), (n_expert, ffn), (n_expert, dim) or empty
  Tensor selection_bias = {};  // (n_expert), added to the probabilities that pick experts, not to those that weigh
};

// What a router's logits become. The experts with the largest scores are picked, and weighed by them.
enum class Scoring {
  softmax,
  sigmoid,
  softmax_of_chosen,  // picked by the logits
  sigmoid_of_chosen,  // likewise
  sqrt_softplus,      // √ln(1 + eˣ)
};

struct MoeOptions {
  int layer = 0;          // for the router's hooks
  int n_used = 0;         // experts per token, where its span of the batch does not say
  bool normalise = true;  // weights of the chosen sum to one
  float weight_scale = 1;
  Activation activation = {};
  Scoring scoring = Scoring::softmax;
  int n_groups = 0, n_groups_used = 0;  // experts are picked from the groups whose two best scores sum highest; 0: all
  bool weigh_input = false;             // an expert's weight multiplies its input, not its output
};

class Ops {
 public:
  explicit Ops(Context& context) : context_(context) {}
  Context& context() const { return context_; }

  // Rows of a table (plain, any decodable type; or packed), times `scale`. → (n_tokens, dim)
  Tensor embed(const Tensor& table, std::span<const int32_t> tokens, float scale = 1);
  Tensor rms_norm(const Tensor& x, const Tensor& weight, float epsilon);
  // x·Wᵀ + b. → (n_tokens, out)
  Tensor linear(const Tensor& x, const Linear& w);
  // Several products of one input (Q, K and V) in one region; the input is quantised once.
  std::vector<Tensor> linears(const Tensor& x, std::span<const Linear* const> ws);
  std::vector<Tensor> linears(const Tensor& x, std::initializer_list<const Linear*> ws) {
    return linears(x, std::span(ws.begin(), ws.size()));
  }
  // Each head's features by a matrix of its own: `weight` (n_heads, out, in) reads features [first, first + in) of each
  // head of x (n_tokens, n_heads · head_dim). → (n_tokens, n_heads · out)
  Tensor head_linear(const Tensor& x, const Tensor& weight, int64_t first = 0);
  // (x − mean) / √(variance + ε) · weight + bias, either of which may be empty.
  Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, float epsilon);
  // In place: x = the layer norm of x + y.
  void add_layer_norm(Tensor& x, const Tensor& y, const Tensor& weight, const Tensor& bias, float epsilon);
  // In place: RMS norm over each head's features, with a weight that all share (head_dim) or one of each head
  // (n_heads, head_dim); without one where it is empty.
  void head_norm(Tensor& x, const Tensor& weight, float epsilon) { head_norm(x, weight, weight.shape.cols(), epsilon); }
  void head_norm(Tensor& x, const Tensor& weight, int64_t head_dim, float epsilon);
  // The same with layer norms; bias as the weight.
  void head_layer_norm(Tensor& x, const Tensor& weight, const Tensor& bias, int64_t head_dim, float epsilon);
  // In place, over every head of x (n_tokens, n_heads · head_dim).
  void rope(Tensor& x, int head_dim, std::span<const int32_t> positions, const Rope& rope);
  // Stores k and v (n_tokens, n_kv_heads · head_dim) in the cache, then attends causally. `cache`: this layer in each
  // of the pools that the batch's spans name; they differ in types only. → (n_tokens, n_heads · value_dim)
  Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const KvLayer> cache,
                   const Batch& batch, const AttentionOptions& options);
  // Every row attends to the rows of its span, ahead as much as behind, without a cache; spans cover all rows, `scale`
  // multiplies q·k. → (n_tokens, n_heads · head_dim)
  Tensor attention_within(const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                          std::span<const BatchSpan> spans, float scale, const Nearness& nearness = {});
  // down(f(gate(x)) · up(x)) → (n_tokens, dim)
  Tensor gated_ffn(const Tensor& x, const Linear& gate, const Linear& up, const Linear& down, const Activation& f = {});
  // down(f(up(x))) → (n_tokens, dim)
  Tensor plain_ffn(const Tensor& x, const Linear& up, const Linear& down, const Activation& f);
  // Mixture of experts: the n_used best experts per token, their outputs weighted and summed by ascending expert.
  // `spans` of the batch whose rows x holds. `routed`: what the router reads, where that is not x. LOAM_CHECKs that
  // each uses 1 to n_expert.
  Tensor moe(const Tensor& x, const MoeWeights& weights, const MoeOptions& options,
             std::span<const BatchSpan> spans = {}, const Tensor& routed = {});
  // f(x) · y, or f(x) where y is empty.
  Tensor activate(const Tensor& x, const Tensor& y, const Activation& f);
  void add(Tensor& x, const Tensor& y);                   // x += y
  void multiply(Tensor& x, const Tensor& y);              // x *= y, or each row's one factor where y is (n_tokens, 1)
  void divide(Tensor& x, const Tensor& features);         // each row by the same numbers (features)
  void multiply_rows(Tensor& x, const Tensor& features);  // likewise
  void add_to_rows(Tensor& x, const Tensor& y);           // each row of x += y (features)
  void scale(Tensor& x, float factor);
  void scale_rows(Tensor& x, std::span<const float> factors);   // [n_tokens]
  void clamp(Tensor& x, float limit);                           // to ±limit
  void softcap(Tensor& x, float cap);                           // cap · tanh(x / cap)
  Tensor rows(const Tensor& x, std::span<const int32_t> rows);  // a copy of some rows
  // A copy of features [first, first + n) of each head of x. → (n_tokens, n_heads · n)
  Tensor head_part(const Tensor& x, int64_t head_dim, int64_t first, int64_t n);
  // Each head's features of a, then those of b; a b of one head joins all. → (n_tokens, n_heads · (a_dim + b_dim))
  Tensor join_heads(const Tensor& a, int64_t a_dim, const Tensor& b, int64_t b_dim);
  Tensor mean_rows(const Tensor& x, std::span<const BatchSpan> spans);  // of each span → (n_spans, features)

 private:
  Tensor make(int64_t rows, int64_t cols);
  Context& context_;
};

}  // namespace loam
