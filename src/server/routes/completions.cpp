// POST /v1/completions, as https://platform.openai.com/docs/api-reference/completions describes it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "server/generation/answer.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMaxPrompts = 128, kMaxPromptTokens = 4 << 20;
constexpr int64_t kMaxLogprobs = 20, kMaxBestOf = 8;

Prompt tokens_of(const Json& ids) {
  std::vector<Token> tokens;
  for (const Json& id : ids) tokens.push_back(static_cast<Token>(to_integer(id)));
  return tokens;
}

// A text, a list of texts, ids, or a list of lists of ids: the first element says which list it is.
void read_prompt(const Json& value, GenerationRequest& request) {
  if (value.is_string()) {
    request.prompts.emplace_back(value.get<std::string>());
    return;
  }
  if (value.empty()) throw Error(Error::Code::invalid, "prompt is empty; expected a text or ids", "prompt");
  const Json ids = array(integer(0, INT32_MAX), kMaxPromptTokens, 1);
  if (value[0].is_number()) {
    check_value(value, ids, "prompt");
    request.prompts.push_back(tokens_of(value));
    return;
  }
  check_value(value, array(either({string(), ids}), kMaxPrompts), "prompt");
  for (const Json& prompt : value)
    request.prompts.push_back(prompt.is_string() ? Prompt(prompt.get<std::string>()) : tokens_of(prompt));
}

void refuse_suffix(const Json& value, GenerationRequest&) {
  if (value != "")
    throw Error(Error::Code::unsupported, "suffix is not supported: this endpoint continues a text, it fills no gap",
                "suffix");
}

Parameters make_completions_parameters() {
  using R = GenerationRequest;
  const Parameters own = {
      {"prompt", "a text, ids of tokens, or a list of either", either({string(), array(any(), kMaxPromptTokens)}),
       read_prompt, true},
      {"best_of", "generate so many answers and give the n likeliest", integer(1, kMaxBestOf),
       [](const Json& v, R& r) { r.best_of = static_cast<int>(to_integer(v)); }},
      {"echo", "give the prompt's text before the answer's, and its log-probabilities with logprobs", boolean(),
       [](const Json& v, R& r) { r.echo = v; }},
      {"logprobs", "tell the log-probability of each token, and of so many others in its place",
       integer(0, kMaxLogprobs), [](const Json& v, R& r) { r.sampling.logprobs = static_cast<int>(to_integer(v)); }},
      {"suffix", "not supported", string(), refuse_suffix},
  };
  return joined({&common_parameters(), &own, &sampling_parameters(), &engine_parameters()});
}

// {"tokens", "token_logprobs", "top_logprobs", "text_offset"}; offsets count characters.
class Logprobs {
 public:
  explicit Logprobs(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  Json next(std::span<const LoggedToken> tokens) {
    if (tokens.empty()) return nullptr;
    Json texts = Json::array(), logprobs = Json::array(), tops = Json::array(), offsets = Json::array();
    for (const LoggedToken& token : tokens) {
      texts.push_back(sanitize_utf8(token.bytes));
      logprobs.push_back(token.logprob ? Json(*token.logprob) : Json());
      tops.push_back(token.logprob ? top(token) : Json());
      offsets.push_back(offset_);
      offset_ += count_code_points(token.bytes);
    }
    return {{"tokens", std::move(texts)},
            {"token_logprobs", std::move(logprobs)},
            {"top_logprobs", std::move(tops)},
            {"text_offset", std::move(offsets)}};
  }

 private:
  Json top(const LoggedToken& token) const {
    Json top = Json::object();
    for (const TokenLogprob& other : token.top) top[token_text(tokenizer_, other.token)] = other.logprob;
    return top;
  }

  const Tokenizer& tokenizer_;
  size_t offset_ = 0;
};

struct CompletionIdentity {
  std::string id = random_id("cmpl-"), model;
  int64_t created = unix_time();

