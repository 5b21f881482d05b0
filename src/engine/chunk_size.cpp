#include "engine/chunk_size.h"

#include <algorithm>

namespace loam {

int64_t ChunkSize::rows(bool beside_others) {
  const double seconds = beside_others ? kSecondsBesideOthers : kSecondsAlone;
  const double fit = std::min(tokens_per_second_ * seconds, static_cast<double>(most_));
  return asked_ = std::min(most_, std::max(kLeast, static_cast<int64_t>(fit)));
}

// A short rest of a prompt tells little of the speed: its step takes about as long as one without it.
void ChunkSize::measured(int64_t n, double seconds) {
  if (2 * n < asked_ || n == 0 || seconds <= 0) return;
  const double speed = static_cast<double>(n) / seconds;
  tokens_per_second_ = std::clamp(speed, tokens_per_second_ / 2, tokens_per_second_ * 2);
}

}  // namespace loam
