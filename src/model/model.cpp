#include "model/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/encoder.h"
#include "model/tensor_list.h"

namespace loam {

namespace {

// A tensor that does not fit is told by the hyperparameters that it contradicts, where the first layer's show them.
std::unique_ptr<Model> bind_model(const Architecture& architecture, const Weights& weights) {
  try {
    return architecture.make(weights);
  } catch (const Error& e) {
    if (e.where().starts_with("shape@")) check_tensors(ModelConfig::read(weights.metadata()), weights.file());
    throw;
  }
}

}  // namespace

std::vector<std::string_view> Model::architectures() {
  std::vector<std::string_view> names;
  for (const Architecture& a : kArchitectures) names.push_back(a.name);
  return names;
}

std::unique_ptr<Model> Model::create(const Weights& weights) {
  if (Encoder::is_encoder(weights.metadata()))
    throw Error(Error::Code::unsupported,
                fmt::format("this is an embedding model (\"{}\"): it makes vectors, with `loam embed`, and no text",
                            weights.metadata().require_string("general.architecture")),
                fmt::format("general.architecture@{}", weights.metadata().find("general.architecture")->offset));
  return create_without_head(weights);
}

std::unique_ptr<Model> Model::create_without_head(const Weights& weights) {
  if (weights.file().tensors().empty())
    throw Error(Error::Code::model_invalid, "this file holds a vocabulary and no weights: it can tokenise, not run",
                "tensor_count@8");
  const std::string_view arch = weights.metadata().require_string("general.architecture");
  for (const Architecture& a : kArchitectures)
    if (a.name == arch) return bind_model(a, weights);
  throw Error(
      Error::Code::unsupported,
      fmt::format("loam does not run the architecture \"{}\" (it runs {})", arch, fmt::join(architectures(), ", ")),
      fmt::format("general.architecture@{}", weights.metadata().find("general.architecture")->offset));
}

Model::Model(const Weights& weights) : config_(ModelConfig::read(weights.metadata())), weights_(weights) {}

Tensor Model::forward(Context& context, const Batch& batch, KvCache& cache) const {
  const Tensor states = hidden(context, batch, cache);
  if (batch.logit_rows.empty()) return {};
  Ops f(context);
  return logits(f, states);
}

void Model::bind_ends() {
  const Shape shape{config_.n_vocab, config_.dim};
  if (Encoder::is_encoder(weights_.metadata()))
    ends_ = {.embed = weights_.table("token_embd", shape), .head = {}};
  else if (weights_.has("output"))
    ends_ = {.embed = weights_.table("token_embd", shape), .head = weights_.linear("output", shape)};
  else
    ends_.embed = ends_.head.weight = weights_.matrix("token_embd", shape);
}

}  // namespace loam
