#include "server/memory/remembering.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "memory/memory.h"
#include "memory/recall_block.h"
#include "memory/text/token_estimate.h"
#include "server/http/http_error.h"
#include "server/memory/memory_service.h"

namespace loam {
namespace {

constexpr int64_t kShareOfContext = 10;  // a tenth may be recalled

// ---- the conversation as memory sees it ----

std::string text_of_content(const Json& content) {
  if (content.is_string()) return content;
  std::string text;
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    if (!part.is_object() || part.value("type", Json()) != "text" || !part.contains("text")) continue;
    if (part["text"].is_string()) text += part["text"].get_ref<const std::string&>();
  }
  return text;
}

bool is_instruction_role(const Json& role) { return role == "system" || role == "developer"; }

struct SeenMessages {
  std::vector<ChatText> texts;
  std::vector<size_t> places;  // of each in the conversation
};

SeenMessages see(const Json& messages) {
  SeenMessages seen;
  for (size_t i = 0; i < messages.size(); ++i) {
    const Json& message = messages[i];
    if (!message.is_object()) continue;
    const Json role = message.value("role", Json());
    if (is_instruction_role(role) || !role.is_string()) continue;
    const TurnRole turn = role == "user" ? TurnRole::user : role == "assistant" ? TurnRole::assistant : TurnRole::tool;
    seen.texts.push_back({turn, sanitize_utf8(text_of_content(message.value("content", Json())))});
    seen.places.push_back(i);
  }
  return seen;
}

bool is_nearly_full(const std::vector<ChatText>& texts, int64_t context) {
  size_t n_tokens = 0;
  for (const ChatText& text : texts) n_tokens += estimate_tokens(text.text);
  return n_tokens * 4 > static_cast<size_t>(context) * 3;
}

// ---- what memory adds ----

void put_before(const std::string& text, Json& content) {
  if (content.is_string()) content = text + content.get_ref<const std::string&>();
  if (content.is_array()) content.insert(content.begin(), Json{{"type", "text"}, {"text", text}});
}

void put_core(const std::string& core, Json& messages) {
  if (core.empty()) return;
  Json& first = messages.front();
  const bool has_system = first.is_object() && is_instruction_role(first.value("role", Json()));
  if (!has_system)
    messages.insert(messages.begin(), Json{{"role", "system"}, {"content", core}});
  else if (first["content"].is_array())
    first["content"].push_back(Json{{"type", "text"}, {"text", core}});
  else if (first["content"].is_string())
    first["content"] = first["content"].get<std::string>() + "\n\n" + core;
}

void add_to_prompt(const Exchange& exchange, const std::vector<size_t>& places, Json& messages) {
  for (const Exchange::Insertion& insertion : exchange.insertions)
    put_before(insertion.text, messages[places[insertion.message]]["content"]);
  put_core(exchange.core, messages);
}

// ---- the answer ----

// Collects the first choice's text. The end is told by the writing thread, once the answer is on the disk.
class RememberingSink final : public AnswerSink, public std::enable_shared_from_this<RememberingSink> {
 public:
  RememberingSink(MemoryService& service, std::shared_ptr<Memory> memory, Exchange exchange,
                  std::shared_ptr<AnswerSink> sink)
      : service_(service), memory_(std::move(memory)), exchange_(std::move(exchange)), sink_(std::move(sink)) {}

  void reading(int64_t n_read, int64_t n_prompt) override { sink_->reading(n_read, n_prompt); }
  void begin(const Usage& so_far) override { sink_->begin(so_far); }
  void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) override {
    if (choice == 0 && delta.kind == ChatDelta::Kind::content) text_ += delta.text;
    sink_->delta(choice, delta, tokens);
  }
  void choice_end(int choice, const ChoiceEnd& end) override { sink_->choice_end(choice, end); }
  void end(const Usage& usage) override {
    service_.write([self = shared_from_this(), usage] { self->keep_and_end(usage); });
  }
  void fail(const Error& error) override {
    service_.write([self = shared_from_this(), error] { self->keep_and_fail(error); });
  }

 private:
  void keep_and_end(const Usage& usage) {
    try {
      memory_->finish(exchange_, sanitize_utf8(text_), false);
    } catch (const Error& error) {
      return sink_->fail(error);
    }
    sink_->end(usage);
  }

  void keep_and_fail(const Error& error) {
    try {
      memory_->finish(exchange_, sanitize_utf8(text_), true);
    } catch (const Error&) {
      // What failed first is what the client is told.
    }
    sink_->fail(error);
  }

  MemoryService& service_;
  const std::shared_ptr<Memory> memory_;
  const Exchange exchange_;
  const std::shared_ptr<AnswerSink> sink_;
  std::string text_;
};

}  // namespace

void read_memory_header(const HttpRequest& request, MemoryOptions& options) {
  const std::string* value = request.headers.find("X-Loam-Memory");
  if (value == nullptr || *value == "on") return;
  if (*value != "off" && *value != "read")
    throw HttpError(400, "X-Loam-Memory is neither on, off nor read", "invalid_request_error");
  options.write = false;
  if (*value == "off") options.recall = RecallMode::off;
}

std::shared_ptr<AnswerSink> remember(MemoryService& service, const Call& call, GenerationRequest& request,
                                     int64_t context, std::shared_ptr<AnswerSink> sink) {
  if (!service.is_on() || !request.is_chat()) return sink;
  read_memory_header(call.request(), request.memory);
  Json& messages = request.conversation["messages"];
  if (request.memory.is_off() || !messages.is_array() || messages.empty()) return sink;
  auto memory = service.for_chat(call.user(), call.exchange());
  if (!memory) return sink;
  const SeenMessages seen = see(messages);
  if (seen.texts.empty()) return sink;
  request.memory.budget = std::min<size_t>(request.memory.budget, static_cast<size_t>(context / kShareOfContext));
  request.memory.is_long = request.truncate && is_nearly_full(seen.texts, context);
  if (const std::string* key = call.request().headers.find("Idempotency-Key")) request.memory.idempotency_key = *key;
  Exchange exchange = memory->begin(seen.texts, request.memory);
  add_to_prompt(exchange, seen.places, messages);
  return std::make_shared<RememberingSink>(service, std::move(memory), std::move(exchange), std::move(sink));
}

}  // namespace loam
