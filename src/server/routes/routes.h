// The server's endpoints, a family a file.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/generation/answering.h"
#include "server/http/router.h"

namespace loam {

std::vector<Route> chat_completion_routes(const ServerContext& server);  // OpenAI: /v1/chat/completions
std::vector<Route> completion_routes(const ServerContext& server);       // OpenAI: /v1/completions
std::vector<Route> responses_routes(const ServerContext& server);        // OpenAI: /v1/responses
std::vector<Route> embedding_routes(const ServerContext& server);        // /v1/embeddings, /api/embed
std::vector<Route> rerank_routes(const ServerContext& server);           // /v1/rerank, /rerank
std::vector<Route> model_routes(const ServerContext& server);            // OpenAI: /v1/models
std::vector<Route> anthropic_routes(const ServerContext& server);        // /v1/messages
std::vector<Route> ollama_routes(const ServerContext& server);           // /api/chat, /api/generate
std::vector<Route> ollama_model_routes(const ServerContext& server);     // /api/tags, /api/show, …
std::vector<Route> native_routes(const ServerContext& server);           // /health, /props, /slots, /apply-template
std::vector<Route> tokenizer_routes(const ServerContext& server);        // /tokenize, /detokenize, /tokenizer_info
std::vector<Route> metrics_routes(const ServerContext& server);          // /metrics
std::vector<Route> memory_routes(const ServerContext& server);           // /v1/memory/…
std::vector<Route> openapi_routes(const ServerContext& server);          // /openapi.json

// All of them, and the tables behind those that have one, for the OpenAPI document.
std::vector<Route> all_routes(const ServerContext& server);

// One whose handler wants a loaded model: the body's "model", or else the first.
Route model_route(const ServerContext& server, const char* method, const char* path,
                  std::function<void(Call&, const std::shared_ptr<ServedModel>&)> handler);

const Parameters& chat_completion_parameters();
const Parameters& completion_parameters();

}  // namespace loam
