// The scalar set's results by their bits, the same on processors of every kind: inputs come from integers, and no
// function of the C library has a part. The other sets are compared with the scalar one beside each kernel's tests.
//
// Who changes an order of sums or a polynomial on purpose puts the new number here.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <iterator>
#include <vector>

#include "kernels/kernel_table.h"
#include "tensor/tensor.h"
#include "tests/kernels/random_blocks.h"

namespace loam {
namespace {

using test::random_floats;
using Floats = std::vector<float>;

const KernelTable& kernels() { return *available_kernels().front(); }

// FNV-1a (Fowler, Noll, Vo) over the numbers' bytes, the lowest first.
class Fingerprint {
 public:
  void add(const Floats& numbers) {
    for (const float number : numbers) {
      const auto bits = std::bit_cast<uint32_t>(number);
      for (int shift = 0; shift < 32; shift += 8) value_ = (value_ ^ (bits >> shift & 255)) * 0x100000001b3u;
    }
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

Floats product(DType type) {
  constexpr int64_t kRows = 19, kCols = 768, kTokens = 11;
  const test::Bytes matrix = test::random_matrix(type, kRows, kCols, 1);
  const Floats x = random_floats(kTokens * kCols, 2);
  const ActivationKind kind = activation_kind(type);
  Buffer packed(packed_bytes(kernels(), type, kRows, kCols));
  Buffer activations(activation_bytes(kernels(), kind, kTokens, kCols));
  Floats out(kTokens * kRows);
  kernels().pack(type, matrix.data(), 0, kRows, kCols, packed.data());
  kernels().pack_activations(kind, x.data(), kCols, 0, kTokens, kTokens, kCols, activations.data());
  kernels().matmul({type, packed.data(), kCols, 0, kRows, activations.data(), kTokens, out.data(), kRows});
  return out;
}

TEST(EveryMachine, MultipliesAlike) {
  Fingerprint bits;
  for (const DType type : test::kMatmulTypes) bits.add(product(type));
  EXPECT_EQ(bits.value(), 0xffeb49fc3a3bf1afu);
}

TEST(EveryMachine, TransformsVectorsAlike) {
  constexpr int64_t kSize = 1027;
  const Floats x = random_floats(kSize, 3), y = random_floats(kSize, 4);
  Floats normed(kSize), silu(kSize), gelu(kSize), weights = x, capped = x, turned = x;
  kernels().rms_norm(x.data(), y.data(), kSize, 1e-5f, normed.data());
  kernels().activate({Activation::silu}, x.data(), y.data(), kSize, silu.data());
  kernels().activate({Activation::gelu}, x.data(), y.data(), kSize, gelu.data());
  kernels().softmax(weights.data(), kSize);
  kernels().softcap(capped.data(), 0.7f, kSize);
  for (const bool adjacent : {true, false}) kernels().rope(turned.data(), &x[500], &y[500], 1024, adjacent);
  Fingerprint bits;
  for (const Floats& out : {normed, silu, gelu, weights, capped, turned}) bits.add(out);
  EXPECT_EQ(bits.value(), 0x3e655bf2a164b134u);
}

// Two chunks of keys, of which one query sees the first only.
TEST(EveryMachine, AttendsAlike) {
  constexpr int kDim = 64, kPages = 17, kQueries = 5;
  const Floats keys = random_floats(kPages * kPageTokens * kDim, 5), values = random_floats(std::ssize(keys), 6);
  const Floats queries = random_floats(kQueries * kDim, 7), sinks = random_floats(kQueries, 8);
  const int32_t positions[kQueries] = {500, 510, 520, 521, 522};
  int32_t pages[kPages];
  for (int i = 0; i < kPages; ++i) pages[i] = kPages - 1 - i;
  const float* q[kQueries];
  float* rows[kQueries];
  Floats out(kQueries * kDim), scratch(attention_scratch_floats(kQueries, kDim, kDim));
  Floats state(attention_state_floats(kQueries, kDim)), second(state);
  for (int i = 0; i < kQueries; ++i) q[i] = &queries[i * kDim], rows[i] = &out[i * kDim];
  constexpr int64_t kRowBytes = kDim * sizeof(float);
  AttentionArgs args{.q = q,
                     .positions = positions,
                     .n_queries = kQueries,
                     .chunk_begin = 0,
                     .pages = pages,
                     .k_pages = keys.data(),
                     .v_pages = values.data(),
                     .page_stride = kPageTokens * kRowBytes,
                     .k_row_bytes = kRowBytes,
                     .v_row_bytes = kRowBytes,
                     .k_type = DType::f32,
                     .v_type = DType::f32,
                     .head_dim = kDim,
                     .value_dim = kDim,
                     .window = 50,
                     .chunked = false,
                     .scale = 0.125f,
                     .softcap = 20,
                     .slopes = nullptr,
                     .scratch = scratch.data(),
                     .state = state.data()};
  kernels().attention(args);
  args.chunk_begin = kAttentionChunk;
  args.state = second.data();
  kernels().attention(args);
  kernels().merge_attention(kQueries, kDim, second.data(), state.data());
  kernels().finish_attention(kQueries, kDim, sinks.data(), state.data(), rows);
  Fingerprint bits;
  bits.add(out);
  EXPECT_EQ(bits.value(), 0x4656184ff7ecf62u);
}

}  // namespace
}  // namespace loam
