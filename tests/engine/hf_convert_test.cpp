// One model in three forms: its Hugging Face folder, the GGUF file that `loam convert` makes of it, and the one that
// `loam quantize` makes of that.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/thread_pool.h"
#include "engine/engine.h"
#include "engine/planner.h"
#include "file/input_order.h"
#include "file/quantize.h"
#include "model/hf/folder.h"
#include "tests/model/gptq.h"
#include "tests/model/hf_support.h"
#include "tests/model/runner.h"
#include "tokenizer/tokenizer.h"

namespace loam {
namespace {

using Json = nlohmann::json;

constexpr double kMostError = 5e-3;  // of logits: two layers of int8 activations give up to 2.2e-3

void write_as(const GgufFile& file, const std::string& mix, const std::string& out) {
  ThreadPool pool(2);
  const QuantizePlan plan(file, {.mix = find_quant_mix(mix), .widen = true});
  copy_gguf(file, plan.copy(), out, pool, {});
}

class HfConvert : public testing::TestWithParam<const char*> {
 protected:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::vector<float> logits(std::unique_ptr<GgufFile> file, int chunk, const std::string& packed = {}) const {
    return test::Runner(std::move(file), select_kernels(), 2, packed)
        .logits(ids_, chunk, {.k = DType::f32, .v = DType::f32});
  }

  const Json model_ = test::read_tiny(GetParam());
  const std::vector<int32_t> ids_ = model_["ids"].get<std::vector<int32_t>>();
  const test::HfFolder folder_;
};

TEST_P(HfConvert, TheFileHasTheLogitsOfTheFolder) {
  for (const auto& [type, mix] : {std::pair(DType::f32, "F32"), {DType::f16, "F16"}, {DType::bf16, "BF16"}}) {
    test::write_tiny(folder_, GetParam(), model_, type);
    write_as(*open_model(folder_.path()), mix, path("model.gguf"));
    const auto from_folder = logits(open_model(folder_.path()), 7);
    const auto from_file = logits(GgufFile::open(path("model.gguf")), 7);
    ASSERT_EQ(from_folder.size(), from_file.size());
    for (size_t i = 0; i < from_folder.size(); ++i) ASSERT_NEAR(from_folder[i], from_file[i], 1e-6) << mix << " " << i;
  }
}

// Quantising at load gives the very numbers of the quantised file, mapped or read.
TEST_P(HfConvert, QuantisingAtLoadEqualsTheQuantisedFile) {
  for (const DType type : {DType::f32, DType::bf16})
    for (const char* mix : {"Q8_0", "Q4_K_M"}) {
      test::write_tiny(folder_, GetParam(), model_, type);
      write_as(*open_model(folder_.path()), type == DType::f32 ? "F32" : "BF16", path("model.gguf"));
      write_as(*GgufFile::open(path("model.gguf")), mix, path("quantised.gguf"));
      const auto expected = logits(GgufFile::open(path("quantised.gguf")), 7);
      EXPECT_EQ(logits(open_model(folder_.path(), MapMode::mapped, mix), 7), expected) << mix;
      EXPECT_EQ(logits(open_model(folder_.path(), MapMode::read, mix), 7), expected) << mix;
      EXPECT_EQ(logits(open_model(path("model.gguf"), MapMode::mapped, mix), 7), expected) << mix;
      EXPECT_NE(logits(open_model(folder_.path()), 7), expected) << mix;
    }
}

TEST_P(HfConvert, APlanCountsWhatQuantisingAtLoadTakes) {
  test::write_tiny(folder_, GetParam(), model_, DType::bf16);
  const EngineOptions options{.n_threads = 2, .context = 64, .quant = "Q8_0"};
  const auto engine = Engine::load(folder_.path(), options);
  const auto file = open_model(folder_.path(), MapMode::read, options.quant);
  const Planner planner(*file, select_kernels(), options);
  EXPECT_EQ(planner.memory().weights, engine->model().weights().packed_bytes());
  EXPECT_EQ(planner.memory().embeddings, 0u);  // the table is among the weights
  const auto stored = open_model(folder_.path(), MapMode::read);
  const Planner as_it_is(*stored, select_kernels(), {.context = 64});
  EXPECT_LT(planner.memory().weights, as_it_is.memory().weights + as_it_is.memory().embeddings);
}

// ---- weights of few bits ----

class GptqConvert : public HfConvert {
 protected:
  double error(const std::vector<float>& x, const std::vector<float>& reference) const {
    double squares = 0, all = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      squares += std::pow(double{x[i]} - reference[i], 2);
      all += std::pow(double{reference[i]}, 2);
    }
    return squares / all;
  }
};

// Folder and file hold the same integers, in whatever order their inputs stand, and give the logits of the numbers that
// these stand for, as near as products with int8 activations come (those of Q8_0 weights beside F32).
TEST_P(GptqConvert, FolderFileAndPlainNumbersAgree) {
  const test::HfFolder plain;
  for (const test::GptqForm& form : {test::GptqForm{}, {.symmetric = false}, {.bits = 8}, {.act_order = false}}) {
    SCOPED_TRACE(fmt::format("{} bits, symmetric {}, act-order {}", form.bits, form.symmetric, form.act_order));
    test::write_tiny_gptq(folder_, plain, GetParam(), model_, form);
    {
      const auto file = open_model(folder_.path());
      ThreadPool pool(2);
      const QuantizePlan plan(*file, {.mix = find_quant_mix("Q4_0"), .keep = true, .widen = true});
      copy_gguf(*file, plan.copy(), path("model.gguf"), pool, {});
      const DType type = form.bits == 8 ? DType::q8_0 : form.symmetric ? DType::q4_0 : DType::q5_0;
      for (const TensorInfo& tensor : file->tensors()) {
        const bool orders = form.act_order && tensor.shape.cols() > 32;
        if (tensor.name.ends_with("attn_output.weight") || tensor.name.ends_with("ffn_down.weight")) {
          EXPECT_EQ(tensor.dtype, type) << tensor.name;
          EXPECT_EQ(find_input_order(*file, tensor) != nullptr, orders) << tensor.name;
        } else if (tensor.name.ends_with("_exps.weight")) {
          EXPECT_EQ(tensor.dtype, orders ? DType::f32 : type) << tensor.name;
        }
      }
    }
    const auto from_folder = logits(open_model(folder_.path()), static_cast<int>(ids_.size()));
    EXPECT_EQ(logits(open_model(folder_.path(), MapMode::read), 5), from_folder);
    EXPECT_EQ(logits(GgufFile::open(path("model.gguf")), 1), from_folder);
    const auto reference = logits(open_model(plain.path()), 7);
    const double nmse = error(from_folder, reference);
    RecordProperty("nmse", std::to_string(nmse));
    EXPECT_LT(nmse, kMostError);
    EXPECT_GT(nmse, 0);
  }
}

TEST_P(GptqConvert, APlanCountsTheOrders) {
  const test::HfFolder plain;
  test::write_tiny_gptq(folder_, plain, GetParam(), model_, {});
  const EngineOptions options{.n_threads = 2, .context = 64};
  const auto engine = Engine::load(folder_.path(), options);
  const auto file = open_model(folder_.path(), MapMode::read);
  const Planner planner(*file, select_kernels(), options);
  EXPECT_EQ(planner.memory().weights, engine->model().weights().packed_bytes());
}

INSTANTIATE_TEST_SUITE_P(, GptqConvert,
                         testing::Values("llama", "mistral", "mixtral", "qwen2", "qwen2moe", "qwen3", "qwen3moe",
                                         "gemma2", "gemma3", "phi3", "deepseek2"));

// llama has a head of its own, mistral's is the embedding; then experts, latent attention, joined matrices.
INSTANTIATE_TEST_SUITE_P(, HfConvert, testing::Values("llama", "mistral", "qwen3moe", "gemma3", "deepseek2", "phi3"));

// ---- tokenizers ----

std::vector<std::string> tokenizers() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_path("tests/data/tokenizers")))
    names.push_back(entry.path().stem());
  return names;
}

