// Runs a model without the engine: one sequence, all logits, cut into batches as asked.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "model/model.h"

namespace loam::test {

class Runner {
 public:
  Runner(const std::string& path, const KernelTable& kernels, int n_threads, const std::string& packed_folder = {})
      : Runner(GgufFile::open(path), kernels, n_threads, packed_folder) {}

  Runner(std::unique_ptr<GgufFile> file, const KernelTable& kernels, int n_threads,
         const std::string& packed_folder = {})
      : file_(std::move(file)), pool_(n_threads), context_{.pool = pool_, .kernels = kernels, .arena = {}} {
    model_ = Model::create(Weights(*file_, kernels));
    model_->weights().load(pool_, {}, packed_folder);
  }

  const Model& model() const { return *model_; }

  // Logits after each token: [n_tokens][n_vocab].
  std::vector<float> logits(const std::vector<int32_t>& tokens, int chunk, const KvOptions& kv = {}) {
    return run(&Model::forward, tokens, chunk, kv);
  }
  // What the head reads of them: [n_tokens][dim].
  std::vector<float> states(const std::vector<int32_t>& tokens, int chunk) {
    return run(&Model::hidden, tokens, chunk, {});
  }

 private:
  std::vector<float> run(Tensor (Model::*forward)(Context&, const Batch&, KvCache&) const,
                         const std::vector<int32_t>& tokens, int chunk, const KvOptions& kv) {
    const int n = static_cast<int>(tokens.size());
    KvCache cache(model_->config(), kv, {.context = n, .parallel = 1, .chunk = chunk});
    const Pages pages(cache, n, kv);
    std::vector<float> all;
    for (int first = 0; first < n; first += chunk) {
      const Batch batch = rows(tokens, first, std::min(chunk, n - first), pages);
      context_.arena.reset();
      const Tensor out = (model_.get()->*forward)(context_, batch, cache);
      all.insert(all.end(), out.f32(), out.f32() + out.shape.elements());
    }
    return all;
  }

  // One sequence's block tables. No code may count on pages standing in order. Of the pages for windows it uses as few
  // as hold them, again and again.
  struct Pages {
    std::vector<int32_t> all, window;
    int state = 0;

    Pages(KvCache& cache, int64_t n_tokens, const KvOptions& kv)
        : all(static_cast<size_t>(KvCache::pages_for(n_tokens))) {
      KvPool& pool = cache.pool(kv);
      for (int32_t& page : all) page = cache.take(pool.pages);
      std::reverse(all.begin(), all.end());
      if (PagePool& slots = cache.states().slots(); slots.page_bytes() > 0) state = cache.take(slots);
      const auto most = static_cast<size_t>(cache.most_window_pages());
      for (size_t i = 0; most > 0 && i < all.size(); ++i)
        window.push_back(i < most ? cache.take(pool.window_pages) : window[i - most]);
    }
  };

  static Batch rows(const std::vector<int32_t>& tokens, int first, int n, const Pages& pages) {
    Batch batch;
    batch.tokens.assign(tokens.begin() + first, tokens.begin() + first + n);
    batch.positions.resize(static_cast<size_t>(n));
    std::iota(batch.positions.begin(), batch.positions.end(), first);
    batch.logit_rows.resize(static_cast<size_t>(n));
    std::iota(batch.logit_rows.begin(), batch.logit_rows.end(), 0);
    batch.spans.push_back({.first_row = 0,
                           .n_rows = n,
                           .pages = pages.all.data(),
                           .window_pages = pages.window.data(),
                           .state = pages.state});
    return batch;
  }

  std::unique_ptr<GgufFile> file_;
  ThreadPool pool_;
  Context context_;
  std::unique_ptr<Model> model_;
};

}  // namespace loam::test
