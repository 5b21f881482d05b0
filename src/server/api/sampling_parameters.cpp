// How the next token is chosen, by the names that OpenAI's, vLLM's and llama.cpp's users know.
#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "server/api/parameter.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMaxStops = 16, kMaxStopBytes = 1024, kMaxBiases = 1024, kMaxBreakers = 16, kMaxBreakerBytes = 64;
constexpr int64_t kMostTokens = INT32_MAX;

// A table row that stores the value in a member of SamplingOptions.
template <class T>
Parameter row(std::string_view name, std::string_view description, Json schema, T SamplingOptions::*member) {
  return {name, description, std::move(schema), [member](const Json& value, GenerationRequest& request) {
            if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
              request.sampling.*member = static_cast<T>(to_integer(value));
            else
              request.sampling.*member = value.get<T>();
          }};
}

void read_seed(const Json& value, GenerationRequest& request) {
  request.sampling.seed = static_cast<uint64_t>(to_integer(value));
  request.random_seed = request.sampling.seed == UINT64_MAX;  // −1, as llama.cpp's users ask for a new one
}

void read_stop(const Json& value, GenerationRequest& request) {
  request.sampling.stop.clear();
  if (value.is_string()) request.sampling.stop.push_back(value);
  if (value.is_array()) value.get_to(request.sampling.stop);
  for (const std::string& stop : request.sampling.stop)
    if (stop.empty()) throw Error(Error::Code::invalid, "stop holds an empty string", "stop");
}

// {"ID": bias}: the ids are the members' names.
void read_logit_bias(const Json& value, GenerationRequest& request) {
  if (value.size() > kMaxBiases)
    throw Error(Error::Code::invalid,
                fmt::format("logit_bias has {} tokens; expected at most {}", value.size(), kMaxBiases), "logit_bias");
  for (const auto& [id, bias] : value.items()) {
    Token token = -1;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), token);
    if (error != std::errc{} || end != id.data() + id.size())
      throw Error(Error::Code::invalid, fmt::format("logit_bias names {}; expected the id of a token", shown(id)),
                  "logit_bias");
    check_value(bias, number(-100, 100), fmt::format("logit_bias[{}]", id));
    request.sampling.logit_bias[token] = bias;
  }
}

Parameters make_sampling_parameters() {
  using S = SamplingOptions;
  const double most = 3.4e38;
  return {
      row("temperature", "0 takes the likeliest token; higher values spread the choice", number(0, 2), &S::temperature),
      row("top_p", "choose among the fewest tokens that hold this share of the probability; 1 is off", number(0, 1),
          &S::top_p),
      {"top_k", "choose among so many of the likeliest tokens; 0 is off", integer(-1, kMostTokens),
       [](const Json& v, GenerationRequest& r) {
         r.sampling.top_k = std::max<int>(0, static_cast<int>(to_integer(v)));
       }},
      row("min_p", "leave out tokens less probable than this share of the likeliest one's; 0 is off", number(0, 1),
          &S::min_p),
      row("typical_p", "choose among the tokens closest to the expected surprise that hold this share; 1 is off",
          number(0, 1), &S::typical_p),
      row("top_n_sigma", "leave out tokens whose logit is more standard deviations below the best; 0 is off",
          number(-1, most), &S::top_n_sigma),
      row("xtc_probability", "how often the likeliest tokens above xtc_threshold are left out but the last of them",
          number(0, 1), &S::xtc_probability),
      row("xtc_threshold", "what counts as likely for xtc_probability; above 0.5 it is off", number(0, 1),
          &S::xtc_threshold),
      row("dynatemp_range", "temperature moves by so much with the entropy; 0 is off", number(0, 2),
          &S::dynatemp_range),
      row("dynatemp_exponent", "how the entropy maps to the temperature", number(0, 100), &S::dynatemp_exponent),
      row("repeat_penalty", "makes tokens of the last repeat_last_n less likely; 1 is off", number(0.01, 100),
          &S::repeat_penalty),
      row("repetition_penalty", "the same as repeat_penalty", number(0.01, 100), &S::repeat_penalty),
      row("repeat_last_n", "tokens that the penalties look back over; -1 is all", integer(-1, kMostTokens),
          &S::penalty_window),
      row("presence_penalty", "taken from the logit of every token that has occurred", number(-2, 2),
          &S::presence_penalty),
      row("frequency_penalty", "taken from a token's logit for each time it has occurred", number(-2, 2),
          &S::frequency_penalty),
      row("dry_multiplier", "makes tokens that would go on with a repetition less likely; 0 is off", number(0, 100),
          &S::dry_multiplier),
      row("dry_base", "how fast that grows with the repetition's length", number(1, 100), &S::dry_base),
      row("dry_allowed_length", "repetitions of up to so many tokens go unpunished", integer(0, kMostTokens),
          &S::dry_allowed_length),
      row("dry_penalty_last_n", "tokens that it looks back over; -1 is all", integer(-1, kMostTokens),
          &S::dry_penalty_last_n),
      row("dry_sequence_breakers", "texts that end a repetition", array(string(kMaxBreakerBytes), kMaxBreakers),
          &S::dry_sequence_breakers),
      row("mirostat", "1 or 2 keep the text's surprise near mirostat_tau; 0 is off", integer(0, 2), &S::mirostat),
      row("mirostat_tau", "the surprise to keep, in bits", number(0, 100), &S::mirostat_tau),
      row("mirostat_eta", "how fast it is corrected", number(0, 1), &S::mirostat_eta),
      row("adaptive_target", "probability that the chosen tokens are kept near; negative is off", number(-1, 1),
          &S::adaptive_target),
      row("adaptive_decay", "how slowly that forgets what was chosen", number(0, 0.99), &S::adaptive_decay),
      {"seed", "equal seeds, settings and prompts give equal text; -1 draws one", integer(INT64_MIN, INT64_MAX),
       read_seed},
      {"stop", "texts that end the answer, which does not hold them",
       either({string(kMaxStopBytes), array(string(kMaxStopBytes), kMaxStops)}), read_stop},
      {"logit_bias", "added to the logits of tokens, by id", object(), read_logit_bias},
      row("min_tokens", "no end before so many tokens", integer(0, kMostTokens), &S::min_tokens),
      row("ignore_eos", "go on behind the end of the answer", boolean(), &S::ignore_eos),
  };
}

}  // namespace

const Parameters& sampling_parameters() {
  static const Parameters table = make_sampling_parameters();
  return table;
}

}  // namespace loam
