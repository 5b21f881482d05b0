// A Hugging Face folder of a tiny text encoder: read as the GGUF file that it would become, and what is refused.
#include "model/hf/folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "base/thread_pool.h"
#include "model/encoder.h"
#include "quant/block_format.h"
#include "tests/support/gguf_builder.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kDim = 64, kFfn = 96, kPositions = 16;
const std::vector<std::string> kWords = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "dog", "##s", "happy"};

class EncoderFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "loam_encoder_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("config.json", config());
    write("tokenizer.json", tokenizer());
    write_weights("F32", DType::f32);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Json config() {
    return {{"model_type", "bert"},      {"hidden_size", kDim},
            {"num_hidden_layers", 1},    {"num_attention_heads", 2},
            {"intermediate_size", kFfn}, {"vocab_size", kWords.size()},
            {"hidden_act", "gelu"},      {"max_position_embeddings", kPositions},
            {"type_vocab_size", 2},      {"layer_norm_eps", 1e-12}};
  }
  static Json tokenizer() {
    Json vocabulary = Json::object();
    for (size_t i = 0; i < kWords.size(); ++i) vocabulary[kWords[i]] = i;
    const auto special = [](const char* id) { return Json{{"SpecialToken", {{"id", id}, {"type_id", 0}}}}; };
    return {
        {"added_tokens", {{{"id", 2}, {"content", "[CLS]"}, {"special", true}}}},
        {"normalizer", {{"type", "BertNormalizer"}, {"lowercase", true}}},
        {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
        {"post_processor",
         {{"type", "TemplateProcessing"},
          {"single", {special("[CLS]"), {{"Sequence", {{"id", "A"}}}}, special("[SEP]")}}}},
        {"model",
         {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"continuing_subword_prefix", "##"}, {"vocab", vocabulary}}}};
  }
  void write(const std::string& name, const Json& json) const { std::ofstream(folder_ + "/" + name) << json.dump(); }

  // Every tensor of a layer, with the same random numbers in each type, behind `prefix`; and one of no use.
  void write_weights(const std::string& dtype, DType type, const std::string& prefix = "") const {
    std::mt19937 random(7);
    std::normal_distribution<float> normal(0, 0.2f);
    Json header = Json::object();
    std::string data;
    const auto add = [&](const std::string& name, std::vector<int64_t> shape) {
      int64_t n = 1;
      for (const int64_t dim : shape) n *= dim;
      std::vector<float> values(static_cast<size_t>(n));
      for (float& x : values) x = normal(random);
      const size_t begin = data.size(), bytes = bytes_of(type, n);
      data.resize(begin + bytes);
      find_format(type)->encode(values.data(), n, data.data() + begin);
      header[prefix + name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {begin, begin + bytes}}};
    };
    const auto add_linear = [&](const std::string& name, int64_t rows, int64_t cols) {
      add(name + ".weight", {rows, cols});
      add(name + ".bias", {rows});
    };
    const auto add_norm = [&](const std::string& name) {
      add(name + ".weight", {kDim});
      add(name + ".bias", {kDim});
    };
    add("embeddings.word_embeddings.weight", {static_cast<int64_t>(kWords.size()), kDim});
    add("embeddings.position_embeddings.weight", {kPositions, kDim});
    add("embeddings.token_type_embeddings.weight", {2, kDim});
    add_norm("embeddings.LayerNorm");
    for (const char* name : {"query", "key", "value"})
      add_linear(std::string("encoder.layer.0.attention.self.") + name, kDim, kDim);
    add_linear("encoder.layer.0.attention.output.dense", kDim, kDim);
    add_norm("encoder.layer.0.attention.output.LayerNorm");
    add_linear("encoder.layer.0.intermediate.dense", kFfn, kDim);
    add_linear("encoder.layer.0.output.dense", kDim, kFfn);
    add_norm("encoder.layer.0.output.LayerNorm");
    add_linear("pooler.dense", kDim, kDim);
    const std::string text = header.dump();
    std::ofstream(folder_ + "/model.safetensors", std::ios::binary)
        << test::Bytes().put<uint64_t>(text.size()).raw(text).raw(data).str();
  }

  std::vector<float> embed() const {
    const auto file = open_model(folder_);
    const auto encoder = Encoder::create(Weights(*file, select_kernels()));
    ThreadPool pool(2);
    encoder->weights().load(pool, {});
    Context context{pool, select_kernels()};
    const Batch batch{.tokens = {2, 6, 4, 5, 3, 2, 4, 3},
                      .positions = {0, 1, 2, 3, 4, 0, 1, 2},
                      .spans = {{.first_row = 0, .n_rows = 5}, {.first_row = 5, .n_rows = 3}},
                      .logit_rows = {}};
    const Tensor vectors = encoder->embed(context, batch);
    EXPECT_EQ(vectors.shape, (Shape{2, kDim}));
    return {vectors.f32(), vectors.f32() + vectors.shape.elements()};
  }

  void expect_refused(const std::string& part, Error::Code code = Error::Code::unsupported) const {
    try {
      open_model(folder_);
      ADD_FAILURE() << "accepted; expected a word of " << part;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
    }
  }
  // The same with one file changed.
  void expect_refused_with(const std::string& name, const Json& json, const std::string& part,
                           Error::Code code = Error::Code::unsupported) const {
    write(name, json);
    expect_refused(part, code);
    if (name == "config.json") return write(name, config());
    if (name == "tokenizer.json") return write(name, tokenizer());
    fs::remove(folder_ + "/" + name);
  }

  std::string folder_;
};

