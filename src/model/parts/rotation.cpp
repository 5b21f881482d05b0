#include "model/parts/rotation.h"

#include <string_view>
#include <vector>

namespace loam {
namespace {

// The longest sequence that will be run, as the engine says, or else as long as the model can.
int64_t longest_sequence(const Weights& w) {
  const Metadata& m = w.metadata();
  if (const auto length = m.integer("loam.sequence_length", 1)) return *length;
  return m.integer(std::string(m.require_string("general.architecture")) + ".context_length", 1).value_or(0);
}

std::string_view name_of_factors(const Weights& w, const RopeConfig& config) {
  if (w.has("rope_freqs")) return "rope_freqs";
  const bool within = longest_sequence(w) <= config.original_context;
  const std::string_view name = within ? "rope_factors_short" : "rope_factors_long";
  return w.has(name) ? name : "";
}

}  // namespace

Rope bind_rope(const Weights& w, const RopeConfig& config, RopePairs pairs) {
  const bool adjacent = pairs == RopePairs::adjacent;
  const std::string_view name = config.n_rotated == 0 ? "" : name_of_factors(w, config);
  if (name.empty()) return make_rope(config, adjacent);
  const Tensor factors = w.vector(name, {config.n_rotated / 2});
  if (!factors) return make_rope(config, adjacent);  // only measured
  return make_rope(config, adjacent, {factors.f32(), static_cast<size_t>(factors.shape.elements())});
}

}  // namespace loam
