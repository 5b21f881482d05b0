// Mixture of experts: each token's router picks a few experts, whose outputs are weighted and summed.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "ops/ops.h"
#include "ops/products.h"

namespace loam {
namespace {

// One token's use of one expert.
struct Choice {
  int64_t token;
  int expert;
  float weight;
};

// A run of a wave's choices that have the same expert, and the rows of the wave's activations that are theirs.
struct Group {
  int expert;
  int64_t first, n;
};

// Appends the n_used most probable experts of a token, ties to the lower index, by ascending expert.
void choose(const float* probabilities, int64_t n_expert, int64_t token, const MoeOptions& options,
            std::vector<Choice>& choices) {
  std::vector<bool> chosen(n_expert);
  float sum = 0;
  for (int k = 0; k < options.n_used; ++k) {
    int best = -1;  // the first free expert where nothing compares greater, so even NaN chooses
    for (int expert = 0; expert < n_expert; ++expert)
      if (!chosen[expert] && (best < 0 || probabilities[expert] > probabilities[best])) best = expert;
    chosen[best] = true;
    sum += probabilities[best];
  }
  const float factor = options.normalise ? options.weight_scale / sum : options.weight_scale;
  for (int expert = 0; expert < n_expert; ++expert)
    if (chosen[expert]) choices.push_back({token, expert, probabilities[expert] * factor});
}

// All tokens' choices by ascending expert, and by ascending token within an expert.
std::vector<Choice> route(Tensor logits, const KernelTable& kernels, const MoeOptions& options) {
  const int64_t n_expert = logits.shape.cols();
  std::vector<Choice> choices;
  for (int64_t token = 0; token < logits.shape.rows(); ++token) {
    kernels.softmax(logits.row(token), n_expert);
    choose(logits.row(token), n_expert, token, options, choices);
  }
  std::ranges::stable_sort(choices, {}, &Choice::expert);
  return choices;
}

std::vector<Group> group_by_expert(std::span<const Choice> wave) {
  std::vector<Group> groups;
  for (size_t i = 0; i < wave.size(); ++i) {
    if (groups.empty() || groups.back().expert != wave[i].expert)
      groups.push_back({wave[i].expert, static_cast<int64_t>(i), 0});
    ++groups.back().n;
  }
  return groups;
}

// One expert's matrix of a (n_expert, rows, cols) tensor.
Linear expert_matrix(const KernelTable& kernels, const Tensor& experts, int expert) {
  const int64_t rows = experts.shape[1], cols = experts.shape[2];
  const size_t bytes = packed_bytes(kernels, experts.dtype, rows, cols);
  return {.weight = {.dtype = experts.dtype,
                     .layout = experts.layout,
                     .shape = {rows, cols},
                     .data = static_cast<std::byte*>(experts.data) + expert * bytes},
          .bias = {}};
}

// Scratch of a wave and the phases over it. Each thread owns the same rows of every expert's matrices, so it may add
// the outputs it computed without waiting for the others.
class Wave {
 public:
  Wave(Context& context, const MoeWeights& weights, int64_t max_choices)
      : context_(context),
        weights_(weights),
        dim_(weights.down.shape[1]),
        ffn_(weights.gate.shape[1]),
        rows_(floats(max_choices * dim_)),
        gated_(floats(max_choices * ffn_)),
        raised_(floats(max_choices * ffn_)),
        gate_input_(packed(weights.gate, max_choices)),
        up_input_(one_input() ? gate_input_ : packed(weights.up, max_choices)),
        hidden_(packed(weights.down, max_choices)) {}

  // out[token] += weight · expert(x[token]) for the choices of the wave.
  void run(std::span<const Choice> choices, std::span<const Group> groups, const Tensor& x, Tensor& out, Gate act,
           int thread) {
    const int n_threads = context_.pool.size();
    for (size_t g = thread; g < groups.size(); g += n_threads) gather(choices, groups[g], x);
    context_.pool.barrier();
    for (const Group& group : groups) gate_and_raise(group, act, thread);
    context_.pool.barrier();
    for (size_t g = thread; g < groups.size(); g += n_threads) pack(hidden_, gated_, groups[g]);
    context_.pool.barrier();
    for (const Group& group : groups) lower(choices, group, out, thread);
  }

 private:
  // Packed activations of every group, each group at its own choices' place.
  struct Packed {
    ActivationKind kind;
    int64_t cols;
    size_t bytes_per_choice;  // what a group of one takes, so that any groups fit
    std::byte* data;
  };

  bool one_input() const { return activation_kind(weights_.up.dtype) == activation_kind(weights_.gate.dtype); }

