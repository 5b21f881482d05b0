// An answer in the shapes of OpenAI's Responses: items, as one document or as events that tell how they grow.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/generation/collected_answer.h"
#include "server/models/served_model.h"
#include "server/routes/sse.h"

namespace loam {

// `head`: the response without output, status and usage.
Json whole_response(const Tokenizer& tokenizer, const Json& head, const CollectedAnswer& answer);

// created, in_progress, for each item added, its parts, deltas and done, then completed or incomplete; each event with
// the next sequence_number.
class ResponseEvents final : public AnswerSink {
 public:
  // `done` is told the whole response before its last event.
  ResponseEvents(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<ServedModel> model, Json head,
                 std::function<void(const Json&)> done);

  void begin(const Usage& so_far) override;
  void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) override;
  void choice_end(int choice, const ChoiceEnd& end) override;
  void end(const Usage& usage) override;
  void fail(const Error& error) override;

 private:
  // The item that is open: a message, reasoning, or a call.
  struct Item {
    ChatDelta::Kind kind;
    Json json;         // as it was added
    std::string text;  // or arguments
    Json logprobs;
  };

  void send(const char* type, Json members);
  void open(ChatDelta::Kind kind, Json item);
  void open_text(ChatDelta::Kind kind);
  void grow(const ChatDelta& delta, std::span<const LoggedToken> tokens);
  void close();
  void close_part();
  Json place() const;

  EventStream stream_;
  const std::shared_ptr<ServedModel> model_;
  Json response_;
  const std::function<void(const Json&)> done_;
  std::optional<Item> item_;
  ChoiceEnd end_;
  int64_t n_sent_ = 0;
};

}  // namespace loam
