#include "model/hf/encoder_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "model/hf/fields.h"
#include "model/hf/hyperparameters.h"

namespace loam {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const HfFields& f, const char* name, const std::string& found, std::string_view known) {
  throw Error(Error::Code::unsupported,
              fmt::format("{}: {} is \"{}\"; loam has code for {}", escape_control(f.origin()), name,
                          escape_control(found), known),
              "config.json");
}

// A text that may be absent.
void expect(const HfFields& f, const char* name, std::string_view wanted) {
  const Json value = f.json().value(name, Json());
  const std::string found = value.is_null() ? std::string(wanted) : f.text(name);
  if (found != wanted) refuse(f, name, value.is_string() ? found : value.dump(), wanted);
}

void expect_flag(const HfFields& f, const char* name, bool wanted) {
  if (f.flag(name, wanted) != wanted) refuse(f, name, wanted ? "false" : "true", wanted ? "true" : "false");
}

// `name` of the models that transformers itself has, or what the model's own code calls it.
int64_t count_of(HfFields& f, const char* name, const char* own) {
  return f.json().contains(own) ? f.count(own) : f.count(name);
}

void read_sizes(HfFields& f, Hyperparameters& out) {
  const int64_t dim = count_of(f, "hidden_size", "n_embd"), heads = count_of(f, "num_attention_heads", "n_head");
  out.put("embedding_length", dim);
  out.put("block_count", count_of(f, "num_hidden_layers", "n_layer"));
  out.put("vocab_size", f.count("vocab_size"));
  out.put("feed_forward_length", count_of(f, "intermediate_size", "n_inner"));
  out.put("attention.head_count", heads);
  if (dim % heads != 0)
    f.fault(fmt::format("the hidden size is {}, which the number of heads, {}, does not divide", dim, heads));
}

void read_epsilon(HfFields& f, const char* name, double fallback, Hyperparameters& out) {
  const double epsilon = f.number(name, fallback);
  if (!(epsilon > 0 && epsilon < 1)) f.fault(fmt::format("{} is no number between 0 and 1", name));
  out.put_number("attention.layer_norm_epsilon", epsilon);
}

void put_types(Metadata& metadata, int64_t n) {
  metadata.insert("tokenizer.ggml.token_type_count", {.type = MetaType::i64, .value = n});
}

void read_bert(HfFields& f, Hyperparameters& out, Metadata& metadata) {
  const bool alibi = out.arch() == "jina-bert-v2";
  expect(f, "hidden_act", "gelu");
  expect(f, "position_embedding_type", alibi ? "alibi" : "absolute");
  const std::string feed_forward = f.text("feed_forward_type");
  if (alibi && feed_forward != "original") expect(f, "feed_forward_type", "geglu");
  read_sizes(f, out);
  const int64_t unused = unused_positions(f.json());
  out.put("context_length", f.count("max_position_embeddings", -1, unused + 1) - unused);
  put_types(metadata, f.count("type_vocab_size", unused > 0 ? 1 : 2));
  read_epsilon(f, "layer_norm_eps", 1e-12, out);
}

// Of newer files in rope_parameters, where `layers` names those that it is of, or else there is one for all.
double rope_base(HfFields& f, const char* layers, const char* older, double fallback) {
  Json rope = f.json().value("rope_parameters", Json());
  if (rope.is_object() && layers) rope = rope.value(layers, Json());
  if (!rope.is_object()) return f.number(older, fallback);
  const std::string type = rope.value("rope_type", Json("default")).dump();
  if (type != "\"default\"") refuse(f, "rope_type", type, "default");
  return f.number_in(rope, "rope_theta", fallback);
}

// Experts of every n-th layer, whose outputs are weighed by the router's probabilities as they are.
void read_nomic_experts(HfFields& f, Hyperparameters& out) {
  const int64_t n = f.count("num_experts"), used = f.count("moe_top_k", 1);
  if (used > n) f.fault(fmt::format("moe_top_k is {}; expected 1 to num_experts, {}", used, n));
  for (const char* flag : {"expert_choice_router", "moe_normalize_expert_weights"}) expect_flag(f, flag, false);
  if (f.count("num_shared_experts", 0, 0) > 0) refuse(f, "num_shared_experts", "not 0", "0");
  out.put("moe_every_n_layers", f.count("moe_every_n_layers"));
  out.put("expert_count", n);
  out.put("expert_used_count", used);
}

