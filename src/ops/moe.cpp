// Mixture of experts: each token's router picks a few experts, whose outputs are weighted and summed.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "ops/ops.h"
#include "ops/products.h"
#include "ops/routing.h"

namespace loam {
namespace {

// Up to so many tokens hardly share experts: each choice is computed by all threads, a share of the rows each. More
// tokens go through an expert together, and the threads take one expert after another.
constexpr int64_t kFewTokens = 4;

// One expert's matrices.
struct Expert {
  Linear gate, up, down;
};

// Empty where there are no such matrices.
Linear expert_matrix(const KernelTable& kernels, const Tensor& experts, const Tensor& biases, int expert) {
  if (!experts) return {};
  const int64_t rows = experts.shape[1], cols = experts.shape[2];
  const size_t bytes = packed_bytes(kernels, experts.dtype, rows, cols);
  return {.weight = {.dtype = experts.dtype,
                     .layout = experts.layout,
                     .shape = {rows, cols},
                     .data = static_cast<std::byte*>(experts.data) + expert * bytes},
          .bias = biases ? Tensor{.shape = {rows}, .data = biases.f32() + expert * rows} : Tensor{}};
}

Expert expert_of(const KernelTable& kernels, const MoeWeights& weights, int expert) {
  return {expert_matrix(kernels, weights.gate, weights.gate_bias, expert),
          expert_matrix(kernels, weights.up, weights.up_bias, expert),
          expert_matrix(kernels, weights.down, weights.down_bias, expert)};
}

// Memory for one matrix product's packed input of up to so many tokens.
class InputBuffer {
 public:
  InputBuffer(Context& context, const Tensor& experts, int64_t max_tokens)
      : kind_(activation_kind(experts.dtype)),
        cols_(experts.shape[2]),
        data_(context.arena.allocate(activation_bytes(context.kernels, kind_, max_tokens, cols_))) {}

  void pack(const KernelTable& kernels, const float* x, int64_t n_tokens) const {
    kernels.pack_activations(kind_, x, cols_, 0, n_tokens, n_tokens, cols_, data_);
  }
  const void* data() const { return data_; }

 private:
  ActivationKind kind_;
  int64_t cols_;
  void* data_;
};

// What the phases of a layer share.
struct Layer {
  Context& context;
  const Tensor &x, &routed;  // what experts and router read
  const MoeWeights& weights;
  const MoeOptions& options;
  Routing& routing;
  Tensor& out;  // (n_tokens, dim), zero

  const KernelTable& kernels() const { return context.kernels; }
  int64_t n_tokens() const { return x.shape.rows(); }
  int64_t n_experts() const { return weights.router.shape.rows(); }
  int64_t dim() const { return x.shape.cols(); }
  int64_t ffn() const { return weights.up.shape[1]; }
  const float* selection_bias() const { return weights.selection_bias.f32(); }

  Linear router() const {
    const auto& biases = context.routers.bias;
    const auto layer = static_cast<size_t>(options.layer);
    if (layer >= biases.size() || biases[layer].empty()) return {weights.router, weights.router_bias};
    LOAM_CHECK(static_cast<int64_t>(biases[layer].size()) == n_experts());
    float* bias = const_cast<float*>(biases[layer].data());
    if (weights.router_bias) {
      bias = static_cast<float*>(std::memcpy(floats(n_experts()), bias, biases[layer].size() * sizeof(float)));
      kernels().add(bias, weights.router_bias.f32(), n_experts());
    }
    return {weights.router, {.shape = {n_experts()}, .data = bias}};
  }
  float* floats(int64_t n) const {
    return static_cast<float*>(context.arena.allocate(static_cast<size_t>(n) * sizeof(float)));
  }
};

// The input of gate and up, packed once where both multiply with the same kind.
class GateUpInput {
 public:
  GateUpInput(const Layer& l, int64_t max_tokens)
      : one_(!l.weights.gate || activation_kind(l.weights.up.dtype) == activation_kind(l.weights.gate.dtype)),
        gate_(l.context, one_ ? l.weights.up : l.weights.gate, max_tokens),
        up_(one_ ? gate_ : InputBuffer(l.context, l.weights.up, max_tokens)) {}