class HfConvertedTokenizer : public testing::TestWithParam<std::string> {};

// The ids are those of the `tokenizers` package (scripts/make_tokenizer_golden.py), from the folder and from the file.
TEST_P(HfConvertedTokenizer, GivesTheIdsOfTheFolder) {
  const Json golden = Json::parse(std::ifstream(test::source_path("tests/data/tokenizers/" + GetParam() + ".json")));
  Json model = test::read_tiny("llama");
  const int64_t n_vocab = 1000, dim = model["config"]["hidden_size"].get<int64_t>();
  model["config"]["vocab_size"] = n_vocab;
  for (const char* table : {"model.embed_tokens.weight", "lm_head.weight"}) model["tensors"][table] = {n_vocab, dim};
  const test::HfFolder folder;
  test::write_tiny(folder, "llama", model, DType::f16);
  folder.write("tokenizer.json", golden["tokenizer"]);
  const std::string out = folder.path() + "/model.gguf";
  const auto from_folder = open_model(folder.path());
  write_as(*from_folder, "F16", out);
  const auto from_file = GgufFile::open(out);
  const auto a = Tokenizer::load(from_folder->metadata()), b = Tokenizer::load(from_file->metadata());
  for (size_t i = 0; i < golden["texts"].size(); ++i) {
    const auto text = golden["texts"][i].get<std::string>();
    const auto expected = golden["ids"][i].get<std::vector<Token>>();
    const EncodeOptions options{.special = true, .add_special = true};
    EXPECT_EQ(a->encode(text, options), expected) << text;
    EXPECT_EQ(b->encode(text, options), expected) << text;
    EXPECT_EQ(a->decode(expected), b->decode(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(, HfConvertedTokenizer, testing::ValuesIn(tokenizers()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace loam
