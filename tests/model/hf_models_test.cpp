// Tiny models of Hugging Face folders against the logits that transformers gives (scripts/make_hf_golden.py), in every
// type of numbers; and weights of fewer bits against their definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/thread_pool.h"
#include "file/input_order.h"
#include "model/encoder.h"
#include "model/hf/folder.h"
#include "tests/model/gptq.h"
#include "tests/model/hf_support.h"
#include "tests/model/runner.h"

namespace loam {
namespace {

using Json = nlohmann::json;
using test::HfFolder;
using test::SafetensorsWriter;

constexpr float kMostDifference = 1e-4f;

bool runs(const Json& model) {
  const HfFolder folder;
  test::write_tiny(folder, "", model, DType::f32);
  const auto known = Model::architectures();
  const auto file = open_model(folder.path());
  return std::ranges::find(known, file->metadata().require_string("general.architecture")) != known.end();
}

float difference(const std::vector<float>& logits, const Json& rows) {
  size_t at = logits.size();
  for (const Json& row : rows) at -= row.size();
  float most = 0;
  for (const Json& row : rows)
    for (const Json& value : row) most = std::max(most, std::abs(logits[at++] - value.get<float>()));
  return most;
}

class HfModel : public testing::TestWithParam<const char*> {};

TEST_P(HfModel, HasTheLogitsOfTransformers) {
  const std::string name = GetParam();
  const Json model = test::read_tiny(name);
  if (!runs(model)) GTEST_SKIP() << "loam does not run this architecture";
  const auto ids = model["ids"].get<std::vector<int32_t>>();
  for (const DType type : {DType::f32, DType::f16, DType::bf16}) {
    const HfFolder folder;
    test::write_tiny(folder, name, model, type);
    test::Runner runner(open_model(folder.path()), select_kernels(), 2);
    const KvOptions whole{.k = DType::f32, .v = DType::f32};
    EXPECT_LE(difference(runner.logits(ids, static_cast<int>(ids.size()), whole), model["rows"]), kMostDifference)
        << loam::name(type);
    EXPECT_LE(difference(runner.logits(ids, 5, whole), model["rows"]), kMostDifference) << loam::name(type);
  }
}

INSTANTIATE_TEST_SUITE_P(, HfModel,
                         testing::Values("llama", "mistral", "mixtral", "qwen2", "qwen2moe", "qwen3", "qwen3moe",
                                         "gemma2", "gemma3", "phi3", "deepseek2", "deepseek3"));

// A folder with such a model and XLM-RoBERTa's tokenizer.
void write_encoder(const HfFolder& folder, const std::string& name, const Json& model, DType type) {
  test::write_tiny(folder, name, model, type);
  folder.write("tokenizer.json",
               Json::parse(std::ifstream(test::source_path("tests/data/tokenizers/xlm_roberta.json")))["tokenizer"]);
}

// llama.cpp reads no whole numbers of 64 bits where a GGUF file has 32.
TEST_P(HfModel, HasWholeNumbersOf32Bits) {
  const HfFolder folder;
  test::write_tiny(folder, GetParam(), test::read_tiny(GetParam()), DType::f32);
  const auto file = open_model(folder.path());
  for (const auto& [key, value] : std::as_const(*file).metadata().entries())
    EXPECT_NE(value.type, MetaType::i64) << key;
}

class HfEncoder : public testing::TestWithParam<const char*> {};

TEST_P(HfEncoder, HasTheVectorOfTransformers) {
  const Json model = test::read_tiny(GetParam());
  const auto ids = model["ids"].get<std::vector<int32_t>>();
  for (const DType type : {DType::f32, DType::bf16}) {
    const HfFolder folder;
    write_encoder(folder, GetParam(), model, type);
    const auto file = open_model(folder.path());
    const auto encoder = Encoder::create(Weights(*file, select_kernels()));
    ThreadPool pool(2);
    encoder->weights().load(pool, {});
    Context context{pool, select_kernels()};
    Batch batch{.tokens = ids,
                .positions = {},
                .spans = {{.first_row = 0, .n_rows = static_cast<int>(ids.size())}},
                .logit_rows = {}};
    for (int i = 0; i < static_cast<int>(ids.size()); ++i) batch.positions.push_back(i);
    const Tensor vector = encoder->embed(context, batch);
    double dot = 0, own = 0, other = 0;
    for (int64_t i = 0; i < vector.shape.cols(); ++i) {
      const double x = vector.f32()[i], y = model["rows"][0][static_cast<size_t>(i)].get<double>();
      dot += x * y;
      own += x * x;
      other += y * y;
    }
    EXPECT_GE(dot / std::sqrt(own * other), 0.99999) << loam::name(type);
    RecordProperty(std::string("cosine_") + std::string(loam::name(type)),
                   std::to_string(dot / std::sqrt(own * other)));
  }
}

INSTANTIATE_TEST_SUITE_P(, HfEncoder,
                         testing::Values("xlm_roberta", "modernbert", "nomic_bert", "nomic_moe", "jina_v3"));

TEST(HfEncoders, XlmRobertasPositionsBeginBehindThatOfThePadding) {
  const HfFolder folder;
  write_encoder(folder, "xlm_roberta", test::read_tiny("xlm_roberta"), DType::f32);
  EXPECT_EQ(open_model(folder.path())->metadata().require_integer("bert.context_length"), 254);
}

TEST(HfEncoders, WhatLoamHasNoCodeForIsRefusedByName) {
  const auto expect_refused = [](const char* name, const char* field, const Json& value) {
    const HfFolder folder;
    Json model = test::read_tiny(name);
    model["config"][field] = value;
    write_encoder(folder, name, model, DType::f32);
    try {
      open_model(folder.path());
      ADD_FAILURE() << field << " was accepted";
    } catch (const Error& error) {
      EXPECT_NE(error.message().find(field), std::string::npos) << error.what();
    }
  };
  expect_refused("xlm_roberta", "hidden_act", "relu");
  expect_refused("xlm_roberta", "layer_norm_eps", -1);
  expect_refused("modernbert", "hidden_activation", "tanh");
  expect_refused("modernbert", "classifier_pooling", "max");
  expect_refused("modernbert", "local_attention", 0);
  expect_refused("nomic_bert", "prenorm", true);
  expect_refused("nomic_moe", "moe_normalize_expert_weights", true);
  expect_refused("nomic_moe", "moe_top_k", 5);
  expect_refused("nomic_moe", "num_experts", 0);
  expect_refused("nomic_moe", "activation_function", "swiglu");
  expect_refused("jina_v3", "hidden_act", "relu");
  expect_refused("nomic_bert", "vocab_size", "many");
}

// Jina's models come with code of their own: their folders against GGUF files of the same weights, whose references
// are llama.cpp's (encoders_test.cpp).
TEST(HfEncoders, JinasTensorsHaveTheirPlaces) {
  const HfFolder folder;
  Json model = test::read_tiny("xlm_roberta");
  model["config"].update(
      {{"model_type", "bert"}, {"position_embedding_type", "alibi"}, {"feed_forward_type", "geglu"}});
  Json tensors = Json::object();
  for (const auto& [name, shape] : model["tensors"].items())
    if (name.find("position_embeddings") == name.npos && name.find("intermediate") == name.npos) tensors[name] = shape;
  for (const std::string layer : {"encoder.layer.0.", "encoder.layer.1."}) {
    tensors[layer + "mlp.up_gated_layer.weight"] = {192, 64};
    tensors[layer + "layer_norm_1.weight"] = tensors[layer + "layer_norm_1.bias"] = Json::array({64});
  }
  model["tensors"] = tensors;
  write_encoder(folder, "jina", model, DType::f32);
  const auto file = open_model(folder.path());
  EXPECT_EQ(file->metadata().require_string("general.architecture"), "jina-bert-v2");
  const auto both = test::named_values("encoder.layer.1.mlp.up_gated_layer.weight", {192, 64}, false);
  for (const auto& [name, first] : {std::pair("blk.1.ffn_up.weight", 0), std::pair("blk.1.ffn_gate.weight", 96 * 64)}) {
    const TensorInfo* tensor = file->find(name);
    ASSERT_NE(tensor, nullptr) << name;
    EXPECT_EQ(tensor->shape, (Shape{96, 64}));
    std::vector<std::byte> scratch;
    const auto bytes = file->bytes(*tensor, 0, tensor->bytes, scratch);
    EXPECT_EQ(std::memcmp(bytes.data(), &both[static_cast<size_t>(first)], bytes.size()), 0) << name;
  }
  EXPECT_NE(file->find("blk.1.attn_norm_2.bias"), nullptr);
  EXPECT_EQ(Encoder::create(Weights(*file, select_kernels()))->config().arch, "jina-bert-v2");
}

// ---- weights of fewer bits ----

constexpr int64_t kIn = 64, kOut = 32, kGroup = 32;

// One matrix of a model, in a folder whose configuration has `quantization`.
class OneMatrix {
 public:
  explicit OneMatrix(const Json& quantization) {
    folder_.write("config.json", {{"model_type", "qwen3"},
                                  {"hidden_size", kIn},
                                  {"num_attention_heads", 1},
                                  {"head_dim", 32},
                                  {"num_hidden_layers", 1},
                                  {"vocab_size", 8},
                                  {"max_position_embeddings", 64},
                                  {"intermediate_size", kOut},
                                  {"quantization_config", quantization}});
  }
  SafetensorsWriter& writer() { return writer_; }
  std::unique_ptr<GgufFile> open() const {
    writer_.save(folder_.path() + "/model.safetensors");
    return open_model(folder_.path());
  }
  std::vector<float> values(DType expected) const {
    const auto file = open();
    const TensorInfo* tensor = file->find("blk.0.ffn_gate.weight");
    EXPECT_NE(tensor, nullptr);
    EXPECT_EQ(tensor->dtype, expected);
    EXPECT_EQ(tensor->shape, (Shape{kOut, kIn}));
    std::vector<float> out(static_cast<size_t>(kOut * kIn));
    std::vector<std::byte> scratch;
    const auto bytes = file->bytes(*tensor, 0, tensor->bytes, scratch);
    find_format(tensor->dtype)->decode(bytes.data(), kOut * kIn, out.data());
    std::vector<std::byte> piece;  // any window is a part of the whole
    const auto part = file->bytes(*tensor, 7, tensor->bytes - 20, piece);
    EXPECT_TRUE(std::ranges::equal(part, bytes.subspan(7, tensor->bytes - 20)));
    return out;
  }
  std::vector<int32_t> input_order() const {
    const auto file = open();
    const TensorInfo* order = find_input_order(*file, *file->find("blk.0.ffn_gate.weight"));
    return order ? read_input_order(*file, *order) : std::vector<int32_t>();
  }
  void expect_refused(const std::string& part) const {
    try {
      open();
      ADD_FAILURE() << "accepted; expected a word of " << part;
    } catch (const Error& error) {
      EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
    }
  }
  static constexpr const char* kModule = "model.layers.0.mlp.gate_proj";
  static std::string name(const char* parameter) { return std::string(kModule) + "." + parameter; }

