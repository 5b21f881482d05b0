// A chat that is remembered: the question is kept before the model reads it, what belongs to it is added to the prompt,
// and the answer is kept before its end is told.
#pragma once

#include <memory>

#include "memory/exchange.h"
#include "server/api/generation_request.h"
#include "server/generation/answer_sink.h"
#include "server/http/call.h"

namespace loam {

class MemoryService;

// What the header X-Loam-Memory says goes before the body: "off", "read" (recalls, keeps nothing) or "on".
// HttpError(400) for anything else.
void read_memory_header(const HttpRequest& request, MemoryOptions& options);

// Keeps the question and changes the conversation. → the sink that keeps the answer and passes everything on to `sink`;
// `sink` itself where nothing is remembered. Error(io) where the question cannot be kept.
std::shared_ptr<AnswerSink> remember(MemoryService& service, const Call& call, GenerationRequest& request,
                                     int64_t context, std::shared_ptr<AnswerSink> sink);

}  // namespace loam
