#include "model/hf/rope_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

using Json = nlohmann::json;

constexpr double kDefaultBase = 10000;

// Newer files may have one set for each type of layers.
Json rope_parameters(const HfFields& f, const char* layers) {
  Json all = f.json().value("rope_parameters", Json());
  if (all.is_object()) {
    Json own = all.value(layers, Json());
    return own.is_object() ? own : all;
  }
  Json scaling = f.json().value("rope_scaling", Json());
  return scaling.is_object() ? scaling : Json::object();
}

std::string type_of(const Json& rope) {
  for (const char* name : {"rope_type", "type"})
    if (const Json type = rope.value(name, Json()); type.is_string()) return type.get<std::string>();
  return "default";
}

// Pair i keeps its frequency where its wavelength is short against the trained length, is slowed by `factor` where it
// is long, and by something between otherwise. Llama 3.1 (arXiv 2407.21783).
std::vector<float> llama3_divisors(HfFields& f, const Json& rope, double base, int64_t n_rotated) {
  const double factor = f.number_in(rope, "factor", 8), slow = f.number_in(rope, "low_freq_factor", 1),
               fast = f.number_in(rope, "high_freq_factor", 4),
               trained = f.number_in(rope, "original_max_position_embeddings", 8192);
  std::vector<float> divisors;
  for (int64_t i = 0; i < n_rotated / 2; ++i) {
    const double turn = std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(n_rotated));
    const double wavelength = 2 * std::numbers::pi / turn;
    const double blend = (trained / wavelength - slow) / (fast - slow);
    const double divisor = wavelength < trained / fast   ? 1
                           : wavelength > trained / slow ? factor
                                                         : 1 / ((1 - blend) / factor + blend);
    divisors.push_back(static_cast<float>(divisor));
  }
  return divisors;
}

std::vector<float> factors(HfFields& f, const Json& rope, const char* name, int64_t n_rotated) {
  const Json values = rope.value(name, Json());
  std::vector<float> out;
  if (values.is_array())
    for (const Json& value : values)
      if (value.is_number()) out.push_back(value.get<float>());
  if (std::ssize(out) != n_rotated / 2)
    f.fault(fmt::format("rope_scaling.{} has {} numbers; expected {}", name, out.size(), n_rotated / 2));
  return out;
}

void read_yarn(HfFields& f, const Json& rope, Hyperparameters& out) {
  out.put_text("rope.scaling.type", "yarn");
  out.put_number("rope.scaling.factor", f.number_in(rope, "factor", 1));
  out.put_number("rope.scaling.yarn_beta_fast", f.number_in(rope, "beta_fast", 32));
  out.put_number("rope.scaling.yarn_beta_slow", f.number_in(rope, "beta_slow", 1));
  if (const double all = f.number_in(rope, "mscale_all_dim", 0); all != 0)
    out.put_number("rope.scaling.yarn_log_multiplier", 0.1 * all);
}

// LongRoPE (arXiv 2402.13753): own divisors below and beyond the trained length, and a magnitude.
void read_longrope(HfFields& f, const Json& rope, int64_t n_rotated, Hyperparameters& out, RopeDivisors& divisors) {
  const auto length = static_cast<double>(f.count("max_position_embeddings"));
  const auto trained = static_cast<double>(f.count("original_max_position_embeddings", static_cast<int64_t>(length)));
  const double scale = f.number_in(rope, "factor", length / trained);
  const double magnitude = scale <= 1 ? 1 : std::sqrt(1 + std::log(scale) / std::log(trained));
  divisors.short_ = factors(f, rope, "short_factor", n_rotated);
  divisors.long_ = factors(f, rope, "long_factor", n_rotated);
  out.put("rope.scaling.original_context_length", static_cast<int64_t>(trained));
  out.put_number("rope.scaling.attn_factor", f.number_in(rope, "attention_factor", magnitude));
}

double base_of(HfFields& f, const Json& rope, double fallback) {
  const double base = f.number_in(rope, "rope_theta", fallback);
  if (!(base > 0)) f.fault(fmt::format("rope_theta is {}; expected a positive number", base));
  return base;
}

}  // namespace

double sliding_rope_base(HfFields& f, double fallback) {
  const Json all = f.json().value("rope_parameters", Json());
  const bool own = all.is_object() && all.value("sliding_attention", Json()).is_object();
  return own ? base_of(f, all["sliding_attention"], fallback) : f.number("rope_local_base_freq", fallback);
}

void read_rope(HfFields& f, int64_t n_rotated, Hyperparameters& out, RopeDivisors& divisors) {
  const Json rope = rope_parameters(f, "full_attention");
  const double base = base_of(f, rope, f.number("rope_theta", kDefaultBase));
  const std::string type = type_of(rope);
  out.put("rope.dimension_count", n_rotated);
  out.put_number("rope.freq_base", base);
  if (const int64_t trained = f.count("original_max_position_embeddings", 0); trained > 0 && type != "longrope")
    out.put("rope.scaling.original_context_length", trained);
  if (const double trained = f.number_in(rope, "original_max_position_embeddings", 0); trained >= 1 && type == "yarn")
    out.put("rope.scaling.original_context_length", static_cast<int64_t>(trained));
  if (type == "llama3") {
    divisors.all = llama3_divisors(f, rope, base, n_rotated);
  } else if (type == "linear") {
    out.put_text("rope.scaling.type", "linear");
    out.put_number("rope.scaling.factor", f.number_in(rope, "factor", 1));
  } else if (type == "yarn") {
    read_yarn(f, rope, out);
  } else if (type == "longrope" || type == "su") {
    read_longrope(f, rope, n_rotated, out, divisors);
  } else if (type != "default" && type != "dynamic" && type != "mrope") {  // the latter two are plain for short texts
    throw Error(Error::Code::unsupported,
                fmt::format("rope_type is \"{}\"; loam knows default, linear, dynamic, yarn, llama3 and longrope",
                            escape_control(type)),
                f.origin());
  }
}

}  // namespace loam
