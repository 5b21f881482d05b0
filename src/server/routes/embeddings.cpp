// POST /v1/embeddings (OpenAI), /api/embed and /api/embeddings (Ollama): texts as vectors.
#include "server/routes/embeddings.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "base/error.h"
#include "server/models/model_manager.h"
#include "server/routes/embedder_request.h"
#include "server/routes/ollama_input.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMostInputs = 2048;  // as OpenAI's
constexpr size_t kMostIds = 1 << 20;
constexpr int64_t kMostDimensions = 1 << 24;

Json ids_schema() { return array(integer(0, INT32_MAX), kMostIds, 1); }

Field<EmbeddingRequest> model_field() {
  return {"model", "an embedding model's name", string(1024), [](const Json& v, EmbeddingRequest& r) { r.model = v; }};
}
Field<EmbeddingRequest> dimensions_field() {
  return {"dimensions", "keep the first so many numbers of each vector, brought to length 1 again",
          integer(1, kMostDimensions), [](const Json& v, EmbeddingRequest& r) { r.dimensions = to_integer(v); }};
}
void keep_input(const Json& value, EmbeddingRequest& request) { request.input = value; }

// What stands before each text.
const std::string& prompt_of(const EmbeddingRequest& request, const TextPrompts& prompts) {
  if (!request.prompt_name.empty() || request.input_type.empty())
    return prompts.get(request.prompt_name, "prompt_name");
  const std::string& type = request.input_type;  // "query", "search_query", "passage", …: servers differ
  if (type.ends_with("query")) return prompts.query();
  return type.ends_with("document") || type.ends_with("passage") ? prompts.document() : prompts.get("", "");
}

// → for each text its ids. Error(invalid) naming the text that is wrong.
std::vector<std::vector<Token>> read_texts(const EmbeddingRequest& request, const Embedder& embedder) {
  const bool is_one = !request.input.is_array() || request.input[0].is_number();
  if (!is_one && request.input.size() > kMostInputs)
    throw Error(Error::Code::invalid,
                fmt::format("input has {} texts; at most {} go in one request", request.input.size(), kMostInputs),
                "input");
  const std::string& prompt = prompt_of(request, embedder.prompts());
  std::vector<std::vector<Token>> texts;
  for (const Json& text : is_one ? Json::array({request.input}) : request.input) {
    const std::string place = is_one ? "input" : fmt::format("input[{}]", texts.size());
    check_value(text, either({string(), ids_schema()}), place);
    bool truncated = false;
    if (text.is_string()) {
      texts.push_back(embedder.tokenize(prompt + text.get_ref<const std::string&>(), &truncated));
    } else {
      std::vector<Token>& ids = texts.emplace_back();
      for (const Json& id : text) ids.push_back(static_cast<Token>(to_integer(id)));
      truncated = std::ssize(ids) > embedder.max_tokens();
      for (const Token id : ids)
        if (id >= embedder.tokenizer().n_vocab())
          throw Error(Error::Code::invalid,
                      fmt::format("{} holds the id {}; the vocabulary has 0 to {}", place, id,
                                  embedder.tokenizer().n_vocab() - 1),
                      place);
    }
    if (truncated && !request.truncate)
      throw Error(Error::Code::invalid,
                  fmt::format("{} is longer than the {} tokens that the model reads", place, embedder.max_tokens()),
                  place);
  }
  return texts;
}

void shorten(std::vector<float>& vector, int64_t dimensions) {
  if (dimensions == 0) return;
  vector.resize(static_cast<size_t>(dimensions));
  double squares = 0;
  for (const float x : vector) squares += double{x} * x;
  const float scale = squares > 0 ? static_cast<float>(1 / std::sqrt(squares)) : 0;
  for (float& x : vector) x *= scale;
}

