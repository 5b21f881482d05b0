#include "server/models/served_model.h"

#include <fmt/format.h>

#include "base/error.h"
#include "engine/grammar/grammar_expression.h"
#include "engine/grammar/grammar_matcher.h"

namespace loam {
namespace {

// The tokenizer is loaded with the model: from then on it is only read, by any thread.
std::unique_ptr<Engine> with_tokenizer(std::unique_ptr<Engine> engine) {
  engine->tokenizer();
  return engine;
}

GrammarExpression expression_of(const OutputShape& shape) {
  using Kind = OutputShape::Kind;
  switch (shape.kind) {
    case Kind::json_schema: return GrammarExpression::json_schema(shape.schema);
    case Kind::grammar: return GrammarExpression::gbnf(shape.text);
    case Kind::regex: return GrammarExpression::regex(shape.text);
    case Kind::choices: return GrammarExpression::choices(shape.choices);
    default: return GrammarExpression::json_object();
  }
}

}  // namespace

ServedModel::ServedModel(ModelSettings settings, std::unique_ptr<Engine> engine)
    : settings_(std::move(settings)), runner_(std::make_unique<ModelRunner>(with_tokenizer(std::move(engine)))) {
  try {
    chat_ = std::make_unique<Chat>(this->engine().chat_template(), this->engine().tokenizer(),
                                   [this]() -> GrammarCache& { return grammars(); });
  } catch (const Error& error) {
    chat_error_ = error;
  }
}

ServedModel::ServedModel(ModelSettings settings, std::unique_ptr<Embedder> embedder)
    : settings_(std::move(settings)), embedding_runner_(std::make_unique<EmbeddingRunner>(std::move(embedder))) {}

ModelRunner& ServedModel::runner() const {
  if (runner_) return *runner_;
  throw Error(
      Error::Code::invalid,
      fmt::format("{} is an embedding model: it makes vectors (/v1/embeddings, /api/embed), and no text", name()),
      "model");
}

EmbeddingRunner& ServedModel::embedding_runner() const {
  if (embedding_runner_) return *embedding_runner_;
  throw Error(Error::Code::invalid,
              fmt::format("{} makes text, and no vectors: an embedding model does, such as all-minilm-l6-v2", name()),
              "model");
}

const Tokenizer& ServedModel::tokenizer() const {
  return embedding_runner_ ? embedding_runner_->embedder()->tokenizer() : engine().tokenizer();
}
int64_t ServedModel::context() const {
  return embedding_runner_ ? embedding_runner_->embedder()->max_tokens() : engine().context();
}
bool ServedModel::idle() const { return embedding_runner_ ? embedding_runner_->idle() : runner().idle(); }
RunnerCounts ServedModel::counts() const { return embedding_runner_ ? embedding_runner_->counts() : runner().counts(); }
void ServedModel::forget(const std::string& cache_salt) {
  if (runner_) runner_->forget(cache_salt);
}

void ServedModel::stop() { embedding_runner_ ? embedding_runner_->stop() : runner().stop(); }

GrammarCache& ServedModel::grammars() const {
  std::call_once(grammars_made_, [this] {
    grammars_ = std::make_unique<GrammarCache>(std::make_shared<GrammarVocabulary>(engine().tokenizer()));
  });
  return *grammars_;
}

std::unique_ptr<TokenConstraint> ServedModel::constraint(const OutputShape& shape) const {
  if (shape.kind == OutputShape::Kind::free) return nullptr;
  return std::make_unique<GrammarMatcher>(grammars().get(expression_of(shape)));
}

const Chat& ServedModel::chat() const {
  runner();  // Error for an embedding model
  if (chat_ == nullptr) throw *chat_error_;
  return *chat_;
}

}  // namespace loam