  void pack(const KernelTable& kernels, const float* x, int64_t n_tokens) const {
    gate_.pack(kernels, x, n_tokens);
    if (!one_) up_.pack(kernels, x, n_tokens);
  }
  // gated[token][i] = f(gate(x)) · up(x), or f(up(x)), for the columns i; `raised` is scratch of the same shape.
  void multiply_by(const Layer& l, const Expert& expert, int64_t n_tokens, ThreadPool::Range columns, float* gated,
                   float* raised) const {
    const bool gates = static_cast<bool>(l.weights.gate);
    if (gates) multiply(l.context, expert.gate, gate_.data(), n_tokens, columns, gated, l.ffn());
    multiply(l.context, expert.up, up_.data(), n_tokens, columns, gates ? raised : gated, l.ffn());
    apply_activation(l.kernels(), l.options.activation, gated, gates ? raised : nullptr, l.ffn(), n_tokens, columns);
  }

 private:
  bool one_;
  InputBuffer gate_, up_;
};

void tell_gate_and_up(const Layer& l, const Expert& expert, const float* x, int64_t n_rows) {
  tell_product(l.context, expert.gate.weight, x, l.dim(), n_rows);
  tell_product(l.context, expert.up.weight, x, l.dim(), n_rows);
}

// One region, cut by two barriers: the router; gate and up of every choice; down. A thread does small work, choosing
// and packing, for itself rather than wait for another's.
class FewTokens {
 public:
  explicit FewTokens(const Layer& layer)
      : l_(layer),
        router_(layer.router()),
        router_input_(layer.context, layer.n_tokens(), layer.routed.shape.cols(),
                      std::array<const Linear*, 1>{&router_}),
        logits_(layer.floats(layer.n_tokens() * layer.n_experts())),
        gated_(layer.floats(layer.routing.n_choices() * layer.ffn())),
        raised_(layer.floats(layer.routing.n_choices() * layer.ffn())),
        lowered_(layer.floats(layer.dim())) {
    for (int thread = 0; thread < layer.context.pool.size(); ++thread) own_.emplace_back(layer);
  }

  void run() {
    l_.context.pool.run([this](int thread) { run(own_[thread], thread); });
    l_.context.check_cancelled();
    l_.routing = own_[0].routing;
  }

 private:
  struct Own {  // of a thread
    explicit Own(const Layer& l)
        : routing(l.routing),
          probabilities(l.floats(l.n_experts())),
          weighted(l.floats(l.options.weigh_input ? l.dim() : 0)),
          hidden(l.context, l.weights.down, 1) {
      for (int64_t token = 0; token < l.n_tokens(); ++token) inputs.emplace_back(l, 1);
    }
    Routing routing;
    float *probabilities, *weighted;
    std::vector<GateUpInput> inputs;  // of each token
    InputBuffer hidden;
  };

  void run(Own& own, int thread) {
    ThreadPool& pool = l_.context.pool;
    router_input_.pack(l_.routed.f32(), l_.routed.shape.cols(), l_.n_tokens(), thread);
    multiply(l_.context, router_, router_input_.data(router_, thread), l_.n_tokens(),
             share_of_rows(l_.context, l_.n_experts(), thread), logits_, l_.n_experts());
    for (int64_t token = 0; token < l_.n_tokens() && !l_.options.weigh_input; ++token)
      own.inputs[token].pack(l_.kernels(), l_.x.row(token), 1);
    pool.barrier();
    const std::vector<ExpertGroup> groups = choose(own);
    for (const ExpertGroup& group : groups) gate_and_raise(group, own, thread);
    pool.barrier();
    for (const ExpertGroup& group : groups) lower(group, own, thread);
  }

  std::vector<ExpertGroup> choose(Own& own) const {
    for (int64_t token = 0; token < l_.n_tokens(); ++token) {
      std::memcpy(own.probabilities, logits_ + token * l_.n_experts(), l_.n_experts() * sizeof(float));
      own.routing.choose(token, own.probabilities, l_.kernels(), l_.options, l_.selection_bias());
    }
    return own.routing.group(1);
  }