std::string base64_of(const std::vector<float>& vector) {
  const size_t bytes = vector.size() * sizeof(float);
  std::string text(sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(vector.data()), bytes,
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminating zero
  return text;
}

using Render = std::function<Json(const EmbeddingRequest&, const std::vector<Embedding>&, const EmbedderUse&)>;

void embed(const ServerContext& server, Call& call, EmbeddingRequest asked, Render render) {
  if (asked.model.empty()) asked.model = server.models.resolve("").model;
  const auto request = std::make_shared<const EmbeddingRequest>(std::move(asked));
  ask_embedder(server, call, request->model, request->wait, [=](const ServedModel& model) {
    const std::shared_ptr<const Embedder> embedder = model.embedding_runner().embedder();
    if (embedder->scores())
      throw Error(Error::Code::invalid,
                  fmt::format("{} scores documents for a query (/v1/rerank), and makes no vectors", model.name()),
                  "model");
    if (request->dimensions > embedder->dimensions())
      throw Error(Error::Code::invalid,
                  fmt::format("dimensions is {}; {} has {}", request->dimensions, model.name(), embedder->dimensions()),
                  "dimensions");
    const auto texts = std::make_shared<const std::vector<std::vector<Token>>>(read_texts(*request, *embedder));
    const auto all = std::make_shared<std::vector<Embedding>>();
    const auto work = [=](size_t begin, size_t end, const Cancelled& cancelled) {
      int64_t n_tokens = 0;
      for (Embedding& one : embedder->embed_tokens(std::span(*texts).subspan(begin, end - begin), cancelled)) {
        n_tokens += one.n_tokens;
        shorten(one.vector, request->dimensions);
        all->push_back(std::move(one));
      }
      return n_tokens;
    };
    return EmbedderTask{.n_texts = texts->size(), .work = work, .render = [=](const EmbedderUse& use) {
                          return render(*request, *all, use);
                        }};
  });
}

EmbeddingRequest read_body(Call& call, const Fields<EmbeddingRequest>& table) {
  const Json& body = call.json();
  if (!body.is_object()) throw Error(Error::Code::invalid, "the body is no JSON object", "body");
  EmbeddingRequest request;
  read_fields(body, table, request);
  return request;
}

Json openai_answer(const EmbeddingRequest& request, const std::vector<Embedding>& all, const EmbedderUse& use) {
  Json data = Json::array();
  for (const Embedding& embedding : all) {
    Json vector = request.base64 ? Json(base64_of(embedding.vector)) : Json(embedding.vector);
    data.push_back({{"object", "embedding"}, {"index", data.size()}, {"embedding", std::move(vector)}});
  }
  return {{"object", "list"},
          {"data", std::move(data)},
          {"model", request.model},
          {"usage", {{"prompt_tokens", use.n_tokens}, {"total_tokens", use.n_tokens}}}};
}

Json ollama_answer(const EmbeddingRequest& request, const std::vector<Embedding>& all, const EmbedderUse& use) {
  const auto nanoseconds = [](double seconds) { return static_cast<int64_t>(seconds * 1e9); };
  Json vectors = Json::array();
  for (const Embedding& embedding : all) vectors.push_back(embedding.vector);
  return {{"model", request.model},
          {"embeddings", std::move(vectors)},
          {"total_duration", nanoseconds(use.load_seconds + use.seconds)},
          {"load_duration", nanoseconds(use.load_seconds)},
          {"prompt_eval_count", use.n_tokens}};
}

void openai_embeddings(const ServerContext& server, Call& call) {
  embed(server, call, read_body(call, openai_embedding_parameters()), openai_answer);
}

// Both of Ollama's: the older one takes one "prompt" and gives one "embedding".
void ollama_embed(const ServerContext& server, Call& call, bool is_old) {
  EmbeddingRequest request = read_body(call, ollama_embedding_parameters());
  const Json& body = call.json();
  if (is_old && body.contains("prompt")) {
    check_value(body["prompt"], string(), "prompt");
    request.input = body["prompt"];
  }
  if (request.input.is_null()) throw Error(Error::Code::invalid, "input is missing", is_old ? "prompt" : "input");
  if (const auto keep_alive = ollama_keep_alive(body))
    server.models.keep(server.models.resolve(request.model).model, *keep_alive);
  embed(server, call, std::move(request),
        [is_old](const EmbeddingRequest& asked, const std::vector<Embedding>& all, const EmbedderUse& use) {
          if (is_old) return Json{{"embedding", all.front().vector}};
          return ollama_answer(asked, all, use);
        });
}

}  // namespace

const Fields<EmbeddingRequest>& openai_embedding_parameters() {
  static const Fields<EmbeddingRequest> table = {
      model_field(),
      {"input",
       "a text, a list of texts, a text's token ids, or a list of those; what is longer than the model reads is cut",
       either({string(), array(any(), kMostIds, 1)}), keep_input, true},
      {"encoding_format", "float: numbers; base64: little-endian float32", one_of({"float", "base64"}),
       [](const Json& v, EmbeddingRequest& r) { r.base64 = v == "base64"; }},
      dimensions_field(),
      {"prompt_name", "the model's own prompt of this name stands before each text: query, document, …", string(1024),
       [](const Json& v, EmbeddingRequest& r) { r.prompt_name = v; }},
      {"input_type", "what the texts are, for models that have prompts for such: query, document or passage",
       string(1024), [](const Json& v, EmbeddingRequest& r) { r.input_type = v; }},
      {"wait", "wait for a model that is loading", boolean(), [](const Json& v, EmbeddingRequest& r) { r.wait = v; }}};
  return table;
}

const Fields<EmbeddingRequest>& ollama_embedding_parameters() {
  static const Fields<EmbeddingRequest> table = {
      model_field(),
      {"input", "a text or a list of texts", either({string(), array(string(), kMostInputs, 1)}), keep_input},
      {"truncate", "cut what is longer than the model reads; false: refuse it", boolean(),
       [](const Json& v, EmbeddingRequest& r) { r.truncate = v; }},
      dimensions_field()};
  return table;
}

std::vector<Route> embedding_routes(const ServerContext& server) {
  const auto style = ErrorStyle::ollama;
  return {{"POST", "/v1/embeddings", Role::user, [server](Call& call) { openai_embeddings(server, call); }},
          {"POST", "/api/embed", Role::user, [server](Call& call) { ollama_embed(server, call, false); }, style},
          {"POST", "/api/embeddings", Role::user, [server](Call& call) { ollama_embed(server, call, true); }, style}};
}

}  // namespace loam
