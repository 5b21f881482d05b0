#include "server/memory/thinker.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "server/generation/answer.h"
#include "server/generation/collected_answer.h"
#include "server/models/model_manager.h"

namespace loam {
namespace {

constexpr int64_t kMostThoughtTokens = 400;
constexpr double kThinkWeight = 0.01;  // of the machine, beside anybody who comes
constexpr int kThinkPriority = -4;

std::shared_ptr<ServedModel> loaded_chat_model(ModelManager& models) {
  for (const ModelStatus& status : models.status())
    if (status.model && status.model->has_chat()) return status.model;
  return nullptr;
}

GenerationRequest thought(const std::string& instruction, const std::string& text, const std::string& schema) {
  GenerationRequest request;
  Json& messages = request.conversation["messages"] = Json::array();
  messages.push_back({{"role", "user"}, {"content", instruction.empty() ? text : instruction + "\n\n" + text}});
  request.sampling.temperature = 0;
  request.sampling.max_tokens = kMostThoughtTokens;
  request.chat.thinking = false;
  request.priority = kThinkPriority;
  if (!schema.empty()) request.shape = {.kind = OutputShape::Kind::json_schema, .schema = Json::parse(schema)};
  return request;
}

// The answer's end, which comes on the model's thread.
struct Outcome {
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  std::optional<std::string> text;

  void end(std::optional<std::string> answer) {
    {
      const std::lock_guard lock(mutex);
      text = std::move(answer);
      ended = true;
    }
    changed.notify_all();
  }
};

}  // namespace

Think think_with(ModelManager& models, std::function<bool()> is_busy) {
  return [&models, is_busy = std::move(is_busy)](const std::string& instruction, const std::string& text,
                                                 const std::string& schema) -> std::optional<std::string> {
    const auto model = loaded_chat_model(models);
    if (!model) return std::nullopt;
    const auto outcome = std::make_shared<Outcome>();
    const auto sink = std::make_shared<CollectedAnswer>(
        1, [outcome](CollectedAnswer& answer) { outcome->end(answer.choices[0].content); },
        [outcome](const Error&) { outcome->end(std::nullopt); });
    const auto answer = Answer::start(model, thought(instruction, text, schema), "", kThinkWeight, sink);
    std::unique_lock lock(outcome->mutex);
    while (!outcome->changed.wait_for(lock, std::chrono::milliseconds(50), [&] { return outcome->ended; }))
      if (is_busy()) answer->cancel();
    return outcome->text;
  };
}

}  // namespace loam
