// What `loam bench` measures on a loaded engine: reading a prompt, generating, and generating for several at once.
#pragma once

#include <vector>

#include "engine/engine.h"

namespace loam {

struct BenchWork {
  int n_prompt = 512, n_generate = 64;  // tokens; 0: not measured
  int repetitions = 3;
  int depth = 0;             // tokens in the context before each test
  std::vector<int> batches;  // numbers of sequences that generate at once

  int most_sequences() const;
  int64_t context() const;  // tokens that one sequence needs
};

// Tokens per second over the repetitions.
struct Speed {
  std::vector<double> runs;

  double mean() const;
  double best() const;
  double deviation() const;
};

struct BatchSpeed {
  int n_sequences;
  Speed speed;  // of all sequences together
};

struct BenchResult {
  double load_ms = 0;
  Speed prompt, generate;
  std::vector<BatchSpeed> batches;
};

// With a progress bar; Error(cancelled) after Ctrl+C under an InterruptGuard. The engine has room for
// `work.most_sequences()` of `work.context()` tokens.
void measure(Engine& engine, const BenchWork& work, BenchResult& result);

}  // namespace loam
