// ChunkSize: how many prompt tokens a step reads, so that it takes the time that others can wait.
#pragma once

#include <cstdint>

namespace loam {

// A step must end before another sequence gets its next token, and before a new one can begin. So a chunk is sized by
// time, from the speed of the chunks before it; its size changes nothing in the text.
class ChunkSize {
 public:
  static constexpr double kSecondsAlone = 0.4, kSecondsBesideOthers = 0.25;  // of a step

  // `most`: tokens of a step, ≥ 1
  explicit ChunkSize(int64_t most) : most_(most) {}

  // For the next step. `beside_others`: other sequences generate or wait.
  int64_t rows(bool beside_others);
  // The step that `rows` was asked for read n prompt tokens, and took so long.
  void measured(int64_t n, double seconds);

 private:
  static constexpr int64_t kLeast = 16;  // fewer would cost more time than they save

  const int64_t most_;
  double tokens_per_second_ = 64;  // until one is known; it at most doubles or halves at a time
  int64_t asked_ = 0;
};

}  // namespace loam