  void gate_and_raise(const ExpertGroup& group, const Own& own, int thread) const {
    if (l_.options.weigh_input) weigh_input(group, own);
    const int64_t token = own.routing.token_in(group.first);
    const Expert expert = expert_of(l_.kernels(), l_.weights, group.expert);
    if (thread == 0) tell_gate_and_up(l_, expert, l_.options.weigh_input ? own.weighted : l_.x.row(token), 1);
    own.inputs[token].multiply_by(l_, expert, 1, share_of_rows(l_.context, l_.ffn(), thread),
                                  gated_ + group.first * l_.ffn(), raised_ + group.first * l_.ffn());
  }

  // Packs the token's input times the expert's weight.
  void weigh_input(const ExpertGroup& group, const Own& own) const {
    const int64_t token = own.routing.token_in(group.first);
    std::memcpy(own.weighted, l_.x.row(token), static_cast<size_t>(l_.dim()) * sizeof(float));
    l_.kernels().scale(own.weighted, own.routing.weight_of(token, group.expert), l_.dim());
    own.inputs[token].pack(l_.kernels(), own.weighted, 1);
  }

  void lower(const ExpertGroup& group, const Own& own, int thread) const {
    const auto [begin, end] = share_of_rows(l_.context, l_.dim(), thread);
    const Linear down = expert_of(l_.kernels(), l_.weights, group.expert).down;
    const float* hidden = gated_ + group.first * l_.ffn();
    if (thread == 0) tell_product(l_.context, down.weight, hidden, l_.ffn(), 1);
    own.hidden.pack(l_.kernels(), hidden, 1);
    multiply(l_.context, down, own.hidden.data(), 1, {begin, end}, lowered_, l_.dim());
    const int64_t token = own.routing.token_in(group.first);
    const float weight = l_.options.weigh_input ? 1 : own.routing.weight_of(token, group.expert);
    l_.kernels().multiply_add(l_.out.row(token) + begin, lowered_ + begin, weight, end - begin);
  }

  const Layer& l_;
  const Linear router_;
  PackedInput router_input_;
  float *logits_, *gated_, *raised_, *lowered_;
  std::vector<Own> own_;
};

// The threads take groups one after another, each from gathering to down; a wave's outputs are then summed by token.
class ManyTokens {
 public:
  explicit ManyTokens(const Layer& layer) : l_(layer) {
    choose();
    const int64_t most = choices_together(l_.kernels(), l_.routing.n_choices(), l_.context.pool.size());
    groups_ = l_.routing.group(most);
    wave_choices_ = std::min(kWaveChoices, l_.routing.n_choices());
    outputs_ = l_.floats(wave_choices_ * l_.dim());
    for (int thread = 0; thread < layer.context.pool.size(); ++thread) own_.emplace_back(layer, most);
  }

  void run() {
    for (std::span<const ExpertGroup> rest = groups_; !rest.empty();) {
      const std::span<const ExpertGroup> wave = rest.first(fitting(rest));
      WorkQueue queue(l_.context, std::ssize(wave));
      l_.context.pool.run([&](int thread) {
        while (const auto i = queue.take())
          run_group(wave[*i], own_[thread], outputs_ + (wave[*i].first - wave[0].first) * l_.dim());
        l_.context.pool.barrier();
        sum(wave[0].first, wave.back().first + wave.back().n, thread);
      });
      l_.context.check_cancelled();
      rest = rest.subspan(wave.size());
    }
  }

 private:
  struct Own {  // of a thread
    Own(const Layer& l, int64_t most)
        : rows(l.floats(most * l.dim())),
          gated(l.floats(most * l.ffn())),
          raised(l.floats(most * l.ffn())),
          input(l, most),
          hidden(l.context, l.weights.down, most) {}
    float *rows, *gated, *raised;
    GateUpInput input;
    InputBuffer hidden;
  };

