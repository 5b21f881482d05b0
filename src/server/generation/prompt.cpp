#include "server/generation/prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {
namespace {

constexpr int64_t kRoomForAnswer = 256;  // tokens that truncation leaves where the request names no length

[[noreturn]] void refuse(int64_t n_tokens, int64_t context, const char* where) {
  throw Error(Error::Code::context_length,
              fmt::format("the prompt has {} tokens and the context holds {}; shorten it, or ask with \"truncation\": "
                          "\"auto\" to drop its oldest part",
                          n_tokens, context),
              where);
}

// Tokens that the prompt may have, where the request lets it be cut.
int64_t room_for_prompt(const GenerationRequest& request, int64_t context) {
  const int64_t answer = request.sampling.max_tokens >= 0 ? request.sampling.max_tokens : kRoomForAnswer;
  return std::max<int64_t>(1, context - std::min(answer, context / 2));
}

// Where a shorter conversation may begin: before each message of the user's but the first.
std::vector<size_t> cuts(const Json& messages) {
  std::vector<size_t> found;
  for (size_t i = 1; i < messages.size(); ++i)
    if (messages[i].is_object() && messages[i].value("role", Json()) == "user") found.push_back(i);
  return found;
}

bool is_instruction(const Json& message) {
  const auto role = message.find("role");
  return role != message.end() && (*role == "system" || *role == "developer");
}

// The conversation's instructions, and its messages from `begin` on.
Json conversation_from(const Json& conversation, size_t begin) {
  Json shorter = conversation;
  Json& messages = shorter["messages"] = Json::array();
  const Json& all = conversation["messages"];
  for (size_t i = 0; i < all.size(); ++i)
    if (i >= begin || is_instruction(all[i])) messages.push_back(all[i]);
  return shorter;
}

class ChatPromptMaker {
 public:
  ChatPromptMaker(const ServedModel& model, const GenerationRequest& request) : model_(model), request_(request) {}

  PreparedPrompt make() const {
    const int64_t context = context_of(model_, request_);
    ChatTurn turn = begin(request_.conversation);
    if (std::ssize(turn.prompt) < context) return finish(request_.conversation, std::move(turn), 0);
    if (!request_.truncate) refuse(std::ssize(turn.prompt), context, "messages");
    return cut(std::ssize(turn.prompt), context);
  }

 private:
  ChatTurn begin(const Json& conversation) const {
    return model_.chat().begin(conversation, request_.chat, model_.constraint(request_.shape));
  }

  // As few messages less as will do: shorter conversations have shorter prompts, so the cut is found by halving.
  PreparedPrompt cut(int64_t n_tokens, int64_t context) const {
    const Json& messages = request_.conversation["messages"];
    const std::vector<size_t> places = cuts(messages);
    const auto fits = [&](size_t place) {
      return std::ssize(begin(conversation_from(request_.conversation, place)).prompt) <=
             room_for_prompt(request_, context);
    };
    const auto found = std::ranges::partition_point(places, [&](size_t place) { return !fits(place); });
    if (found == places.end()) refuse(n_tokens, context, "messages");
    const Json shorter = conversation_from(request_.conversation, *found);
    return finish(shorter, begin(shorter), std::ssize(messages) - std::ssize(shorter["messages"]));
  }

  PreparedPrompt finish(const Json& conversation, ChatTurn first, int64_t n_dropped) const {
    PreparedPrompt prompt;
    prompt.tokens = first.prompt;
    prompt.dropped_messages = n_dropped;
    prompt.turns.push_back(std::move(first));
    for (int i = 1; i < std::max(request_.n, request_.best_of); ++i) prompt.turns.push_back(begin(conversation));
    return prompt;
  }

  const ServedModel& model_;
  const GenerationRequest& request_;
};

void check_tokens(const std::vector<Token>& tokens, int n_vocab) {
  for (const Token token : tokens)
    if (token < 0 || token >= n_vocab)
      throw Error(Error::Code::invalid,
                  fmt::format("prompt holds token {}; the vocabulary has 0 to {}", token, n_vocab - 1), "prompt");
}

PreparedPrompt prepare_text(const ServedModel& model, const GenerationRequest& request, const Prompt& given) {
  const Tokenizer& tokenizer = model.engine().tokenizer();
  PreparedPrompt prompt;
  if (const auto* text = std::get_if<std::string>(&given)) {
    prompt.tokens = tokenizer.encode(*text, {.add_special = true});
    prompt.text = *text;
  } else {
    prompt.tokens = std::get<std::vector<Token>>(given);
    check_tokens(prompt.tokens, tokenizer.n_vocab());
    prompt.text = tokenizer.decode(prompt.tokens, true);
  }
  if (prompt.tokens.empty() && tokenizer.bos() >= 0) prompt.tokens.push_back(tokenizer.bos());
  if (prompt.tokens.empty()) throw Error(Error::Code::invalid, "prompt is empty; expected some text", "prompt");
  const int64_t context = context_of(model, request), n_tokens = std::ssize(prompt.tokens);
  const bool fits = n_tokens < context || (n_tokens == context && request.sampling.max_tokens == 0);
  if (fits) return prompt;
  if (!request.truncate) refuse(n_tokens, context, "prompt");
  prompt.dropped_tokens = n_tokens - room_for_prompt(request, context);
  prompt.tokens.erase(prompt.tokens.begin(), prompt.tokens.begin() + prompt.dropped_tokens);
  prompt.text = tokenizer.decode(prompt.tokens, true);
  return prompt;
}

}  // namespace

int64_t context_of(const ServedModel& model, const GenerationRequest& request) {
  const int64_t all = model.engine().context();
  return request.context > 0 ? std::min(request.context, all) : all;
}

std::vector<PreparedPrompt> prepare_prompts(const ServedModel& model, const GenerationRequest& request) {
  std::vector<PreparedPrompt> prompts;
  if (request.is_chat()) {
    prompts.push_back(ChatPromptMaker(model, request).make());
    return prompts;
  }
  for (const Prompt& prompt : request.prompts) prompts.push_back(prepare_text(model, request, prompt));
  return prompts;
}

}  // namespace loam
