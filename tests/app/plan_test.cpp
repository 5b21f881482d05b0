// Plans from Hugging Face's config.json: what a model is, and what it is refused for.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/planner.h"
#include "file/model_facts.h"
#include "model/hf/described_model.h"
#include "tests/app/program.h"
#include "tests/support/gguf_builder.h"

namespace loam::test {
namespace {

using Json = nlohmann::json;

const std::string kQwen3 = data_path("configs/qwen3-30b-a3b.json");

Json qwen3() { return Json::parse(read_file(kQwen3)); }

// A folder of a model that goes away with its test.
class HfFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "loam_hf_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) const { std::ofstream(folder_ + "/" + name) << bytes; }
  std::unique_ptr<GgufFile> describe(const Json& config, std::optional<WeightType> type = std::nullopt) const {
    write("config.json", config.dump());
    return describe_hf_model(folder_, type);
  }
  // Header and no data: what a plan reads of a checkpoint.
  void write_safetensors(const std::string& name, const std::map<std::string, std::vector<int64_t>>& tensors) const {
    Json header{{"__metadata__", {{"format", "pt"}}}};
    for (const auto& [tensor, shape] : tensors)
      header[tensor] = {{"dtype", "BF16"}, {"shape", shape}, {"data_offsets", {0, 0}}};
    const std::string text = header.dump();
    write(name, Bytes().put<uint64_t>(text.size()).raw(text).str());
  }
  // The message of a refusal; "" where the model is accepted.
  std::string refusal(const Json& config) const {
    try {
      describe(config);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::model_invalid) << error.what();
      return error.message();
    }
  }
  void expect_refused(const Json& changes, const std::vector<std::string>& fields) const {
    Json config = qwen3();
    config.update(changes);
    const std::string said = refusal(config);
    for (const std::string& field : fields) EXPECT_NE(said.find(field), std::string::npos) << field << ": " << said;
  }

  std::string folder_;
};

double billions(int64_t n) { return std::round(static_cast<double>(n) / 1e7) / 100; }

