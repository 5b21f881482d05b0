#include "engine/sampling_options.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace loam {
namespace {

constexpr float kMost = std::numeric_limits<float>::max();
constexpr size_t kMaxStrings = 64, kMaxStringBytes = 4096;
constexpr int kMaxLogprobs = 20;

[[noreturn]] void fail(const char* parameter, const std::string& message) {
  throw Error(Error::Code::invalid, fmt::format("{} {}", parameter, message), parameter);
}

void check_range(const char* parameter, double value, double min, double max) {
  if (!(value >= min && value <= max))  // NaN fails
    fail(parameter, max == kMost ? fmt::format("is {}; expected a number from {}", value, min)
                                 : fmt::format("is {}; expected a number from {} to {}", value, min, max));
}

void check_integer(const char* parameter, int64_t value, int64_t min, int64_t max) {
  if (value < min || value > max)
    fail(parameter, max >= INT32_MAX ? fmt::format("is {}; expected {} or more", value, min)
                                     : fmt::format("is {}; expected {} to {}", value, min, max));
}

void check_strings(const char* parameter, const std::vector<std::string>& strings) {
  if (strings.size() > kMaxStrings)
    fail(parameter, fmt::format("has {} strings; at most {} are taken", strings.size(), kMaxStrings));
  for (const std::string& s : strings)
    if (s.empty() || s.size() > kMaxStringBytes)
      fail(parameter, fmt::format("holds a string of {} bytes; expected 1 to {}", s.size(), kMaxStringBytes));
}

void check_bias(const std::map<Token, float>& biases, int64_t n_vocab) {
  for (const auto& [token, bias] : biases) {
    if (token < 0 || token >= n_vocab)
      fail("logit_bias", fmt::format("names token {}; the vocabulary has 0 to {}", token, n_vocab - 1));
    if (std::isnan(bias)) fail("logit_bias", fmt::format("of token {} is not a number", token));
  }
}

void check_truncation(const SamplingOptions& o) {
  check_integer("top_k", o.top_k, 0, INT32_MAX);
  check_range("top_p", o.top_p, 0, 1);
  check_range("min_p", o.min_p, 0, 1);
  check_range("typical_p", o.typical_p, 0, 1);
  check_range("top_n_sigma", o.top_n_sigma, -1, kMost);
  check_range("xtc_probability", o.xtc_probability, 0, 1);
  check_range("xtc_threshold", o.xtc_threshold, 0, 1);
}

void check_penalties(const SamplingOptions& o) {
  check_range("repeat_penalty", o.repeat_penalty, std::numeric_limits<float>::min(), kMost);
  check_range("presence_penalty", o.presence_penalty, -kMost, kMost);
  check_range("frequency_penalty", o.frequency_penalty, -kMost, kMost);
  check_integer("penalty_window", o.penalty_window, -1, INT32_MAX);
  check_range("dry_multiplier", o.dry_multiplier, 0, kMost);
  check_range("dry_base", o.dry_base, 1, kMost);
  check_integer("dry_allowed_length", o.dry_allowed_length, 1, INT32_MAX);
  check_integer("dry_penalty_last_n", o.dry_penalty_last_n, -1, INT32_MAX);
  check_strings("dry_sequence_breakers", o.dry_sequence_breakers);
}

void check_drawing(const SamplingOptions& o) {
  check_range("temperature", o.temperature, 0, kMost);
  check_range("dynatemp_range", o.dynatemp_range, 0, kMost);
  check_range("dynatemp_exponent", o.dynatemp_exponent, 0, kMost);
  check_integer("mirostat", o.mirostat, 0, 2);
  check_range("mirostat_tau", o.mirostat_tau, 0, kMost);
  check_range("mirostat_eta", o.mirostat_eta, 0, kMost);
  check_range("adaptive_target", o.adaptive_target, -1, 1);
  check_range("adaptive_decay", o.adaptive_decay, 0, 0.99f);
}

}  // namespace

void SamplingOptions::validate(int64_t n_vocab) const {
  check_truncation(*this);
  check_penalties(*this);
  check_drawing(*this);
  check_bias(logit_bias, n_vocab);
  check_strings("stop", stop);
  check_integer("max_tokens", max_tokens, -1, INT64_MAX);
  check_integer("min_tokens", min_tokens, 0, INT64_MAX);
  check_integer("logprobs", logprobs, -1, kMaxLogprobs);
  check_integer("prompt_logprobs", prompt_logprobs, -1, kMaxLogprobs);
}

}  // namespace loam
