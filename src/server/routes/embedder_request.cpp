#include "server/routes/embedder_request.h"

#include <chrono>
#include <memory>
#include <utility>

#include "base/error.h"
#include "server/generation/admission.h"
#include "server/server_metrics.h"

namespace loam {
namespace {

using EmbedderClock = std::chrono::steady_clock;

double seconds_since(EmbedderClock::time_point begin) {
  return std::chrono::duration<double>(EmbedderClock::now() - begin).count();
}

// One request on its way: what both ends of its job need.
struct UnderWay {
  EmbedderTask task;
  std::shared_ptr<HttpExchange> exchange;
  ErrorStyle style;
  std::string user;
  std::shared_ptr<void> ticket, model;
  double load_seconds = 0;
  EmbedderClock::time_point begin = EmbedderClock::now();
};

void finish(const ServerContext& server, UnderWay& way, int64_t n_tokens) {
  const EmbedderUse use{.n_tokens = n_tokens, .load_seconds = way.load_seconds, .seconds = seconds_since(way.begin)};
  Usage usage;
  usage.prompt_tokens = static_cast<int>(n_tokens);
  usage.prompt_seconds = use.seconds;
  server.metrics.record(way.user, usage);
  way.ticket.reset();
  way.exchange->send({.status = 200, .content_type = "application/json", .headers = {}}, way.task.render(use).dump());
}

void fail(const ServerContext& server, UnderWay& way, const Error& error) {
  server.metrics.record_failure(way.user, error);
  way.ticket.reset();
  const HttpAnswer answer = HttpError(error).answer(way.style);
  way.exchange->send(answer.head, answer.body);
}

}  // namespace

void ask_embedder(const ServerContext& server, Call& call, const std::string& model, std::optional<bool> wait,
                  std::function<EmbedderTask(const ServedModel& model)> prepare) {
  auto ticket = server.admission.admit(call.user());
  const auto since = EmbedderClock::now();
  with_model(server, call, model, wait, [=](Call& ready, const std::shared_ptr<ServedModel>& served) {
    const auto way = std::make_shared<UnderWay>(UnderWay{.task = prepare(*served),
                                                         .exchange = ready.exchange_pointer(),
                                                         .style = ready.error_style(),
                                                         .user = ready.user().name,
                                                         .ticket = ticket,
                                                         .model = served,
                                                         .load_seconds = seconds_since(since)});
    auto job = std::make_shared<EmbeddingJob>();
    job->n_texts = way->task.n_texts;
    job->cancelled = [exchange = way->exchange] { return !exchange->is_open(); };
    job->work = [way, cancelled = job->cancelled](size_t begin, size_t end) {
      return way->task.work(begin, end, cancelled);
    };
    job->on_end = [server, way](int64_t n_tokens) { finish(server, *way, n_tokens); };
    job->on_error = [server, way](const Error& error) { fail(server, *way, error); };
    served->embedding_runner().submit(std::move(job));
  });
}

}  // namespace loam
