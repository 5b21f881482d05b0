// How long an answer may be, and how much of it is reasoning.
#include "server/api/parameter.h"

namespace loam {
namespace {

using namespace schema;

Parameters make_thinking() {
  using R = GenerationRequest;
  return {
      {"enable_thinking", "whether the model reasons before it answers; as its template does unless given", boolean(),
       [](const Json& v, R& r) { r.chat.thinking = v.get<bool>(); }},
      {"thinking_budget", "most tokens of reasoning, then the answer begins; -1 is no limit", integer(-1, INT32_MAX),
       [](const Json& v, R& r) { r.chat.thinking_budget = to_integer(v); }},
      {"reasoning_effort", "how much a model that knows efforts reasons; none turns it off",
       one_of({"none", "minimal", "low", "medium", "high", "xhigh", "max"}),
       [](const Json& v, R& r) {
         if (v == "none") r.chat.thinking = false;
         if (v != "none") r.chat.reasoning_effort = v;
       }},
      {"chat_template_kwargs", "further arguments of the model's chat template", object(), read_template_arguments},
  };
}

Parameters make_profile() {
  Parameters all = joined({&sampling_parameters(), &engine_parameters(), &thinking_parameters(), &memory_parameters()});
  all.push_back(
      {"max_tokens", "most tokens of the answer; -1 is as many as fit", integer(-1, INT32_MAX), read_max_tokens});
  return all;
}

}  // namespace

void read_max_tokens(const Json& value, GenerationRequest& request) { request.sampling.max_tokens = to_integer(value); }

// What the conversation itself says may not be replaced.
void read_template_arguments(const Json& value, GenerationRequest& request) {
  for (const auto& [name, argument] : value.items()) {
    if (name == "messages" || name == "tools" || name == "chat_template")
      throw Error(Error::Code::invalid, fmt::format("chat_template_kwargs holds {}, which it may not set", name),
                  "chat_template_kwargs." + name);
    if (name == "enable_thinking" && argument.is_boolean())
      request.chat.thinking = argument.get<bool>();
    else
      request.conversation[name] = argument;
  }
}

const Parameters& thinking_parameters() {
  static const Parameters table = make_thinking();
  return table;
}

const Parameters& profile_parameters() {
  static const Parameters table = make_profile();
  return table;
}

}  // namespace loam
