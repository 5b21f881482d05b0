// The explicit list of everything that the server answers.
#include <iterator>

#include "server/routes/routes.h"

namespace loam {

std::vector<Route> all_routes(const ServerContext& server) {
  std::vector<Route> all;
  for (auto* family : {chat_completion_routes, completion_routes, responses_routes, embedding_routes, rerank_routes,
                       model_routes, anthropic_routes, ollama_routes, ollama_model_routes, native_routes,
                       tokenizer_routes, metrics_routes, memory_routes, openapi_routes}) {
    std::vector<Route> routes = family(server);
    std::move(routes.begin(), routes.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace loam
