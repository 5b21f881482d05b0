#include "app/bench_measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "app/interrupt.h"
#include "app/progress_bar.h"

namespace loam {
namespace {

constexpr int kBatchPrompt = 16;  // tokens that each of several sequences begins with

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Ids spread over the vocabulary; which ones does not change the work.
std::vector<Token> prompt_tokens(int n, int64_t n_vocab) {
  const int64_t range = std::min<int64_t>(n_vocab, 32000);
  std::vector<Token> tokens(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) tokens[static_cast<size_t>(i)] = static_cast<Token>((i * 7919 + 13) % range);
  return tokens;
}

class Bench {
 public:
  Bench(Engine& engine, const BenchWork& work)
      : engine_(engine), work_(work), sequence_(engine.open()), bar_("measuring", ProgressBar::Unit::tokens) {}

  void measure(BenchResult& result) {
    feed(prompt_tokens(4, n_vocab()));
    sequence_->truncate(0);
    for (int r = 0; r < work_.repetitions; ++r) {
      go_to_depth();
      repetition(result);
    }
    sequence_->truncate(0);
    for (const int n : work_.batches) {
      result.batches.push_back({n, {}});
      for (int r = 0; r < work_.repetitions; ++r) result.batches.back().speed.runs.push_back(batch(n));
    }
  }

 private:
  int64_t n_vocab() const { return engine_.model().config().n_vocab; }

  // Brings the sequence to the depth. What an earlier repetition has read stays, unless sliding windows have forgotten
  // it.
  void go_to_depth() {
    sequence_->truncate(work_.depth);
    if (sequence_->n_processed() == work_.depth) return;
    sequence_->truncate(0);
    feed(prompt_tokens(work_.depth, n_vocab()));
    n_read_ += work_.depth;
  }

  void repetition(BenchResult& result) {
    if (const int n = work_.n_prompt; n > 0) {
      const auto prompt = prompt_tokens(n, n_vocab());
      result.prompt.runs.push_back(n / seconds_of([&] { feed(prompt); }));
    }
    if (const int n = work_.n_generate; n > 0) {
      const auto steps = prompt_tokens(n, n_vocab());
      result.generate.runs.push_back(n / seconds_of([&] {
                                       for (const Token token : steps) feed({token});
                                     }));
    }
  }

  // → tokens per second of n sequences together, greedy and without an end, after all have read their prompts.
  double batch(int n) {
    SamplingOptions greedy;
    greedy.temperature = 0;
    for (const Token end : engine_.tokenizer().end_tokens())
      greedy.logit_bias[end] = -std::numeric_limits<float>::infinity();
    std::vector<std::unique_ptr<Sequence>> sequences;
    for (int i = 0; i < n; ++i) {
      sequences.push_back(engine_.open());
      auto prompt = prompt_tokens(kBatchPrompt + work_.depth, n_vocab());
      prompt[0] = static_cast<Token>(i + 1);
      engine_.start(*sequences.back(), prompt, greedy);
    }
    while (step(0) < n) {
    }
    const double seconds = seconds_of([&] {
      for (int i = 0; i < work_.n_generate; ++i) step(n);
    });
    for (const auto& sequence : sequences) engine_.cancel(*sequence);
    return n * work_.n_generate / seconds;
  }

  // → sequences that have got a token.
  int step(int n_counted) {
    throw_if_interrupted();
    const auto results = engine_.step();
    advance(static_cast<size_t>(n_counted));
    return static_cast<int>(std::ranges::count_if(results, [](const StepResult& r) { return r.token >= 0; }));
  }

  // Only the last token's logits are computed, as when a prompt is read.
  void feed(const std::vector<Token>& tokens) {
    throw_if_interrupted();
    const auto n = static_cast<int>(tokens.size());
    engine_.evaluate(*sequence_, tokens, n, n - 1, [](int64_t, std::span<const float>) {});
    advance(tokens.size());
  }

  void advance(size_t n_tokens) {
    done_ += n_tokens;
    bar_.update(done_, total());
  }

  uint64_t total() const {
    const int n_batched = std::accumulate(work_.batches.begin(), work_.batches.end(), 0);
    const int64_t tokens = work_.n_prompt + int64_t{1 + n_batched} * work_.n_generate;
    return static_cast<uint64_t>(4 + std::max<int64_t>(n_read_, work_.depth) + work_.repetitions * tokens);
  }

  Engine& engine_;
  const BenchWork& work_;
  std::unique_ptr<Sequence> sequence_;
  ProgressBar bar_;
  uint64_t done_ = 0;
  int64_t n_read_ = 0;  // tokens read to come to the depth
};

}  // namespace

int BenchWork::most_sequences() const { return batches.empty() ? 1 : std::max(1, std::ranges::max(batches)); }

int64_t BenchWork::context() const {
  return int64_t{depth} + std::max(n_prompt, batches.empty() ? 0 : kBatchPrompt) + n_generate + 8;
}

double Speed::mean() const {
  return runs.empty() ? 0 : std::accumulate(runs.begin(), runs.end(), 0.0) / static_cast<double>(runs.size());
}

double Speed::best() const { return runs.empty() ? 0 : std::ranges::max(runs); }

double Speed::deviation() const {
  if (runs.size() < 2) return 0;
  double squares = 0;
  for (const double run : runs) squares += (run - mean()) * (run - mean());
  return std::sqrt(squares / static_cast<double>(runs.size() - 1));
}

void measure(Engine& engine, const BenchWork& work, BenchResult& result) { Bench(engine, work).measure(result); }

}  // namespace loam
