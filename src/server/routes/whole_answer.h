// Answers that are given at once, as one JSON document, and streams that fail.
#pragma once

#include <functional>
#include <memory>

#include "server/api/generation_request.h"
#include "server/generation/collected_answer.h"
#include "server/http/exchange.h"
#include "server/http/http_error.h"
#include "server/routes/sse.h"

namespace loam {

// Collects the answer, keeps the best of its choices where the request says so, and sends what `document` makes of it;
// an error instead in `style`.
std::shared_ptr<AnswerSink> collect(std::shared_ptr<HttpExchange> exchange, const GenerationRequest& request,
                                    ErrorStyle style, std::function<Json(const CollectedAnswer&)> document);

// Ends an OpenAI stream: as an error's status where it has not begun, else with the error as its last event.
void fail_stream(EventStream& stream, const Error& error);

}  // namespace loam
