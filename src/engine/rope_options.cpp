#include "engine/rope_options.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/human_bytes.h"
#include "engine/engine_options.h"
#include "model/model_config.h"

namespace loam {
namespace {

constexpr double kMaxFactor = 1024;

[[noreturn]] void refuse(const char* option, const std::string& message) {
  throw Error(Error::Code::invalid, fmt::format("{} {}", option, message), option);
}

void check(const RopeOptions& o) {
  if (o.scaling != "" && o.scaling != "none" && o.scaling != "linear" && o.scaling != "yarn")
    refuse("rope-scaling", fmt::format("is \"{}\"; expected none, linear or yarn", o.scaling));
  if (o.factor != 0 && !(o.factor >= 1 && o.factor <= kMaxFactor))
    refuse("rope-factor", fmt::format("is {}; expected 1 to {}", o.factor, kMaxFactor));
  if (o.original < 0 || o.original > kMaxContext)
    refuse("rope-original", fmt::format("is {}; expected 1 to {}", o.original, kMaxContext));
  if (o.scaling == "none" && o.factor != 0) refuse("rope-factor", "has no meaning with rope-scaling none");
}

std::string_view name_of(RopeScaling scaling) { return scaling == RopeScaling::yarn ? "yarn" : "linear"; }

// The caller's, else the model's, else what the context needs.
double factor_for(const RopeOptions& o, const RopeConfig& model, int64_t original, int64_t context) {
  if (o.factor != 0) return o.factor;
  if (model.scaling != RopeScaling::none) return model.factor;
  if (context > original) return static_cast<double>(context) / static_cast<double>(original);
  refuse("rope-factor", fmt::format("is missing; a --ctx beyond the trained {} would tell it", with_commas(original)));
}

}  // namespace

void apply_rope_options(Metadata& metadata, const RopeOptions& o, int64_t context) {
  check(o);
  if (o.scaling.empty() && o.factor == 0 && o.original == 0) return;
  const ModelConfig c = ModelConfig::read(metadata);
  const auto put = [&](std::string_view key, const std::string& value) {
    metadata.apply_override(fmt::format("{}.{}={}", c.arch, key, value));
  };
  const int64_t original = o.original != 0 ? o.original : c.rope.original_context;
  put("rope.scaling.original_context_length", fmt::format("int:{}", original));
  if (o.scaling == "none") {
    put("rope.scaling.type", "str:none");
    return put("context_length", fmt::format("int:{}", original));
  }
  if (o.scaling.empty() && c.rope.scaling == RopeScaling::none)
    refuse("rope-scaling", "is missing: this model has none of its own; say yarn or linear");
  const double factor = factor_for(o, c.rope, original, context);
  const double reached = std::floor(static_cast<double>(original) * factor);
  if (reached > static_cast<double>(kMaxContext))
    refuse("rope-factor", fmt::format("is {}; {} tokens times it are more than loam reads, {}", factor,
                                      with_commas(original), with_commas(kMaxContext)));
  put("rope.scaling.type", fmt::format("str:{}", o.scaling.empty() ? name_of(c.rope.scaling) : o.scaling));
  put("rope.scaling.factor", fmt::format("float:{}", factor));
  put("context_length", fmt::format("int:{:.0f}", reached));
}

std::string beyond_trained_length(const Metadata& metadata, int64_t context) {
  const ModelConfig c = ModelConfig::read(metadata);
  if (context <= c.context_length) return "";
  const double factor = std::ceil(static_cast<double>(context) / static_cast<double>(c.rope.original_context));
  return fmt::format(
      "context {} is beyond the {} {}: text there is read badly; --rope-scaling yarn --rope-factor {} reaches it",
      with_commas(context), c.rope.scaling == RopeScaling::none ? "trained" : "stretched",
      with_commas(c.context_length), factor);
}

}  // namespace loam