void read_nomic_bert(HfFields& f, Hyperparameters& out, Metadata& metadata) {
  constexpr int64_t kTrainedPositions = 2048;
  const bool experts = out.arch() == "nomic-bert-moe";  // whose other layers have no gate
  if (f.json().contains("activation_function"))
    expect(f, "activation_function", experts ? "gelu" : "swiglu");
  else
    expect(f, "hidden_act", experts ? "gelu" : "silu");
  for (const char* flag : {"prenorm", "rotary_emb_interleaved", "use_rms_norm", "parallel_block"})
    expect_flag(f, flag, false);
  if (f.number("rotary_emb_fraction", 1) != 1) refuse(f, "rotary_emb_fraction", "not 1", "1");
  if (experts) read_nomic_experts(f, out);
  read_sizes(f, out);
  // Further ones stand for a rotation that is stretched by the text's length.
  const int64_t trained = f.count("max_trained_positions", kTrainedPositions);
  out.put("context_length", std::min(count_of(f, "max_position_embeddings", "n_positions"), trained));
  put_types(metadata, f.count("type_vocab_size", 2));
  read_epsilon(f, f.json().contains("layer_norm_epsilon") ? "layer_norm_epsilon" : "layer_norm_eps", 1e-12, out);
  out.put_number("rope.freq_base", rope_base(f, nullptr, "rotary_emb_base", 1000));
}

void read_jina_bert_v3(HfFields& f, Hyperparameters& out, Metadata& metadata) {
  expect(f, "hidden_act", "gelu");
  read_sizes(f, out);
  out.put("context_length", f.count("max_position_embeddings"));
  put_types(metadata, f.count("type_vocab_size", 1));
  read_epsilon(f, "layer_norm_eps", 1e-5, out);
  out.put_number("rope.freq_base", rope_base(f, nullptr, "rotary_emb_base", 20000));
}

// T5's names for the same.
void read_t5(HfFields& f, Hyperparameters& out) {
  const std::string feed_forward = f.text("feed_forward_proj");
  if (feed_forward != "gated-gelu") expect(f, "feed_forward_proj", "relu");
  const int64_t head_dim = f.count("d_kv", 64), farthest = f.count("relative_attention_max_distance", 128);
  if (farthest != 128) refuse(f, "relative_attention_max_distance", std::to_string(farthest), "128");
  out.put("embedding_length", f.count("d_model"));
  out.put("block_count", f.count("num_layers"));
  out.put("vocab_size", f.count("vocab_size"));
  out.put("feed_forward_length", f.count("d_ff"));
  out.put("attention.head_count", f.count("num_heads"));
  out.put("attention.key_length", head_dim);
  out.put("attention.value_length", head_dim);
  out.put("attention.relative_buckets_count", f.count("relative_attention_num_buckets", 32));
  out.put("context_length", f.count("n_positions", 512));
  const double epsilon = f.number("layer_norm_epsilon", 1e-6);
  if (!(epsilon > 0 && epsilon < 1)) f.fault("layer_norm_epsilon is no number between 0 and 1");
  out.put_number("attention.layer_norm_rms_epsilon", epsilon);
}

// The encoder alone, not a model that translates.
bool is_t5_encoder(const Json& config) {
  const Json type = config.value("model_type", Json()), names = config.value("architectures", Json());
  return (type == "t5" || type == "mt5" || type == "umt5") && names.is_array() && !names.empty() &&
         names[0].is_string() && names[0].get_ref<const std::string&>().ends_with("EncoderModel");
}

