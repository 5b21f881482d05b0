// Hierarchical reasoning (HRM) for text: a low and a high stack of layers, the low one run several times for each run
// of the high one, each run with keys and values of its own. Norms have no weights. arXiv 2506.21734.
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

class HrmText final : public Model {
 public:
  explicit HrmText(const Weights& w)
      : Model(w),
        stack_(count("layers_per_stack")),
        period_(count("l_cycles") + 1),
        n_runs_(period_ * count("h_cycles")),
        start_(w.table("hrm.z_l_init", {1, config_.dim})),
        norm_(NormKind::rms, config_.norm_epsilon) {
    if (int64_t{stack_} * n_runs_ != config_.n_layers)
      throw Error(Error::Code::model_invalid, config_.arch + ".block_count: is not what the cycles need", "hparam@0");
    bind_ends();
    const AttentionSpec attention{.rope = bind_rope(w, config_.rope, RopePairs::halves), .gate = AttentionGate::own};
    for (int i = 0; i < config_.n_layers; ++i) layers_.push_back(bind_layer(w, i, attention));
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    const float scale = config_.scales.embedding != 0 ? config_.scales.embedding : 1;
    Tensor high = f.embed(ends_.embed, batch.tokens, scale);                     // (n_tokens, dim)
    Tensor low = f.embed(start_, std::vector<int32_t>(batch.tokens.size(), 0));  // (n_tokens, dim)
    for (int run = 0; run < n_runs_; ++run) {
      Tensor& state = is_high(run) ? high : low;
      f.add(state, is_high(run) ? low : high);
      for (int i = run * stack_; i < (run + 1) * stack_; ++i) run_layer(context, i, state, batch, cache);
      f.head_norm(state, {}, config_.dim, config_.norm_epsilon);  // of whole rows, in place
    }
    if (batch.logit_rows.empty()) return {};
    return f.rows(high, batch.logit_rows);
  }

 private:
  struct Layer {
    std::unique_ptr<Attention> attention;
    std::unique_ptr<DenseFfn> ffn;
  };

  int count(const std::string& name) const {
    constexpr int kMost = 512;
    return static_cast<int>(weights().metadata().integer(config_.arch + ".hrm." + name, 1, kMost).value_or(1));
  }

  bool is_high(int run) const { return run % period_ == period_ - 1; }

  // Layer i of all runs; in the file the low stack's blocks stand first, then the high one's.
  Layer bind_layer(const Weights& w, int i, const AttentionSpec& attention) const {
    const Weights block = w.scope("blk", i % stack_ + (is_high(i / stack_) ? stack_ : 0));
    return {std::make_unique<Attention>(block, config_, i, attention),
            std::make_unique<DenseFfn>(block, config_.dim, config_.ffn_dim, FfnSpec{}, config_.norm_epsilon)};
  }

  void run_layer(Context& context, int i, Tensor& x, const Batch& batch, KvCache& cache) const {
    Ops f(context);
    const Layer& layer = layers_[static_cast<size_t>(i)];
    const Arena::Scope layer_memory(context.arena);
    f.add(x, layer.attention->run(f, norm_(f, x), batch, cache));
    f.add(x, layer.ffn->run(f, norm_(f, x), batch));
  }

  const int stack_, period_, n_runs_;  // layers of a stack, runs up to one of the high stack, all runs
  const Tensor start_;                 // (1, dim): the low state before the first run
  const Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_hrm_text(const Weights& weights) { return std::make_unique<HrmText>(weights); }

}  // namespace loam