  void choose() {
    const Tensor logits = Ops(l_.context).linear(l_.routed, l_.router());
    l_.context.pool.run([&](int thread) {
      const auto [begin, end] = ThreadPool::split(l_.n_tokens(), 1, thread, l_.context.pool.size());
      for (int64_t token = begin; token < end; ++token)
        l_.routing.choose(token, logits.f32() + token * l_.n_experts(), l_.kernels(), l_.options, l_.selection_bias());
    });
  }

  // Leading groups whose outputs fit a wave, one at least.
  size_t fitting(std::span<const ExpertGroup> groups) const {
    size_t n = 1;
    while (n < groups.size() && groups[n].first + groups[n].n - groups[0].first <= wave_choices_) ++n;
    return n;
  }

  void run_group(const ExpertGroup& group, const Own& own, float* out) const {
    const Expert expert = expert_of(l_.kernels(), l_.weights, group.expert);
    for (int64_t i = 0; i < group.n; ++i) {
      const int64_t token = l_.routing.token_in(group.first + i);
      std::memcpy(own.rows + i * l_.dim(), l_.x.row(token), l_.dim() * sizeof(float));
      if (l_.options.weigh_input)
        l_.kernels().scale(own.rows + i * l_.dim(), l_.routing.weight_of(token, group.expert), l_.dim());
    }
    tell_gate_and_up(l_, expert, own.rows, group.n);
    own.input.pack(l_.kernels(), own.rows, group.n);
    own.input.multiply_by(l_, expert, group.n, {0, l_.ffn()}, own.gated, own.raised);
    tell_product(l_.context, expert.down.weight, own.gated, l_.ffn(), group.n);
    own.hidden.pack(l_.kernels(), own.gated, group.n);
    multiply(l_.context, expert.down, own.hidden.data(), group.n, {0, l_.dim()}, out, l_.dim());
  }

  // Adds the outputs of slots [begin, end): each token's by ascending expert, however the threads shared them.
  void sum(int64_t begin, int64_t end, int thread) const {
    const auto [first, last] = ThreadPool::split(l_.n_tokens(), 1, thread, l_.context.pool.size());
    for (int64_t token = first; token < last; ++token)
      for (size_t i = 0; i < l_.routing.of(token).size(); ++i)
        if (const int64_t slot = l_.routing.slots_of(token)[i]; slot >= begin && slot < end)
          l_.kernels().multiply_add(l_.out.row(token), outputs_ + (slot - begin) * l_.dim(),
                                    l_.options.weigh_input ? 1 : l_.routing.of(token)[i].weight, l_.dim());
  }

  const Layer& l_;
  std::vector<ExpertGroup> groups_;
  int64_t wave_choices_ = 0;
  float* outputs_ = nullptr;  // [slot of the wave][dim]
  std::vector<Own> own_;
};

}  // namespace

Tensor Ops::moe(const Tensor& x, const MoeWeights& weights, const MoeOptions& options, std::span<const BatchSpan> spans,
                const Tensor& routed) {
  const int64_t n_tokens = x.shape.rows(), n_experts = weights.router.shape.rows(), dim = x.shape.cols();
  LOAM_CHECK((!weights.gate || weights.gate.shape == weights.up.shape) && weights.up.shape[0] == n_experts);
  LOAM_CHECK(weights.up.shape[2] == dim && weights.down.shape == (Shape{n_experts, dim, weights.up.shape[1]}));
  LOAM_CHECK((routed ? routed : x).shape == (Shape{n_tokens, weights.router.shape.cols()}));
  Tensor out = make(n_tokens, dim);
  std::memset(out.data, 0, static_cast<size_t>(out.shape.elements()) * sizeof(float));
  if (n_tokens == 0) return out;

  const Arena::Scope temporaries(context_.arena);
  Routing routing(n_tokens, static_cast<int>(n_experts), options.n_used, spans);
  const Layer layer{context_, x, routed ? routed : x, weights, options, routing, out};
  if (n_tokens <= kFewTokens)
    FewTokens(layer).run();
  else
    ManyTokens(layer).run();
  if (const auto& on_route = context_.routers.on_route)
    for (int64_t token = 0; token < n_tokens; ++token) on_route(options.layer, token, routing.of(token));
  return out;
}

}  // namespace loam