// Which layers have a window: a list, or one in so many has none.
void read_windows(HfFields& f, Hyperparameters& out) {
  out.put("attention.sliding_window", f.count("local_attention", 128));
  const Json types = f.json().value("layer_types", Json());
  if (!types.is_array()) {
    out.put("attention.sliding_window_pattern", f.count("global_attn_every_n_layers", 3));
    return;
  }
  std::vector<int64_t> slides;
  for (const Json& type : types) slides.push_back(type == "sliding_attention" ? 1 : 0);
  out.put("attention.sliding_window_pattern", slides);
}

void read_modern_bert(HfFields& f, Hyperparameters& out) {
  const std::string activation = f.text("hidden_activation");
  if (activation != "silu") expect(f, "hidden_activation", "gelu");
  expect(f, "classifier_activation", "gelu");
  out.put_text("hidden_activation", activation == "silu" ? "silu" : "gelu");
  const bool mean = f.text("classifier_pooling") == "mean";
  if (!mean) expect(f, "classifier_pooling", "cls");
  out.put("classifier.pooling_type", mean ? 1 : 2);
  read_sizes(f, out);
  out.put("context_length", f.count("max_position_embeddings"));
  read_epsilon(f, "norm_eps", 1e-5, out);
  const double base = rope_base(f, "full_attention", "global_rope_theta", 160000);
  const Json local = f.json().value("local_rope_theta", Json(10000));
  out.put_number("rope.freq_base", base);
  out.put_number("rope.freq_base_swa",
                 rope_base(f, "sliding_attention", "local_rope_theta", local.is_null() ? base : 10000));
  read_windows(f, out);
}

}  // namespace

std::string_view encoder_architecture(const Json& config) {
  const Json type = config.is_object() ? config.value("model_type", Json()) : Json();
  const Json positions = config.is_object() ? config.value("position_embedding_type", Json()) : Json();
  if (type == "bert") return positions == "alibi" ? std::string_view("jina-bert-v2") : "bert";
  if (type == "jina_embeddings_v3" || (type == "xlm-roberta" && positions == "rotary")) return "jina-bert-v3";
  if (type == "roberta" || type == "xlm-roberta") return "bert";
  if (type == "nomic_bert") {
    const Json period = config.value("moe_every_n_layers", Json());
    return period.is_number_integer() && period > 0 ? std::string_view("nomic-bert-moe") : "nomic-bert";
  }
  if (config.is_object() && is_t5_encoder(config)) return "t5encoder";
  return type == "modernbert" ? "modern-bert" : "";
}

bool is_cross_encoder(const Json& config) {
  const Json names = config.value("architectures", Json()), labels = config.value("id2label", Json());
  const bool classifies = names.is_array() && !names.empty() && names[0].is_string() &&
                          names[0].get_ref<const std::string&>().ends_with("ForSequenceClassification");
  return classifies && labels.is_object() && labels.size() == 1;
}

int64_t unused_positions(const Json& config) {
  const Json type = config.value("model_type", Json());
  if ((type != "roberta" && type != "xlm-roberta") || encoder_architecture(config) != "bert") return 0;
  const Json padding = config.value("pad_token_id", Json(1));
  return padding.is_number_unsigned() && padding <= 64 ? padding.get<int64_t>() + 1 : 2;
}

void read_encoder_config(const Json& config, const std::string& path, Metadata& metadata) {
  if (!config.is_object()) throw Error(Error::Code::model_invalid, "is not a JSON object", path);
  HfFields f(config, path);
  const std::string_view arch = encoder_architecture(config);
  if (arch.empty())
    refuse(f, "model_type", f.text("model_type"),
           "encoders bert, roberta, xlm-roberta, modernbert, nomic_bert, jina_embeddings_v3, and t5, mt5 and umt5");
  Hyperparameters out(metadata, arch);
  if (arch.starts_with("nomic-bert"))
    read_nomic_bert(f, out, metadata);
  else if (arch == "jina-bert-v3")
    read_jina_bert_v3(f, out, metadata);
  else if (arch == "t5encoder")
    read_t5(f, out);
  else if (arch == "modern-bert")
    read_modern_bert(f, out);
  else
    read_bert(f, out, metadata);
  f.throw_faults();
}

}  // namespace loam