TEST_F(EncoderFolder, IsReadInEveryTypeOfNumbers) {
  const std::vector<float> whole = embed();
  for (const auto& [name, type] : {std::pair("F16", DType::f16), {"BF16", DType::bf16}}) {
    write_weights(name, type, "bert.");
    const std::vector<float> half = embed();
    for (size_t i = 0; i < whole.size(); ++i) ASSERT_NEAR(half[i], whole[i], 0.03) << name << " " << i;
    EXPECT_NE(half, whole);
  }
  const auto file = open_model(folder_);
  EXPECT_EQ(file->find("blk.0.attn_q.weight")->dtype, DType::bf16);
  EXPECT_EQ(file->find("pooler.dense.weight"), nullptr);
  EXPECT_EQ(file->metadata().require_integer("tokenizer.ggml.bos_token_id"), 2);
  EXPECT_EQ(file->metadata().require_integer("bert.pooling_type"), 1);
}

TEST_F(EncoderFolder, SentenceTransformersFilesAreHeeded) {
  fs::create_directory(folder_ + "/1_Pooling");
  write("modules.json", {{{"type", "sentence_transformers.models.Transformer"}, {"path", ""}},
                         {{"type", "sentence_transformers.models.Pooling"}, {"path", "1_Pooling"}}});
  write("1_Pooling/config.json", {{"pooling_mode_cls_token", true}, {"pooling_mode_mean_tokens", false}});
  write("sentence_bert_config.json", {{"max_seq_length", 8}});
  const std::vector<float> first = embed();
  EXPECT_EQ(open_model(folder_)->metadata().require_integer("loam.sequence_length"), 8);
  write("1_Pooling/config.json", {{"pooling_mode_mean_tokens", true}});
  EXPECT_NE(embed(), first);
  expect_refused_with("1_Pooling/config.json", {{"pooling_mode_max_tokens", true}}, "pools max");
  expect_refused_with("modules.json", {{{"type", "x.Pooling"}, {"path", "../1_Pooling"}}}, "leads out",
                      Error::Code::model_invalid);
  expect_refused_with("modules.json", {{{"type", "sentence_transformers.models.Dense"}}}, "Dense");
  expect_refused_with("sentence_bert_config.json", {{"max_seq_length", 0}}, "max_seq_length is 0",
                      Error::Code::model_invalid);
}

TEST_F(EncoderFolder, WrongConfigurationsAreRefused) {
  const auto with = [](const char* name, const Json& value) {
    Json json = config();
    json[name] = value;
    return json;
  };
  const auto invalid = Error::Code::model_invalid;
  expect_refused_with("config.json", with("model_type", "t5"), "t5");
  expect_refused_with("config.json", with("hidden_act", "relu"), "hidden_act");
  expect_refused_with("config.json", with("position_embedding_type", "relative_key"), "relative_key");
  expect_refused_with("config.json", with("hidden_size", -1), "hidden_size is -1", invalid);
  expect_refused_with("config.json", with("num_attention_heads", 3), "does not divide", invalid);
  expect_refused_with("config.json", with("layer_norm_eps", "small"), "layer_norm_eps", invalid);
  expect_refused_with("config.json", Json::array(), "not a JSON object", invalid);
  write("config.json", with("hidden_size", 128));
  try {
    embed();
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), invalid);
    EXPECT_NE(error.message().find("128"), std::string::npos) << error.what();
  }
}

TEST_F(EncoderFolder, WrongTokenizersAreRefused) {
  const auto changed = [](const std::function<void(Json&)>& change) {
    Json json = tokenizer();
    change(json);
    return json;
  };
  const auto refuse = [&](const std::function<void(Json&)>& change, const char* part, Error::Code code) {
    expect_refused_with("tokenizer.json", changed(change), part, code);
  };
  const auto invalid = Error::Code::model_invalid, unsupported = Error::Code::unsupported;
  refuse([](Json& t) { t["model"]["type"] = "Neural"; }, "Neural", unsupported);
  refuse([](Json& t) { t["model"]["vocab"]["dog"] = 99; }, "dog", invalid);
  refuse([](Json& t) { t["model"]["vocab"]["dog"] = 6; }, "id of its own", invalid);
  refuse([](Json& t) { t["model"]["vocab"]["dog"] = -4; }, "dog", invalid);
  refuse([](Json& t) { t["model"]["vocab"] = Json::object(); }, "0 tokens", invalid);
  refuse([](Json& t) { t["model"]["unk_token"] = "<unk>"; }, "<unk>", invalid);
  refuse([](Json& t) { t["added_tokens"][0].update({{"content", "[NEW]"}, {"id", 3}}); }, "added_tokens", invalid);
  refuse([](Json& t) { t.erase("model"); }, "has no model", invalid);
  std::ofstream(folder_ + "/tokenizer.json") << std::string(100'000, '[');
  expect_refused("nested", invalid);
  // A word's id is the vocabulary's, as in the tokenizers package.
  write("tokenizer.json", changed([](Json& t) { t["added_tokens"][0]["id"] = 3; }));
  EXPECT_NO_THROW(open_model(folder_));
}

}  // namespace
}  // namespace loam
