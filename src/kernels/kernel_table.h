// The functions that each instruction set provides, and the choice of the set to run.
//
// Weights are packed once at load: `row_group` rows advance together, so that one vector register holds four columns of
// each of its rows and a 32-bit lane accumulates its own row. One output element is accumulated along K in block order
// whatever the number of tokens, rows or threads: results are identical alone or in a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "tensor/dtype.h"

namespace loam {

// One matrix product: out[token][row] = Σ_k weights[row][k] · x[token][k], for rows [row_begin, row_end) of the matrix.
struct MatmulArgs {
  DType dtype;          // of the weights before packing
  const void* weights;  // packed (cols × rows)
  int64_t cols;         // K
  int64_t row_begin;    // multiple of row_group
  int64_t row_end;      // multiple of row_group, or the matrix's last row
  const void* x;        // activations packed by `pack_activations` for this dtype's activation kind
  int64_t n_tokens;
  float* out;  // out[token * out_stride + row]
  int64_t out_stride;
};

// What a weight type multiplies with: int8 codes with a scale per 32 columns, int8 codes with a scale per
// 256 columns (for the formats whose own blocks are that wide), or plain float32.
enum class ActivationKind : uint8_t { int8, int8_super, float32 };

// What stands between the halves of a feed-forward layer, f(x) or, where it gates a second vector, f(x) · up.
struct Activation {
  enum Kind : uint8_t {
    silu,
    gelu,        // by its tanh formula
    gelu_erf,    // by the normal distribution itself
    gelu_quick,  // x · sigmoid(1.702 x)
    relu,
    relu_squared,
    sigmoid,
    softplus,        // ln(1 + eˣ)
    xielu,           // with alpha_positive, alpha_negative, beta and epsilon
    swiglu_oai,      // gates only: min(x, limit) · sigmoid(alpha_positive · that) · (clamp(up, ±limit) + 1)
    swiglu_clamped,  // gates only: min(silu(x), limit) · clamp(up, ±limit)
    swiglu_limited,  // gates only: silu(min(x, limit)) · clamp(up, ±limit)
    situ,            // gates only: β·tanh(x/β) · sigmoid(x) · limit·tanh(up/limit), or · up where limit is 0
  };
  Kind kind = silu;
  float limit = 0, alpha_positive = 0, alpha_negative = 0, beta = 0, epsilon = 0;
};

inline constexpr int kPageTokens = 32;       // tokens in a page of the KV cache
inline constexpr int kAttentionChunk = 512;  // keys that are attended in one go, from a multiple of this on

// Attention of `n_queries` query rows (of one KV head) to one chunk of one sequence's cached keys: see ops/attention.
struct AttentionArgs {
  const float* const* q;     // n_queries pointers to head_dim floats (already rotated)
  const int32_t* positions;  // of each query, ascending; it attends keys [first visible, last visible]
  int n_queries;
  int chunk_begin;       // the first key
  const int32_t* pages;  // block table of the sequence: page number of each kPageTokens tokens
  // Page p of this head stands at k_pages + p · page_stride and v_pages + p · page_stride, in bytes; each page holds
  // the numbers of kPageTokens tokens in its type (f32, f16, bf16, q8_0 or q4_0). Values are rows of the type's blocks,
  // [token][value_dim]. Keys are those transposed, so that a register holds one feature of several tokens:
  // [head_dim][token], and for the quantised types [block of 32 features]([token] scales, [byte of the block][token]).
  const void *k_pages, *v_pages;
  int64_t page_stride, k_row_bytes, v_row_bytes;
  DType k_type, v_type;
  int head_dim, value_dim;
  int window;      // 0: none; else a query at p sees keys in (p - window, p]
  bool chunked;    // the query sees those of its own chunk of `window` keys instead
  int n_keys = 0;  // 0: it sees none behind p; else there are so many, and it sees those in [p - window, p + window]
  float scale;     // multiplies q·k
  float softcap;   // 0: none; else score = cap · tanh(score / cap)
  const float* slopes;  // of each query (ALiBi): score −= slope · distance; null for none
  float* scratch;       // attention_scratch_floats(...) floats
  float* state;         // attention_state_floats(...) floats: becomes what these keys give
};

struct ConvolveArgs;  // kernels/recurrence.h
struct ScanArgs;
struct RecurArgs;

struct KernelTable {
  std::string_view name;           // "scalar", "avx2", "avxvnni", …
  int row_group;                   // rows interleaved in packed weights
  int token_tile;                  // the most tokens one register tile takes
  int64_t activation_block_bytes;  // of one token's 32 columns, quantised

