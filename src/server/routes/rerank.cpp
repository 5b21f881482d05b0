// POST /v1/rerank and /rerank (Jina's and Cohere's form): how well documents answer a query, the best first.
#include "server/routes/rerank.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "base/error.h"
#include "server/models/model_manager.h"
#include "server/routes/embedder_request.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMostDocuments = 2048;  // as of texts that are embedded

// Texts, or objects that hold one as "text".
void read_documents(const Json& value, RerankRequest& request) {
  for (const Json& document : value) {
    const std::string place = fmt::format("documents[{}]", request.documents.size());
    const bool is_object = document.is_object();
    const Json text = is_object ? document.value("text", Json()) : document;
    check_value(text, string(), is_object ? place + ".text" : place);
    request.documents.push_back(text.get<std::string>());
  }
}

RerankRequest read_request(Call& call) {
  const Json& body = call.json();
  if (!body.is_object()) throw Error(Error::Code::invalid, "the body is no JSON object", "body");
  RerankRequest request;
  read_fields(body, rerank_parameters(), request);
  return request;
}

Json rerank_answer(const RerankRequest& request, const std::vector<Score>& scores, const EmbedderUse& use) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return scores[a].logit > scores[b].logit; });
  if (request.top_n > 0) order.resize(std::min(order.size(), static_cast<size_t>(request.top_n)));
  Json results = Json::array();
  for (const size_t i : order) {
    const double score = request.raw_scores ? scores[i].logit : relevance(scores[i]);
    Json& result = results.emplace_back(Json{{"index", i}, {"relevance_score", score}});
    if (request.return_documents) result["document"] = {{"text", request.documents[i]}};
  }
  return {{"object", "list"},
          {"model", request.model},
          {"results", std::move(results)},
          {"usage", {{"prompt_tokens", use.n_tokens}, {"total_tokens", use.n_tokens}}}};
}

void rerank(const ServerContext& server, Call& call) {
  RerankRequest asked = read_request(call);
  if (asked.model.empty()) asked.model = server.models.resolve("").model;
  const auto request = std::make_shared<const RerankRequest>(std::move(asked));
  ask_embedder(server, call, request->model, request->wait, [request](const ServedModel& model) {
    const std::shared_ptr<const Embedder> embedder = model.embedding_runner().embedder();
    if (!embedder->scores())
      throw Error(
          Error::Code::invalid,
          fmt::format("{} makes vectors, and scores no documents: a cross-encoder (reranker) does", model.name()),
          "model");
    const auto scores = std::make_shared<std::vector<Score>>();
    const auto work = [=](size_t begin, size_t end, const Cancelled& cancelled) {
      int64_t n_tokens = 0;
      const auto some = std::span(request->documents).subspan(begin, end - begin);
      for (const Score& score : embedder->score(request->query, some, cancelled)) {
        n_tokens += score.n_tokens;
        scores->push_back(score);
      }
      return n_tokens;
    };
    return EmbedderTask{.n_texts = request->documents.size(), .work = work, .render = [=](const EmbedderUse& use) {
                          return rerank_answer(*request, *scores, use);
                        }};
  });
}

}  // namespace

const Fields<RerankRequest>& rerank_parameters() {
  static const Fields<RerankRequest> table = {
      {"model", "a reranker's name", string(1024), [](const Json& v, RerankRequest& r) { r.model = v; }},
      {"query", "what the documents shall answer", string(), [](const Json& v, RerankRequest& r) { r.query = v; },
       true},
      {"documents", "texts, or objects with a \"text\"; what is longer than the model reads is cut",
       array(any(), kMostDocuments, 1), read_documents, true},
      {"top_n", "give the best so many only", integer(1, INT32_MAX),
       [](const Json& v, RerankRequest& r) { r.top_n = to_integer(v); }},
      {"return_documents", "repeat each document beside its score", boolean(),
       [](const Json& v, RerankRequest& r) { r.return_documents = v; }},
      {"raw_scores", "the model's logits, instead of their sigmoid between 0 and 1", boolean(),
       [](const Json& v, RerankRequest& r) { r.raw_scores = v; }},
      {"wait", "wait for a model that is loading", boolean(), [](const Json& v, RerankRequest& r) { r.wait = v; }}};
  return table;
}

std::vector<Route> rerank_routes(const ServerContext& server) {
  return {{"POST", "/v1/rerank", Role::user, [server](Call& call) { rerank(server, call); }},
          {"POST", "/rerank", Role::user, [server](Call& call) { rerank(server, call); }}};
}

}  // namespace loam
