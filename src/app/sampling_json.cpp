#include "app/sampling_json.h"

#include <nlohmann/json.hpp>

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

class Differences {
 public:
  explicit Differences(const SamplingOptions& options) : options_(options) {}
  template <class T>
  Differences& add(const char* name, T SamplingOptions::*member) {
    if (options_.*member != defaults_.*member) json_[name] = options_.*member;
    return *this;
  }
  Json take() { return std::move(json_); }

 private:
  const SamplingOptions& options_;
  const SamplingOptions defaults_ = {};
  Json json_ = Json::object();
};

}  // namespace

Json sampling_parameters_json(const SamplingOptions& options) {
  using S = SamplingOptions;
  Json json = Differences(options)
                  .add("temperature", &S::temperature)
                  .add("top_k", &S::top_k)
                  .add("top_p", &S::top_p)
                  .add("min_p", &S::min_p)
                  .add("typical_p", &S::typical_p)
                  .add("top_n_sigma", &S::top_n_sigma)
                  .add("repeat_penalty", &S::repeat_penalty)
                  .add("repeat_last_n", &S::penalty_window)
                  .add("presence_penalty", &S::presence_penalty)
                  .add("frequency_penalty", &S::frequency_penalty)
                  .add("xtc_probability", &S::xtc_probability)
                  .add("xtc_threshold", &S::xtc_threshold)
                  .add("dry_multiplier", &S::dry_multiplier)
                  .add("dry_base", &S::dry_base)
                  .add("dry_allowed_length", &S::dry_allowed_length)
                  .add("dry_penalty_last_n", &S::dry_penalty_last_n)
                  .add("dry_sequence_breakers", &S::dry_sequence_breakers)
                  .add("dynatemp_range", &S::dynatemp_range)
                  .add("dynatemp_exponent", &S::dynatemp_exponent)
                  .add("mirostat", &S::mirostat)
                  .add("mirostat_tau", &S::mirostat_tau)
                  .add("mirostat_eta", &S::mirostat_eta)
                  .add("adaptive_target", &S::adaptive_target)
                  .add("adaptive_decay", &S::adaptive_decay)
                  .add("max_tokens", &S::max_tokens)
                  .add("min_tokens", &S::min_tokens)
                  .add("ignore_eos", &S::ignore_eos)
                  .add("stop", &S::stop)
                  .take();
  json["seed"] = options.seed;
  for (const auto& [token, bias] : options.logit_bias) json["logit_bias"][std::to_string(token)] = bias;
  return json;
}

}  // namespace loam
