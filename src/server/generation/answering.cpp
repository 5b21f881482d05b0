#include "server/generation/answering.h"

#include <fmt/format.h>

#include <chrono>

#include "server/generation/admission.h"
#include "server/generation/answer.h"
#include "server/memory/remembering.h"
#include "server/models/model_manager.h"
#include "server/server_metrics.h"

namespace loam {
namespace {

bool has_instructions(const Json& messages) {
  for (const Json& message : messages)
    if (message.is_object() &&
        (message.value("role", Json()) == "system" || message.value("role", Json()) == "developer"))
      return true;
  return false;
}

void add_system_message(const std::string& text, Json& conversation) {
  Json& messages = conversation["messages"];
  if (text.empty() || !messages.is_array() || has_instructions(messages)) return;
  messages.insert(messages.begin(), Json{{"role", "system"}, {"content", text}});
}

void keep_to_budget(int64_t budget, int64_t& max_tokens) {
  if (budget >= 0 && (max_tokens < 0 || max_tokens > budget)) max_tokens = budget;
}

// The sink in the middle: holds what must live as long as the request, and counts.
class CountingSink final : public AnswerSink {
 public:
  CountingSink(std::shared_ptr<AnswerSink> sink, std::shared_ptr<void> ticket, ServerMetrics& metrics, std::string user,
               double load_seconds)
      : sink_(std::move(sink)),
        ticket_(std::move(ticket)),
        metrics_(metrics),
        user_(std::move(user)),
        load_seconds_(load_seconds) {}

  void reading(int64_t n_read, int64_t n_prompt) override { sink_->reading(n_read, n_prompt); }
  void begin(const Usage& so_far) override { sink_->begin(so_far); }
  void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) override {
    sink_->delta(choice, delta, tokens);
  }
  void choice_end(int choice, const ChoiceEnd& end) override { sink_->choice_end(choice, end); }
  void end(const Usage& usage) override {
    Usage total = usage;
    total.load_seconds = load_seconds_;
    metrics_.record(user_, total);
    ticket_.reset();  // a client that has its answer may ask again at once
    sink_->end(total);
  }
  void fail(const Error& error) override {
    metrics_.record_failure(user_, error);
    ticket_.reset();
    sink_->fail(error);
  }

 private:
  const std::shared_ptr<AnswerSink> sink_;
  std::shared_ptr<void> ticket_;
  ServerMetrics& metrics_;
  const std::string user_;
  const double load_seconds_;
};

// Hands the request to the model; the client's leaving cancels it.
void start(const ServerContext& server, const Call& call, GenerationRequest request, const MakeSink& make_sink,
           std::shared_ptr<void> ticket, double load_seconds, const std::shared_ptr<ServedModel>& model) {
  const std::string& user = call.user().name;
  const auto counting =
      std::make_shared<CountingSink>(make_sink(model), std::move(ticket), server.metrics, user, load_seconds);
  auto sink = remember(server.memory, call, request, context_of(*model, request), counting);
  const auto weights = server.models.settings().weights;
  const auto weight = weights.find(user);
  const auto generation =
      Answer::start(model, std::move(request), user, weight == weights.end() ? 1 : weight->second, std::move(sink));
  call.exchange().on_close([weak = std::weak_ptr(generation)] {
    if (const auto cancelled = weak.lock()) cancelled->cancel();
  });
}

}  // namespace

void read_request(const ServerContext& server, const Json& body, const Parameters& table, GenerationRequest& request) {
  if (!body.is_object()) throw Error(Error::Code::invalid, "the body is no JSON object", "body");
  if (const auto model = body.find("model"); model != body.end() && !model->is_null()) {
    check_value(*model, schema::string(1024), "model");
    request.model = *model;
  }
  const auto resolved = server.models.resolve(request.model);
  if (resolved.profile) read_fields(resolved.profile->parameters, profile_parameters(), request);
  read_fields(body, table, request);
  if (request.model.empty()) request.model = resolved.model;
  if (!resolved.profile) return;
  keep_to_budget(resolved.profile->token_budget, request.sampling.max_tokens);
  if (request.is_chat()) add_system_message(resolved.profile->system, request.conversation);
}

void with_model(const ServerContext& server, Call& call, const std::string& name, std::optional<bool> wait,
                std::function<void(Call&, const std::shared_ptr<ServedModel>&)> use) {
  const std::string model = server.models.resolve(name).model;
  call.exchange().note("model", model);
  const auto held = std::make_shared<Call>(std::move(call));
  const auto refuse = [server, held](const Error& error) {
    server.metrics.record_failure(held->user().name, error);
    held->reply_error(error);
  };
  const auto ready = [held, refuse, use = std::move(use)](const std::shared_ptr<ServedModel>& served) {
    try {
      if (held->exchange().is_open()) use(*held, served);
    } catch (const Error& error) {
      refuse(error);
    }
  };
  server.models.use(model, wait.value_or(server.models.settings().wait), ready, refuse);
}

void answer(const ServerContext& server, Call& call, GenerationRequest request, MakeSink make_sink) {
  const auto ticket = server.admission.admit(call.user());
  const auto since = std::chrono::steady_clock::now();
  const std::string name = request.model;
  const std::optional<bool> wait = request.wait;
  with_model(server, call, name, wait,
             [=, request = std::move(request), make_sink = std::move(make_sink)](
                 const Call& ready, const std::shared_ptr<ServedModel>& model) {
               const auto load = std::chrono::duration<double>(std::chrono::steady_clock::now() - since);
               start(server, ready, request, make_sink, ticket, load.count(), model);
             });
}

}  // namespace loam