  Json object() const { return {{"id", id}, {"object", "text_completion"}, {"created", created}, {"model", model}}; }
};

Json text_completion(const CompletionIdentity& identity, const Tokenizer& tokenizer, const CollectedAnswer& answer) {
  Json body = identity.object();
  Json& choices = body["choices"] = Json::array();
  for (const CollectedChoice& choice : answer.choices)
    choices.push_back({{"text", choice.content},
                       {"index", choices.size()},
                       {"logprobs", Logprobs(tokenizer).next(choice.tokens)},
                       {"finish_reason", finish_reason(choice.end)}});
  body["usage"] = usage_json(answer.usage);
  return body;
}

class CompletionChunks final : public AnswerSink {
 public:
  CompletionChunks(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<ServedModel> model,
                   const GenerationRequest& request, int n_choices)
      : stream_(std::move(exchange)),
        model_(std::move(model)),
        include_usage_(request.include_usage),
        identity_{.model = request.model} {
    for (int i = 0; i < n_choices; ++i) logprobs_.emplace_back(model_->engine().tokenizer());
  }

  // OpenAI's library knows no chunk without a reason: until the last one it is "length", as if the text ended there.
  void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) override {
    if (delta.kind == ChatDelta::Kind::content)
      send(choice, delta.text, logprobs_[static_cast<size_t>(choice)].next(tokens), "length");
  }
  void choice_end(int choice, const ChoiceEnd& end) override { send(choice, "", nullptr, finish_reason(end)); }

  void end(const Usage& usage) override {
    if (include_usage_) {
      Json chunk = identity_.object();
      chunk["choices"] = Json::array();
      chunk["usage"] = usage_json(usage);
      stream_.send(chunk);
    }
    stream_.send_text("[DONE]");
    stream_.end();
  }

  void fail(const Error& error) override { fail_stream(stream_, error); }

 private:
  void send(int choice, const std::string& text, Json logprobs, std::string_view reason) {
    Json chunk = identity_.object();
    chunk["choices"] = Json::array(
        {{{"text", text}, {"index", choice}, {"logprobs", std::move(logprobs)}, {"finish_reason", reason}}});
    if (include_usage_) chunk["usage"] = nullptr;
    stream_.send(chunk);
  }

  EventStream stream_;
  const std::shared_ptr<ServedModel> model_;
  const bool include_usage_;
  const CompletionIdentity identity_;
  std::vector<Logprobs> logprobs_;
};

void check_best_of(const GenerationRequest& request) {
  if (request.best_of == 0) return;
  if (request.best_of < request.n)
    throw Error(Error::Code::invalid,
                fmt::format("best_of is {}; expected at least n, which is {}", request.best_of, request.n), "best_of");
  if (request.stream && request.best_of > request.n)
    throw Error(Error::Code::invalid, "best_of cannot be streamed: the best answer is known at the end", "best_of");
}

void completions(const ServerContext& server, Call& call) {
  GenerationRequest request;
  read_request(server, call.json(), completion_parameters(), request);
  check_best_of(request);
  if (request.echo) request.sampling.prompt_logprobs = request.sampling.logprobs;
  const auto exchange = call.exchange_pointer();
  answer(server, call, request,
         [exchange, request](const std::shared_ptr<ServedModel>& model) -> std::shared_ptr<AnswerSink> {
           if (request.stream)
             return std::make_shared<CompletionChunks>(exchange, model, request, Answer::n_choices(request));
           return collect(
               exchange, request, ErrorStyle::openai,
               [identity = CompletionIdentity{.model = request.model}, model](const CollectedAnswer& answer) {
                 return text_completion(identity, model->engine().tokenizer(), answer);
               });
         });
}

}  // namespace

const Parameters& completion_parameters() {
  static const Parameters table = make_completions_parameters();
  return table;
}

std::vector<Route> completion_routes(const ServerContext& server) {
  const auto handler = [server](Call& call) { completions(server, call); };
  return {{"POST", "/v1/completions", Role::user, handler}, {"POST", "/completions", Role::user, handler}};
}

}  // namespace loam
