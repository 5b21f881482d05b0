#include "server/routes/whole_answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/generation/answer.h"

namespace loam {
namespace {

void send(HttpExchange& exchange, const HttpAnswer& answer) { exchange.send(answer.head, answer.body); }

}  // namespace

std::shared_ptr<AnswerSink> collect(std::shared_ptr<HttpExchange> exchange, const GenerationRequest& request,
                                    ErrorStyle style, std::function<Json(const CollectedAnswer&)> document) {
  const int n = request.n, group = std::max(request.n, request.best_of);
  return std::make_shared<CollectedAnswer>(
      Answer::n_choices(request),
      [=, document = std::move(document)](CollectedAnswer& answer) {
        if (group > n) answer.keep_best(group, n);
        exchange->send({.status = 200, .content_type = "application/json", .headers = {}}, to_text(document(answer)));
      },
      [=](const Error& error) { send(*exchange, HttpError(error).answer(style)); });
}

void fail_stream(EventStream& stream, const Error& error) {
  const HttpError fault(error);
  if (!stream.has_begun()) return send(*stream.exchange(), fault.answer(ErrorStyle::openai));
  stream.send_text(fault.body(ErrorStyle::openai));
  stream.end();
}

}  // namespace loam