TEST(PlanOfQwen3, ParametersAndThoseOfAToken) {
  const auto file = describe_hf_model(kQwen3, std::nullopt);
  EXPECT_EQ(model_facts(*file).parameters, 30'532'122'624);
  const std::pair<int, double> active[] = {{1, 1.77}, {2, 1.99}, {4, 2.45}, {8, 3.35}, {12, 4.26}, {16, 5.16}};
  for (const auto& [k, expected] : active) {
    apply_options(*file, {.experts = k});
    EXPECT_EQ(billions(model_facts(*file).active_parameters), expected) << k;
  }
}

TEST(PlanOfQwen3, CacheAndWeights) {
  const auto file = describe_hf_model(kQwen3, WeightType::q4_k_m);
  const EngineOptions options{.context = 131'072};
  const Planner planner(*file, select_kernels(), options);
  EXPECT_EQ(planner.memory().kv, uint64_t{12} << 30);
  EXPECT_EQ(planner.memory().kv, 131'072ull * 98'304);
  EXPECT_NEAR(model_facts(*file).bits_per_weight, 4.86, 0.02);  // of the Q4_K_M files that people share
}

TEST(PlanOfQwen3, BytesOfATokenInTheCache) {
  const auto file = describe_hf_model(kQwen3, std::nullopt);
  const ModelConfig config = ModelConfig::read(file->metadata());
  EXPECT_EQ(KvCache::bytes_per_token(config, {DType::f16, DType::f16}), 98'304u);
  EXPECT_EQ(KvCache::bytes_per_token(config, {DType::q8_0, DType::q8_0}), 52'224u);
  EXPECT_EQ(KvCache::bytes_per_token(config, {DType::q4_0, DType::q4_0}), 27'648u);
}

TEST(PlanOfQwen3, FewerExpertsReadLessAndAreFaster) {
  const auto file = describe_hf_model(kQwen3, WeightType::q8_0);
  const EngineOptions options{.context = 4096};
  uint64_t bytes = 0;
  double generation = 1e9, prompt = 1e9;
  for (const int k : {1, 2, 4, 8, 16}) {
    apply_options(*file, {.experts = k});
    const Planner planner(*file, select_kernels(), options);
    const SpeedPlan speed = planner.speed({.read_gb_per_s = 30, .int8_gops = 300});
    EXPECT_GT(planner.token_work().bytes, bytes) << k;
    EXPECT_LT(speed.generation.max, generation) << k;
    EXPECT_LT(speed.prompt.max, prompt) << k;
    EXPECT_LT(speed.generation.min, speed.generation.max);
    bytes = planner.token_work().bytes;
    generation = speed.generation.max;
    prompt = speed.prompt.max;
    EXPECT_NEAR(generation * static_cast<double>(bytes), 30e9, 1e3);
  }
}

TEST(PlanOfQwen3, RefusesNumbersOfExpertsThatItDoesNotHave) {
  const auto file = describe_hf_model(kQwen3, std::nullopt);
  for (const int k : {-1, 129}) EXPECT_THROW(apply_options(*file, {.experts = k}), Error) << k;
  for (const char* k : {"0", "129"}) {
    const Outcome outcome = run_loam({"plan", kQwen3, "--experts", k});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find(k), std::string::npos) << outcome.err;
  }
}

TEST_F(HfFolder, AConfigIsRefusedNamingEachFieldThatIsWrong) {
  expect_refused({{"num_experts_per_tok", 0}}, {"num_experts_per_tok is 0", "1 to num_experts, 128"});
  expect_refused({{"num_experts_per_tok", 129}}, {"num_experts_per_tok is 129"});
  expect_refused({{"num_key_value_heads", 5}}, {"num_attention_heads is 32", "num_key_value_heads, 5"});
  expect_refused({{"num_key_value_heads", 5}, {"moe_intermediate_size", -1}, {"hidden_size", "wide"}},
                 {"num_key_value_heads", "moe_intermediate_size is -1", "hidden_size is \"wide\""});
  expect_refused({{"head_dim", nullptr}, {"num_attention_heads", 28}},
                 {"hidden_size is 2048", "num_attention_heads, 28"});
  expect_refused({{"vocab_size", nullptr}}, {"vocab_size is missing"});
  expect_refused({{"hidden_size", 1 << 24}, {"moe_intermediate_size", 1 << 24}}, {"parameters"});
  expect_refused({{"hidden_size", int64_t{1} << 40}}, {"hidden_size"});
  EXPECT_EQ(refusal(qwen3()), "");
}

TEST_F(HfFolder, OtherTextsAreRefused) {
  for (const char* text : {"", "{", "[]", "{\"model_type\": 3}", "{\"model_type\": \"resnet\"}"}) {
    write("config.json", text);
    EXPECT_THROW(describe_hf_model(folder_, std::nullopt), Error) << text;
  }
}

TEST_F(HfFolder, EveryKindOfModelCanBePlanned) {
  const Json common{{"hidden_size", 256},       {"num_hidden_layers", 7},   {"intermediate_size", 512},
                    {"num_attention_heads", 4}, {"num_key_value_heads", 2}, {"max_position_embeddings", 4096},
                    {"vocab_size", 1000},       {"torch_dtype", "bfloat16"}};
  for (const char* type : {"llama", "mistral", "qwen2", "qwen3", "qwen3_moe", "gemma3_text"}) {
    Json config = common;
    config.update(
        {{"model_type", type}, {"num_experts", 8}, {"num_experts_per_tok", 2}, {"moe_intermediate_size", 96}});
    if (std::string(type) == "gemma3_text") config = {{"model_type", "gemma3"}, {"text_config", config}};
    for (const auto weights : {WeightType::bf16, WeightType::q8_0, WeightType::q4_k_m}) {
      const auto file = describe(config, weights);
      const EngineOptions options;
      const MemoryPlan plan = Planner(*file, select_kernels(), options).memory();
      EXPECT_GE(plan.weights, model_facts(*file).tensor_bytes / 2) << type;
      EXPECT_GT(plan.kv, 0u);
    }
  }
}

// The published configuration, and the file that somebody made of the model.
TEST_F(HfFolder, QuantisedSizesAreThoseOfARealFile) {
  const std::string path = model_path("qwen2.5-coder-1.5b");
  LOAM_NEEDS(path);
  const auto real = GgufFile::open(path, MapMode::read);
  const Json config{{"model_type", "qwen2"},       {"hidden_size", 1536},
                    {"num_hidden_layers", 28},     {"intermediate_size", 8960},
                    {"num_attention_heads", 12},   {"num_key_value_heads", 2},
                    {"vocab_size", 151936},        {"max_position_embeddings", 32768},
                    {"tie_word_embeddings", false}};
  const auto described = describe(config, WeightType::q4_k_m);
  EXPECT_EQ(model_facts(*described).parameters, model_facts(*real).parameters);
  EXPECT_EQ(model_facts(*described).tensor_bytes, model_facts(*real).tensor_bytes);
  EXPECT_EQ(model_facts(*described).tensors_by_type, model_facts(*real).tensors_by_type);
}

TEST_F(HfFolder, TensorsBesideTheConfigAreHeldAgainstIt) {
  const std::map<std::string, std::vector<int64_t>> right = {
      {"model.embed_tokens.weight", {151936, 2048}},
      {"model.layers.0.self_attn.q_proj.weight", {4096, 2048}},
      {"model.layers.0.self_attn.k_proj.weight", {512, 2048}},
      {"model.layers.0.self_attn.q_norm.weight", {128}},
      {"model.layers.0.mlp.gate.weight", {128, 2048}},
      {"model.layers.0.mlp.experts.0.gate_proj.weight", {768, 2048}},
      {"model.layers.0.mlp.experts.127.gate_proj.weight", {768, 2048}},
  };
  write_safetensors("model-00001-of-00002.safetensors", right);
  write_safetensors("model-00002-of-00002.safetensors", {{"model.layers.47.mlp.gate.weight", {128, 2048}}});
  EXPECT_EQ(refusal(qwen3()), "");
  expect_refused({{"num_attention_heads", 16}}, {"num_attention_heads is 16, but self_attn.q_proj.weight"});
  expect_refused({{"num_key_value_heads", 8}}, {"num_key_value_heads is 8", "(512, 2048) instead of (1024, 2048)"});
  expect_refused({{"head_dim", 64}}, {"head_dim is 64"});
  expect_refused(
      {{"hidden_size", 1024}, {"num_experts", 64}, {"moe_intermediate_size", 512}, {"num_hidden_layers", 24}},
      {"hidden_size is 1024", "num_experts is 64", "moe_intermediate_size is 512", "num_hidden_layers is 24"});
}

TEST_F(HfFolder, BrokenCheckpointsAreRefused) {
  for (const std::string& bytes :
       {std::string("abc"), Bytes().put<uint64_t>(1u << 30).raw("{}").str(), Bytes().put<uint64_t>(2).raw("[]").str(),
        Bytes().put<uint64_t>(17).raw("{\"a\":{\"shape\":1}}").str()}) {
    write("model.safetensors", bytes);
    EXPECT_NE(refusal(qwen3()), "");
  }
}

TEST_F(HfFolder, AGgufFileBesideTheConfigIsHeldAgainstIt) {
  const std::string path = fixture_path("archs/qwen3moe-moe.gguf");
  LOAM_NEEDS(path);
  std::filesystem::copy_file(path, folder_ + "/model.gguf");
  expect_refused(Json::object(), {"hidden_size is 2048", "num_experts is 128"});
}

TEST_F(HfFolder, TheMachineIsMeasuredOnce) {
  const char* home = getenv("LOAM_HOME");
  const std::string before = home ? home : "";
  setenv("LOAM_HOME", folder_.c_str(), 1);
  write("speed.json", "{ broken");
  const auto plan = [&] { return Json::parse(run_loam({"plan", kQwen3, "--weights", "q8_0", "--json"}).out); };
  const Json first = plan(), second = plan();
  EXPECT_GT(first["read_gb_per_s"].get<double>(), 0);
  EXPECT_GT(first["prompt_tps"]["max"].get<double>(), first["prompt_tps"]["min"].get<double>());
  for (const char* name : {"read_gb_per_s", "int8_gops", "prompt_tps", "generation_tps"})
    EXPECT_EQ(first[name], second[name]) << name;
  EXPECT_EQ(Json::parse(read_file(folder_ + "/speed.json")).size(), 1u);
  home ? setenv("LOAM_HOME", before.c_str(), 1) : unsetenv("LOAM_HOME");
}

TEST_F(HfFolder, TheCommandTakesAFileOrAFolder) {
  write("config.json", qwen3().dump());
  for (const std::string& path : {folder_, folder_ + "/config.json"}) {
    const Outcome outcome = run_loam({"plan", path, "--weights", "q4_k_m", "--ctx", "1024", "--json"});
    const Json json = Json::parse(outcome.out);
    EXPECT_EQ(json["parameters"], 30'532'122'624);
    EXPECT_EQ(json["weight_type"], "Q4_K");
    EXPECT_EQ(outcome.status, json["fits"].get<bool>() ? 0 : 1) << outcome.err;
  }
  EXPECT_EQ(run_loam({"plan", folder_, "--weights", "q17"}).status, 2);
}

}  // namespace
}  // namespace loam::test
