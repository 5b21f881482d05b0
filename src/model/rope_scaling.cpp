// Rotary frequencies: plain, Llama-3 and LongRoPE factors, linear scaling, YaRN, and M-RoPE for text.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "model/model_config.h"

namespace loam {
namespace {

// The pair that makes `turns` full turns within the original context (YaRN, "NTK-by-parts"; a real number):
//   n/2 · ln(context / (2π · turns)) / ln(base)
double pair_with_turns(const RopeConfig& c, double turns) {
  const double context = static_cast<double>(c.original_context);
  return c.n_rotated * std::log(context / (turns * 2 * std::numbers::pi)) / (2 * std::log(c.base));
}

// 1 for pairs that turn often within the original context, falling linearly to 0 for those that hardly turn.
double kept_share(const RopeConfig& c, int pair) {
  const double low = std::max(0.0, std::floor(pair_with_turns(c, c.beta_fast)));
  const double high = std::min<double>(c.n_rotated - 1, std::ceil(pair_with_turns(c, c.beta_slow)));
  return 1 - std::clamp((pair - low) / std::max(0.001, high - low), 0.0, 1.0);
}

double mscale(double factor, double multiplier) { return factor <= 1 ? 1 : 1 + 0.1 * multiplier * std::log(factor); }

// YaRN's temperature, as a factor of cos and sin: 1 + 0.1·ln(factor), relative to mscale_all_dim where that is given.
double rope_magnitude(const RopeConfig& c) {
  if (c.scaling != RopeScaling::yarn || c.ext_factor == 0) return c.magnitude * c.attention_factor;
  const double all_dims = c.log_multiplier == 0 ? 1 : mscale(c.factor, c.log_multiplier);
  return mscale(c.factor, 1) / all_dims * c.attention_factor;
}

// M-RoPE shares the pairs out to positions in time, height and width, which for text are all the token's; a fourth
// position is 0. Qwen2-VL, arXiv 2409.12191.
bool stands_still(const RopeConfig& c, int pair) {
  const auto& [time, height, width, other] = c.sections;
  return other > 0 && pair % (time + height + width + other) >= time + height + width;
}

}  // namespace

Rope make_rope(const RopeConfig& config, bool adjacent, std::span<const float> factors) {
  const int n_pairs = config.n_rotated / 2;
  LOAM_CHECK(factors.empty() || static_cast<int>(factors.size()) == n_pairs);
  Rope rope{.n_rotated = config.n_rotated, .adjacent = adjacent, .inverse_frequencies = {}, .attention_factor = 1};
  for (int i = 0; i < n_pairs; ++i) {
    double full = std::pow(config.base, -2.0 * i / config.n_rotated);
    if (!factors.empty()) full /= factors[i];
    double speed = full;
    if (config.scaling == RopeScaling::linear || config.scaling == RopeScaling::yarn) speed /= config.factor;
    if (config.scaling == RopeScaling::yarn) speed += (full - speed) * kept_share(config, i) * config.ext_factor;
    rope.inverse_frequencies.push_back(stands_still(config, i) ? 0 : static_cast<float>(speed));
  }
  rope.attention_factor = static_cast<float>(rope_magnitude(config));
  return rope;
}

}  // namespace loam
