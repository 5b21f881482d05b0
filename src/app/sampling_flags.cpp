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

// Adds options with a default that the help shows.
class Adder {
 public:
  Adder(Command& command, const char* group) : command_(command), group_(group) {}
  template <class T>
  void operator()(const char* name, T& value, const char* help, const OptionCheck& check) const {
    command_.add_option(name, value, help)->check(check)->capture_default_str()->group(group_);
  }

 private:
  Command& command_;
  const char* group_;
};

void add_further_samplers(Command& command, SamplingFlags& flags) {
  SamplingOptions& o = flags.options;
  const Adder add(command, "Further samplers");
  const OptionCheck share = number_between(0, 1), positive = number_between(0, 100);
  const OptionCheck any_integer = integer_between(-1, INT32_MAX);
  add("--repeat-last-n", o.penalty_window, "tokens that penalties look back on; -1: all", any_integer);
  add("--dry-multiplier", o.dry_multiplier, "lowers tokens that would prolong a repetition; 0: off", positive);
  add("--dry-base", o.dry_base, "DRY's penalty is multiplier · base^(length − allowed)", number_between(1, 100));
  add("--dry-allowed-length", o.dry_allowed_length, "tokens that may be repeated", integer_between(1, INT32_MAX));
  add("--dry-penalty-last-n", o.dry_penalty_last_n, "tokens that DRY looks back on; -1: all, 0: off", any_integer);
  command
      .add_option("--dry-sequence-breaker", flags.dry_breakers,
                  "text that no repetition reaches over, in place of line end, : \" and *; may be repeated; none: none")
      ->type_name("TEXT")
      ->allow_extra_args(false)
      ->group("Further samplers");
  add("--top-n-sigma,--top-nsigma", o.top_n_sigma, "logits within N deviations of the largest; 0: off",
      number_between(-1, 100));
  add("--typical-p,--typical", o.typical_p, "tokens of typical surprise that share probability P; 1: off", share);
  add("--xtc-probability", o.xtc_probability, "how often the top choices but the last are taken out; 0: off", share);
  add("--xtc-threshold", o.xtc_threshold, "probability that makes a top choice; above 0.5: off", share);
  add("--dynatemp-range", o.dynatemp_range, "temperature between --temp − R and + R, by entropy; 0: off", positive);
  add("--dynatemp-exp", o.dynatemp_exponent, "exponent of the entropy there", positive);
  add("--mirostat", o.mirostat, "1 or 2: keeps the text's surprise, in place of what truncates; 0: off",
      integer_between(0, 2));
  add("--mirostat-ent", o.mirostat_tau, "the surprise that mirostat aims at, in bits", positive);
  add("--mirostat-lr", o.mirostat_eta, "how fast mirostat learns", positive);
  add("--adaptive-target", o.adaptive_target, "draw tokens near this probability; below 0: off", number_between(-1, 1));
  add("--adaptive-decay", o.adaptive_decay, "weight of earlier tokens there", number_between(0, 0.99));
  add("--min-tokens", o.min_tokens, "no end before so many tokens", integer_between(0, INT64_MAX));
  command.add_flag("--ignore-eos", o.ignore_eos, "go on where the model would end")->group("Further samplers");
}

}  // namespace

void add_sampling_options(Command& command, SamplingFlags& flags) {
  SamplingOptions& o = flags.options;
  const Adder add(command, "Sampling");
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
  add_further_samplers(command, flags);
}

SamplingOptions sampling_options(const SamplingFlags& flags) {
  SamplingOptions options = flags.options;
  for (const std::string& text : flags.logit_bias) {
    const auto [token, value] = parse_bias(text);
    options.logit_bias[token] = value;
  }
  if (flags.dry_breakers == std::vector<std::string>{"none"})
    options.dry_sequence_breakers.clear();
  else if (!flags.dry_breakers.empty())
    options.dry_sequence_breakers = flags.dry_breakers;
  options.seed = flags.seed >= 0 ? static_cast<uint64_t>(flags.seed) : std::random_device{}();
  return options;
}

}  // namespace loam
