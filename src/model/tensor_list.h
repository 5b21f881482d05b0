// The tensors of the architectures that loam runs, by the sizes that shape them: what a model without a file consists
// of, and which hyperparameters a tensor contradicts.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "file/gguf.h"
#include "model/model_config.h"
#include "tensor/tensor.h"

namespace loam {

// A dimension of a tensor, as the hyperparameters give it.
enum class Size { none, dim, vocab, ffn, query, key, value, attended, head_dim, experts, expert_ffn };

// What a model must have for a tensor to be part of it.
enum class Part { any, own_head, qkv_bias, head_norms, post_norms, dense_ffn, experts };

struct TensorSpec {
  std::string_view gguf;      // "attn_q.weight", of a layer below "blk.0."
  std::string_view hugging;   // "self_attn.q_proj.weight", of a layer below "model.layers.0."; "" where it has no use
  std::array<Size, 3> shape;  // outermost first; `none` behind the last
  Part part = Part::any;
  bool of_layer = true;

  int rank() const;
  std::string gguf_name(int layer) const;
};

std::span<const TensorSpec> tensor_specs();
int64_t size_of(const ModelConfig& config, Size size);
Shape shape_of(const ModelConfig& config, const TensorSpec& spec);

// What a format calls the hyperparameter behind each Size.
using FieldNames = std::array<std::string_view, 11>;
extern const FieldNames kGgufFields, kHuggingFields;

// The shape of the first layer's tensor, where the model has it.
using ShapeLookup = std::function<std::optional<Shape>(const TensorSpec& spec)>;
ShapeLookup shapes_in(const GgufFile& file);  // which must outlive it

struct Contradiction {
  std::string message;  // "hidden_size is 2048, but embed_tokens.weight has shape (256, 1024) instead of (256, 2048)"
  const TensorSpec* tensor;
};
// One for each hyperparameter that the tensors contradict.
std::vector<Contradiction> contradictions(const ModelConfig& config, const FieldNames& names, const ShapeLookup& find);
// The messages as one.
std::string join_messages(const std::vector<Contradiction>& contradictions);

// Error(model_invalid, "shape@<offset>") naming every hyperparameter that the first layer's tensors contradict.
void check_tensors(const ModelConfig& config, const GgufFile& file);

}  // namespace loam