  // ---- packed weights ----
  // Bytes of `row_group` packed rows; 0 where the type cannot be packed.
  int64_t (*row_group_bytes)(DType dtype, int64_t cols) noexcept;
  // Packs rows [row_begin, row_end) of a plain matrix (`source` points to row_begin's blocks) into `packed` (the whole
  // matrix's base). row_begin is a multiple of row_group; rows past the last are filled with zeros.
  void (*pack)(DType dtype, const void* source, int64_t row_begin, int64_t row_end, int64_t cols,
               void* packed) noexcept;
  // Decodes one row of a packed matrix to float32.
  void (*unpack_row)(DType dtype, const void* packed, int64_t row, int64_t cols, float* out) noexcept;

  // ---- activations ----
  // Packs tokens [token_begin, token_end) of x (row stride in floats) into `out`, which holds n_tokens in all.
  // token_begin is a multiple of token_tile.
  void (*pack_activations)(ActivationKind kind, const float* x, int64_t stride, int64_t token_begin, int64_t token_end,
                           int64_t n_tokens, int64_t cols, void* out) noexcept;
  void (*matmul)(const MatmulArgs& args) noexcept;

  // ---- vector operations, each over contiguous float32 ----
  void (*rms_norm)(const float* x, const float* weight, int64_t n, float epsilon,
                   float* out) noexcept;  // weight may be null
  void (*layer_norm)(const float* x, const float* weight, const float* bias, int64_t n, float epsilon,
                     float* out) noexcept;                                          // weight and bias may be null
  void (*add)(float* x, const float* y, int64_t n) noexcept;                        // x += y
  void (*multiply)(float* x, const float* y, int64_t n) noexcept;                   // x *= y
  void (*multiply_add)(float* x, const float* y, float scale, int64_t n) noexcept;  // x += scale · y
  void (*scale)(float* x, float factor, int64_t n) noexcept;
  // out = f(x) · up, or f(x) where `up` is null; out may be one of the inputs.
  void (*activate)(const Activation& f, const float* x, const float* up, int64_t n, float* out) noexcept;
  void (*softmax)(float* x, int64_t n) noexcept;
  void (*softcap)(float* x, float cap, int64_t n) noexcept;  // x = cap · tanh(x / cap)
  void (*to_f16)(const float* x, int64_t n, uint16_t* out) noexcept;
  void (*to_f32)(const uint16_t* x, int64_t n, float* out) noexcept;
  // Rotates pairs by cos/sin[n_rotated/2]: adjacent (x[2i], x[2i+1]) or halves (x[i], x[i + n_rotated/2]).
  void (*rope)(float* x, const float* cos, const float* sin, int n_rotated, bool adjacent) noexcept;

  // step = softplus(x + bias), which may be null; out = e^(step · rate).
  void (*decay)(const float* x, const float* bias, const float* rate, int64_t n, float* step, float* out) noexcept;

  // ---- layers with a state ----
  // One sequence's rows in their order; results do not depend on where they are cut, nor channels or values.
  void (*convolve)(const ConvolveArgs& args) noexcept;
  void (*scan)(const ScanArgs& args) noexcept;
  void (*recur)(const RecurArgs& args) noexcept;

  // ---- attention ----
  // A sequence's chunks are attended one by one, in any order and by any thread, and their states merged in ascending
  // order, which gives the same bits for one query or many and for any number of threads.
  void (*attention)(const AttentionArgs& args) noexcept;
  void (*merge_attention)(int n_queries, int value_dim, float* from, float* into) noexcept;
  // `sinks`: nullptr, or a logit of each query that joins the softmax's denominator. `out`: n_queries rows.
  void (*finish_attention)(int n_queries, int value_dim, const float* sinks, float* state, float* const* out) noexcept;
};

// Bytes of a packed matrix of `rows` × `cols` (rows padded to a whole group); 0 where the type cannot be packed.
size_t packed_bytes(const KernelTable& kernels, DType dtype, int64_t rows, int64_t cols);
// Bytes that pack_activations writes for n_tokens × cols.
size_t activation_bytes(const KernelTable& kernels, ActivationKind kind, int64_t n_tokens, int64_t cols);
ActivationKind activation_kind(DType dtype);
// Whether matrix products with weights of this type exist.
bool has_matmul(DType dtype);
size_t attention_scratch_floats(int n_queries, int head_dim, int value_dim);
size_t attention_state_floats(int n_queries, int value_dim);

// The sets built into this binary that this CPU can run, the slowest ("scalar") first.
std::span<const KernelTable* const> available_kernels();
// The available set of this name; Error(invalid) listing the choices where there is none.
const KernelTable& find_kernels(std::string_view name);
// The fastest available set, or the one that LOAM_ISA names.
const KernelTable& select_kernels();

}  // namespace loam