  float* floats(int64_t n) {
    return static_cast<float*>(context_.arena.allocate(static_cast<size_t>(n) * sizeof(float)));
  }

  Packed packed(const Tensor& experts, int64_t max_choices) {
    const ActivationKind kind = activation_kind(experts.dtype);
    const int64_t cols = experts.shape[2];
    const size_t bytes = (activation_bytes(context_.kernels, kind, 1, cols) + 63) / 64 * 64;
    return {kind, cols, bytes, static_cast<std::byte*>(context_.arena.allocate(bytes * max_choices))};
  }

  static std::byte* at(const Packed& packed, const Group& group) {
    return packed.data + group.first * packed.bytes_per_choice;
  }

  void pack(const Packed& packed, const float* rows, const Group& group) {
    LOAM_CHECK(activation_bytes(context_.kernels, packed.kind, group.n, packed.cols) <=
               packed.bytes_per_choice * group.n);
    context_.kernels.pack_activations(packed.kind, rows + group.first * packed.cols, packed.cols, 0, group.n, group.n,
                                      packed.cols, at(packed, group));
  }

  void gather(std::span<const Choice> choices, const Group& group, const Tensor& x) {
    for (int64_t i = group.first; i < group.first + group.n; ++i)
      std::memcpy(rows_ + i * dim_, x.row(choices[i].token), static_cast<size_t>(dim_) * sizeof(float));
    pack(gate_input_, rows_, group);
    if (!one_input()) pack(up_input_, rows_, group);
  }

  void gate_and_raise(const Group& group, Gate act, int thread) {
    const KernelTable& kernels = context_.kernels;
    const ThreadPool::Range columns = share_of_rows(context_, ffn_, thread);
    float* gated = gated_ + group.first * ffn_;
    float* raised = raised_ + group.first * ffn_;
    multiply(kernels, expert_matrix(kernels, weights_.gate, group.expert), at(gate_input_, group), group.n, columns,
             gated, ffn_);
    multiply(kernels, expert_matrix(kernels, weights_.up, group.expert), at(up_input_, group), group.n, columns, raised,
             ffn_);
    apply_gate(kernels, act, gated, raised, ffn_, group.n, columns);
  }

  // Reuses the gathered rows: nobody reads them any more.
  void lower(std::span<const Choice> choices, const Group& group, Tensor& out, int thread) {
    const KernelTable& kernels = context_.kernels;
    const ThreadPool::Range columns = share_of_rows(context_, dim_, thread);
    multiply(kernels, expert_matrix(kernels, weights_.down, group.expert), at(hidden_, group), group.n, columns,
             rows_ + group.first * dim_, dim_);
    for (int64_t i = group.first; i < group.first + group.n; ++i)
      kernels.multiply_add(out.row(choices[i].token) + columns.begin, rows_ + i * dim_ + columns.begin,
                           choices[i].weight, columns.end - columns.begin);
  }

  Context& context_;
  const MoeWeights& weights_;
  const int64_t dim_, ffn_;
  float *rows_, *gated_, *raised_;
  Packed gate_input_, up_input_, hidden_;
};

}  // namespace

Tensor Ops::moe(const Tensor& x, const MoeWeights& weights, const MoeOptions& options) {
  const int64_t n_expert = weights.router.shape.rows(), dim = x.shape.cols();
  LOAM_CHECK(options.n_used >= 1 && options.n_used <= n_expert);
  LOAM_CHECK(weights.gate.shape == weights.up.shape && weights.gate.shape[0] == n_expert);
  LOAM_CHECK(weights.gate.shape[2] == dim && weights.down.shape == (Shape{n_expert, dim, weights.gate.shape[1]}));
  Tensor out = make(x.shape.rows(), dim);
  std::memset(out.data, 0, static_cast<size_t>(out.shape.elements()) * sizeof(float));

  const Arena::Scope temporaries(context_.arena);
  const std::vector<Choice> choices = route(linear(x, {weights.router, {}}), context_.kernels, options);
  const int64_t wave_choices = std::min<int64_t>(kWaveChoices, static_cast<int64_t>(choices.size()));
  Wave wave(context_, weights, wave_choices);
  for (std::span<const Choice> rest = choices; !rest.empty();) {
    const std::span<const Choice> now = rest.first(std::min<size_t>(rest.size(), wave_choices));
    const std::vector<Group> groups = group_by_expert(now);
    context_.pool.run([&](int thread) { wave.run(now, groups, x, out, options.gate, thread); });
    rest = rest.subspan(now.size());
  }
  return out;
}

}  // namespace loam
