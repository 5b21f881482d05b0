#include "app/sampling_flags.h"

#include <fmt/format.h>

#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <random>

#include "app/command_line.h"
#include "base/error.h"

namespace loam {
namespace {

// "15043=-2.5" → (15043, −2.5)
std::pair<Token, float> parse_bias(const std::string& text) {
  Token token = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), token);
  if (error == std::errc{} && end < text.data() + text.size() && *end == '=') {
    char* rest = nullptr;
    const float value = std::strtof(end + 1, &rest);
    if (rest != end + 1 && *rest == '\0' && !std::isnan(value)) return {token, value};
  }
  throw Error(Error::Code::invalid, fmt::format("'{}' is not ID=VALUE, for example 15043=-2.5", text), "--logit-bias");
}

}  // namespace

void add_sampling_options(Command& command, SamplingFlags& flags) {
  SamplingOptions& o = flags.options;
  const auto add = [&](const char* name, auto& value, const char* help, const OptionCheck& check) {
    command.add_option(name, value, help)->check(check)->capture_default_str()->group("Sampling");
  };
  add("--temp", o.temperature, "temperature; 0 always takes the likeliest token", number_between(0, 100));
  add("--top-k", o.top_k, "only the K likeliest tokens; 0: off", integer_between(0, INT32_MAX));
  add("--top-p", o.top_p, "the likeliest tokens that share probability P; 1: off", number_between(0, 1));
  add("--min-p", o.min_p, "tokens at least P times as likely as the likeliest; 0: off", number_between(0, 1));
  add("--repeat-penalty", o.repeat_penalty, "divides the odds of recent tokens; 1: off", number_between(0.01, 100));
  add("--presence-penalty", o.presence_penalty, "lowers tokens that have occurred", number_between(-100, 100));
  add("--frequency-penalty", o.frequency_penalty, "lowers tokens by how often they occurred",
      number_between(-100, 100));
  command.add_option("--seed", flags.seed, "equal seeds give equal text (default: a new one each time)")
      ->check(integer_between(0, INT64_MAX))
      ->group("Sampling");
  command.add_option("--logit-bias", flags.logit_bias, "add V to the logit of token ID; may be repeated")
      ->type_name("ID=V")
      ->allow_extra_args(false)
      ->group("Sampling");
  command.add_option("--stop", o.stop, "end before this text; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false)
      ->group("Sampling");
}

SamplingOptions sampling_options(const SamplingFlags& flags) {
  SamplingOptions options = flags.options;
  for (const std::string& text : flags.logit_bias) {
    const auto [token, value] = parse_bias(text);
    options.logit_bias[token] = value;
  }
  options.seed = flags.seed >= 0 ? static_cast<uint64_t>(flags.seed) : std::random_device{}();
  return options;
}

}  // namespace loam