 private:
  HfFolder folder_;
  mutable SafetensorsWriter writer_;
};

test::GroupedIntegers integers_of(int bits, bool symmetric) { return {"", kIn, kOut, kGroup, bits, symmetric}; }

Json gptq(int bits) { return {{"quant_method", "gptq"}, {"bits", bits}, {"group_size", kGroup}, {"desc_act", true}}; }

TEST(HfQuantized, GptqIsRepackedWithoutLoss) {
  for (const auto& [bits, symmetric, type] : {std::tuple(4, true, DType::q4_0), std::tuple(4, false, DType::q5_0),
                                              std::tuple(8, true, DType::q8_0), std::tuple(8, false, DType::f32)}) {
    const auto integers = integers_of(bits, symmetric);
    OneMatrix matrix(gptq(bits));
    integers.write_gptq(matrix.writer(), OneMatrix::kModule);
    EXPECT_EQ(matrix.values(type), integers.values()) << bits << symmetric;
  }
}

// The columns of each group side by side, in the order that a tensor beside them tells.
TEST(HfQuantized, ActOrderSortsTheInputs) {
  for (const auto& [bits, symmetric, type] :
       {std::tuple(4, true, DType::q4_0), std::tuple(4, false, DType::q5_0), std::tuple(8, true, DType::q8_0)}) {
    auto integers = integers_of(bits, symmetric);
    integers.mix_groups("");
    ASSERT_FALSE(std::ranges::is_sorted(integers.groups));
    OneMatrix matrix(gptq(bits));
    integers.write_gptq(matrix.writer(), OneMatrix::kModule);
    const std::vector<float> values = matrix.values(type);
    const auto order = matrix.input_order();
    ASSERT_EQ(order.size(), static_cast<size_t>(kIn));
    for (size_t k = 0; k < order.size(); ++k) {
      ASSERT_EQ(integers.groups[static_cast<size_t>(order[k])], static_cast<int32_t>(k) / kGroup);
      if (k % kGroup > 0) {
        ASSERT_LT(order[k - 1], order[k]);
      }
      for (int64_t out = 0; out < kOut; ++out)
        ASSERT_EQ(values[static_cast<size_t>(out * kIn) + k], integers.value(out, order[k])) << out << " " << k;
    }
  }
}

TEST(HfQuantized, GroupsThatFillNoBlocksBecomeF32) {
  auto integers = integers_of(4, true);
  for (size_t i = 0; i < integers.groups.size(); ++i) integers.groups[i] = static_cast<int32_t>(i * 5 % 7 % 2);
  OneMatrix matrix(gptq(4));
  integers.write_gptq(matrix.writer(), OneMatrix::kModule);
  EXPECT_EQ(matrix.values(DType::f32), integers.values());
  EXPECT_TRUE(matrix.input_order().empty());
}

TEST(HfQuantized, AwqIsRepackedWithoutLoss) {
  for (const bool symmetric : {true, false}) {
    const auto integers = integers_of(4, symmetric);
    OneMatrix matrix({{"quant_method", "awq"}, {"bits", 4}, {"group_size", kGroup}, {"version", "gemm"}});
    integers.write_awq(matrix.writer(), OneMatrix::kModule);
    EXPECT_EQ(matrix.values(symmetric ? DType::q4_0 : DType::q5_0), integers.values());
  }
}

TEST(HfQuantized, EightBitFloatsHaveTheirScales) {
  std::string bytes;
  for (const int value : test::named_bytes("fp8", kIn * kOut)) bytes += static_cast<char>(value & 0x7F ? value : 0);
  for (char& byte : bytes)
    if ((byte & 0x7F) == 0x7F) byte = 0x38;  // no numbers; 1 instead
  OneMatrix matrix({{"quant_method", "fp8"}, {"weight_block_size", {16, 32}}});
  matrix.writer().add(OneMatrix::name("weight"), "F8_E4M3", {kOut, kIn}, bytes);
  matrix.writer().add(OneMatrix::name("weight_scale_inv"), DType::f32, {2, 2}, {0.5f, 0.25f, 2, 1});
  const std::vector<float> values = matrix.values(DType::f16);
  for (int64_t i = 0; i < kIn * kOut; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
    const int exponent = byte >> 3 & 15, mantissa = byte & 7;
    const double magnitude = exponent == 0 ? mantissa / 512.0 : std::ldexp(1 + mantissa / 8.0, exponent - 7);
    const float scale = std::array{0.5f, 0.25f, 2.0f, 1.0f}[static_cast<size_t>(i / kIn / 16 * 2 + i % kIn / 32)];
    const auto expected = static_cast<float>((byte & 0x80 ? -magnitude : magnitude) * scale);
    ASSERT_EQ(values[static_cast<size_t>(i)], expected) << i;
  }
}

TEST(HfQuantized, WhatDoesNotFitIsRefused) {
  const auto integers = integers_of(4, true);
  {
    OneMatrix matrix(gptq(3));
    integers.write_gptq(matrix.writer(), OneMatrix::kModule);
    matrix.expect_refused("integers of 3 bits");
  }
  {
    OneMatrix matrix({{"quant_method", "bitsandbytes"}, {"bits", 4}});
    matrix.expect_refused("bitsandbytes");
  }
  {
    auto wrong = integers;
    wrong.groups[3] = 2;
    OneMatrix matrix(gptq(4));
    wrong.write_gptq(matrix.writer(), OneMatrix::kModule);
    matrix.expect_refused("g_idx names group 2 of 2");
  }
  {
    OneMatrix matrix(gptq(4));
    matrix.writer().add(OneMatrix::name("qweight"), "I32", {8, kOut}, std::string(8 * kOut * 4, '\0'));
    matrix.expect_refused("has no scales");
  }
}

}  // namespace
}  // namespace loam
