// GET /openapi.json: the API described by the tables that check its requests (https://spec.openapis.org/oas/v3.1.0).
#include <nlohmann/json.hpp>

#include "server/memory/memory_api.h"
#include "server/routes/anthropic_input.h"
#include "server/routes/embeddings.h"
#include "server/routes/ollama_input.h"
#include "server/routes/openai_common.h"
#include "server/routes/rerank.h"
#include "server/routes/responses_input.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

struct Described {
  std::string path;
  std::string_view summary;
  Json schema;
};

Json operation(const Described& endpoint) {
  return {{"summary", endpoint.summary},
          {"requestBody", {{"required", true}, {"content", {{"application/json", {{"schema", endpoint.schema}}}}}}},
          {"responses",
           {{"200", {{"description", "the answer, whole or as a stream"}}},
            {"400", {{"description", "a parameter is wrong; error.param names it"}}},
            {"401", {{"description", "the key is missing or wrong"}}},
            {"429", {{"description", "too many requests are under way; see Retry-After"}}},
            {"503", {{"description", "the model is loading, or does not fit; see Retry-After"}}}}}};
}

Json document() {
  Json paths = Json::object();
  for (const Described& endpoint : {
           Described{"/v1/chat/completions", "answer a conversation (OpenAI)",
                     object_schema(chat_completion_parameters())},
           Described{"/v1/completions", "go on with a text (OpenAI)", object_schema(completion_parameters())},
           Described{"/v1/responses", "answer a conversation (OpenAI's Responses)",
                     object_schema(responses_parameters())},
           Described{"/v1/embeddings", "texts as vectors (OpenAI)", object_schema(openai_embedding_parameters())},
           Described{"/api/embed", "texts as vectors (Ollama)", object_schema(ollama_embedding_parameters())},
           Described{"/v1/rerank", "documents by how well they answer a query (Jina, Cohere)",
                     object_schema(rerank_parameters())},
           Described{"/v1/messages", "answer a conversation (Anthropic)", object_schema(anthropic_parameters())},
           Described{"/api/chat", "answer a conversation (Ollama)", object_schema(ollama_chat_parameters())},
           Described{"/api/generate", "answer a prompt (Ollama)", object_schema(ollama_generate_parameters())},
       })
    paths[endpoint.path] = {{"post", operation(endpoint)}};
  for (const MemoryOperation& memory : memory_operations()) {
    const std::string path = "/v1/memory/" + std::string(memory.name);
    paths[path] = {{"post", operation({path, memory.summary, object_schema(memory.arguments)})}};
  }
  paths["/v1/memory/export"] = {{"get",
                                 {{"summary", "all that the user's memory keeps, a turn as JSON in each line"},
                                  {"responses",
                                   {{"200", {{"description", "application/jsonl"}}},
                                    {"401", {{"description", "the key is missing or wrong"}}}}}}}};
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "loam"}, {"version", LOAM_VERSION}}},
          {"paths", std::move(paths)},
          {"components", {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}}}},
          {"security", Json::array({{{"key", Json::array()}}})}};
}

}  // namespace

std::vector<Route> openapi_routes(const ServerContext&) {
  return {{"GET", "/openapi.json", Role::user, [](Call& call) { call.reply_json(200, document()); }}};
}

}  // namespace loam
